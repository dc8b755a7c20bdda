import { homedir } from 'node:os';
import { Uri, window, workspace } from 'vscode';
import { cancelled } from './arguments.ts';

/** Asks where to save a file of this name (or path, of which the last part counts). Offers the folder that is open, else the person's own. */
export async function saveTarget(name: string, filters?: Record<string, string[]>): Promise<Uri> {
  const folder = workspace.workspaceFolders?.[0]?.uri ?? Uri.file(homedir());
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(folder, name.split(/[\\/]/).pop()!),
    ...(filters ? { filters } : {}),
  });
  return target ?? cancelled();
}
