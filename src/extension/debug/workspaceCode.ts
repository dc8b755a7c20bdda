import path from 'node:path';
import { RelativePattern, Uri, workspace } from 'vscode';

/** The most files of a job's code that are compared. */
const most = 2000;

/**
 * The folder of the workspace that has the same Python files as a job's code in `codeFolder`; undefined when none has all of them. `program` is one of those files, by which
 * folders are looked for.
 */
export async function workspaceCode(codeFolder: string, program: string | undefined): Promise<string | undefined> {
  const files = await workspace.findFiles(new RelativePattern(Uri.file(codeFolder), '**/*.py'), null, most + 1);
  const names = files.map(({ fsPath }) => path.relative(codeFolder, fsPath));
  const given = program === undefined ? undefined : path.relative(codeFolder, program);
  const known = given !== undefined && names.includes(given) ? given : names[0];
  if (known === undefined || names.length > most) return undefined;
  const glob = known.split(path.sep).map(escapeGlob).join('/');
  const found = await workspace.findFiles(`**/${glob}`, '**/{node_modules,.git,.venv}/**', 50);
  for (const { scheme, fsPath } of found) {
    const root = fsPath.slice(0, -known.length - 1);
    if (scheme === 'file' && path.join(root, known) === fsPath && root !== codeFolder && (await areSame(root, codeFolder, names)))
      return root;
  }
  return undefined;
}

async function areSame(one: string, other: string, names: string[]): Promise<boolean> {
  for (const name of names) {
    const [ours, theirs] = await Promise.all([one, other].map((folder) => contentOf(path.join(folder, name))));
    if (!ours || !theirs || !ours.equals(theirs)) return false;
  }
  return true;
}

const contentOf = async (file: string): Promise<Buffer | undefined> => {
  try {
    return Buffer.from(await workspace.fs.readFile(Uri.file(file)));
  } catch {
    return undefined;
  }
};

const escapeGlob = (part: string) => part.replace(/[[\]{}?*]/g, '[$&]');
