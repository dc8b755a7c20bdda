import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { formatBytes } from '../base/text.ts';
import { UserError } from '../base/userError.ts';

/** Largest snapshot in bytes: Azure ML's own limit for a code folder. */
const snapshotLimit = 300_000_000;
/** Never part of a snapshot, whatever the ignore files say. */
const always = ['.git', '.ipynb_checkpoints', '__pycache__', 'node_modules/.cache', '.updraft'];

export interface SnapshotFile {
  /** Relative to the snapshot's root, with `/`. */
  path: string;
  file: string;
  size: number;
}

export interface Snapshot {
  /** Azure's content hash (version 202208) of names, sizes and contents. */
  hash: string;
  files: SnapshotFile[];
  size: number;
}

/** The files of a code folder, less what `.amlignore` (else `.gitignore`) leaves out, plus `includes`. Throws `SnapshotTooLarge` with the biggest files. */
export async function takeSnapshot(folder: string, includes: string[] = []): Promise<Snapshot> {
  const files: SnapshotFile[] = [];
  const root = await realpath(folder);
  if ((await stat(root)).isFile()) files.push({ path: path.basename(root), file: root, size: (await stat(root)).size });
  else await collect(root, root, '', [], files);
  for (const include of includes) {
    const target = await realpath(include).catch(() => {
      throw new UserError('MissingFile', `"${include}" of additional_includes does not exist.`, 'Paths are relative to the YAML file.');
    });
    const name = path.basename(include);
    if ((await stat(target)).isFile()) files.push({ path: name, file: target, size: (await stat(target)).size });
    else await collect(target, target, `${name}/`, [], files);
  }
  const size = files.reduce((sum, each) => sum + each.size, 0);
  if (size > snapshotLimit) {
    const biggest = [...files]
      .sort((a, b) => b.size - a.size)
      .slice(0, 8)
      .map((each) => `  ${formatBytes(each.size).padStart(8)}  ${each.path}`);
    throw new UserError(
      'SnapshotTooLarge',
      `The code folder ${folder} has ${formatBytes(size)}; a snapshot may have ${formatBytes(snapshotLimit)}. The biggest files:\n${biggest.join('\n')}`,
      'Leave data out with a .amlignore file (same rules as .gitignore).',
    );
  }
  files.sort((a, b) => (a.path.toLowerCase() < b.path.toLowerCase() ? -1 : 1));
  return { hash: await hashOf(files), files, size };
}

interface Rules {
  /** Prefix of the folder whose file it is, relative to the root. */
  at: string;
  matcher: Ignore;
}

async function collect(root: string, folder: string, prefix: string, outer: Rules[], files: SnapshotFile[], relative = ''): Promise<void> {
  const rules = [...outer];
  const own = await readRules(folder);
  if (own) rules.push({ at: relative, matcher: own });
  for (const name of (await readdir(folder)).sort()) {
    if (always.includes(name)) continue;
    const file = path.join(folder, name);
    let stats = await lstat(file);
    if (stats.isSymbolicLink()) {
      // A link that leads out of the folder would take along what nobody meant to send.
      const target = await realpath(file).catch(() => undefined);
      if (!target?.startsWith(root + path.sep)) continue;
      stats = await stat(target);
      if (stats.isDirectory()) continue;
    }
    const inside = relative + name;
    const asked = stats.isDirectory() ? `${inside}/` : inside;
    if (isIgnored(rules, asked)) continue;
    if (stats.isDirectory()) await collect(root, file, prefix, rules, files, `${inside}/`);
    else if (stats.isFile()) files.push({ path: prefix + inside, file, size: stats.size });
  }
}

/** The innermost file that says something about a path decides, as in git. */
function isIgnored(rules: Rules[], asked: string): boolean {
  for (const { at, matcher } of [...rules].reverse()) {
    const verdict = matcher.test(asked.slice(at.length));
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

async function readRules(folder: string): Promise<Ignore | undefined> {
  for (const name of ['.amlignore', '.gitignore']) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return ignore().add(text);
  }
  return undefined;
}

/** sha256(count, then per file `#path#size`, then the contents): how azure-ai-ml addresses code, so that both find each other's. */
async function hashOf(files: SnapshotFile[]): Promise<string> {
  const hash = createHash('sha256').update(String(files.length));
  for (const { path: name, size } of files) hash.update(`#${name}#${size}`);
  for (const { file } of files) for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
