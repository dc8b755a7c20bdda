import { existsSync } from 'node:fs';
import path from 'node:path';
import { workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';

/** The whole path of a file that an agent names as it sees it: from a folder of the window. */
export function fileOfWorkspace(file: string): string {
  if (path.isAbsolute(file)) return path.normalize(file);
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (folders.length === 0)
    throw new UserError('InvalidArgument', `No folder is open in which ${file} could be.`, 'Name the whole path of the file.');
  const found = folders.map(({ uri }) => path.join(uri.fsPath, file));
  return found.find((each) => existsSync(each)) ?? found[0]!;
}
