import { FileType, Uri, window, workspace } from 'vscode';
import { RemediedError, remedies } from './remedy.ts';

/** The folder for a new file: the clicked one, that of the clicked or the active file, else the workspace's first. */
export async function folderFor(argument: unknown): Promise<Uri> {
  const given = argument instanceof Uri ? argument : undefined;
  if (given) return (await workspace.fs.stat(given)).type === FileType.Directory ? given : Uri.joinPath(given, '..');
  const active = window.activeTextEditor?.document.uri;
  if (active?.scheme === 'file' && workspace.getWorkspaceFolder(active)) return Uri.joinPath(active, '..');
  const folder = workspace.workspaceFolders?.[0]?.uri;
  if (!folder)
    throw new RemediedError('NotFound', 'No folder is open that a new file could go to.', 'Open a folder first.', remedies.openFolder);
  return folder;
}

/** Says what is wrong with the name of a new file; `/` leads into folders. */
export async function checkFileName(folder: Uri, name: string): Promise<string | undefined> {
  if (!/\.ya?ml$/i.test(name)) return 'The name ends with ".yml".';
  if (name.startsWith('/') || name.split(/[\\/]/).some((part) => part === '..' || part === ''))
    return 'The file lies in this folder or below it.';
  return (await exists(Uri.joinPath(folder, name))) ? 'There is a file of this name already.' : undefined;
}

/** A name that is free in a folder: `job.yml`, else `job_2.yml`. */
export async function freeFileName(folder: Uri, base: string): Promise<string> {
  for (let count = 1; ; count++) {
    const name = `${base}${count === 1 ? '' : `_${count}`}.yml`;
    if (!(await exists(Uri.joinPath(folder, name)))) return name;
  }
}

/** Writes a new file and opens it. */
export async function writeAndOpen(file: Uri, text: string): Promise<void> {
  await workspace.fs.writeFile(file, Buffer.from(text));
  await window.showTextDocument(file);
}

const exists = (uri: Uri): Promise<boolean> =>
  Promise.resolve(workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
