import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { UserError } from '../base/userError.ts';
import { biggestCount, type SnapshotSize } from '../spec/snapshotSize.ts';

/** Never part of a snapshot, whatever the ignore files say. */
const always = ['.git', '.ipynb_checkpoints', '__pycache__', 'node_modules/.cache', '.updraft'];
/** Milliseconds of reading before others get a turn. */
const sliceMs = 8;

export interface SnapshotFile {
  /** Relative to the snapshot's root, with `/`. */
  path: string;
  file: string;
  /** Bytes. */
  size: number;
}

/**
 * The files of a code folder, less what `.amlignore` (else `.gitignore`) leaves out, plus `includes`, one at a time: who goes through them decides when
 * others get a turn. Links are followed, also out of the folder, as azure-ai-ml follows them; one that leads back to a folder around it ends there.
 * Throws `MissingFile` for an include that is not there, and what the disk says about the folder itself.
 */
export function* snapshotFiles(folder: string | undefined, includes: readonly string[] = []): Generator<SnapshotFile> {
  if (folder !== undefined) {
    const root = realpathSync(folder);
    const stats = statSync(root);
    if (stats.isFile()) yield { path: path.basename(root), file: root, size: stats.size };
    else yield* below(root, [root], '', []);
  }
  for (const include of includes) {
    const name = path.basename(include);
    let target: string;
    try {
      // An archive that is to be made counts as the folder that goes into it.
      target = realpathSync(folderToZip(include) ?? include);
    } catch {
      throw new UserError('MissingFile', `"${include}" of additional_includes does not exist.`, 'Paths are relative to the YAML file.');
    }
    const found = statSync(target);
    if (found.isFile()) yield { path: name, file: target, size: found.size };
    else yield* below(target, [target], `${name}/`, []);
  }
}

/** The folder that an entry `NAME.zip` of `additional_includes` asks to be packed: where there is no such file, but the folder NAME. Undefined for any other entry. */
export function folderToZip(include: string): string | undefined {
  if (!include.endsWith('.zip') || existsSync(include)) return undefined;
  const folder = include.slice(0, -'.zip'.length);
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}

/** What the files come to. Throws as they do. */
export function snapshotSize(files: Iterable<SnapshotFile>): SnapshotSize {
  const sum = new Sum();
  for (const each of files) sum.add(each);
  return sum;
}

/** Like `snapshotSize`, in slices. */
export async function snapshotSizeInSlices(files: Iterable<SnapshotFile>): Promise<SnapshotSize> {
  const sum = new Sum();
  for await (const each of inSlices(files)) sum.add(each);
  return sum;
}

/** The same items; others get a turn every few milliseconds. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let started = performance.now();
  for (const each of items) {
    yield each;
    if (performance.now() - started < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    started = performance.now();
  }
}

class Sum implements SnapshotSize {
  size = 0;
  biggest: { path: string; size: number }[] = [];

  add({ path: name, size }: SnapshotFile): void {
    this.size += size;
    if (this.biggest.length === biggestCount && size <= this.biggest.at(-1)!.size) return;
    this.biggest = [...this.biggest, { path: name, size }].sort((a, b) => b.size - a.size).slice(0, biggestCount);
  }
}

interface Rules {
  /** Prefix of the folder whose file it is, relative to the root. */
  at: string;
  matcher: Ignore;
}

/** `around`: the true places of the folder and of those around it. */
function* below(folder: string, around: string[], prefix: string, outer: Rules[], relative = ''): Generator<SnapshotFile> {
  const rules = [...outer];
  const own = readRules(folder);
  if (own) rules.push({ at: relative, matcher: own });
  for (const name of readdirSync(folder).sort()) {
    if (always.includes(name)) continue;
    const file = path.join(folder, name);
    const isLink = lstatSync(file).isSymbolicLink();
    const stats = statSync(file, { throwIfNoEntry: false });
    // A link to nothing.
    if (!stats) continue;
    const inside = relative + name;
    const asked = stats.isDirectory() ? `${inside}/` : inside;
    if (isIgnored(rules, asked)) continue;
    if (stats.isDirectory()) {
      const place = isLink ? realpathSync(file) : path.join(around.at(-1)!, name);
      if (!around.includes(place)) yield* below(file, [...around, place], prefix, rules, `${inside}/`);
    } else if (stats.isFile()) yield { path: prefix + inside, file, size: stats.size };
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

function readRules(folder: string): Ignore | undefined {
  for (const name of ['.amlignore', '.gitignore'])
    try {
      return ignore().add(readFileSync(path.join(folder, name), 'utf8'));
    } catch {
      // There is none.
    }
  return undefined;
}
