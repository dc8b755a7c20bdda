import path from 'node:path';
import { commands, ProgressLocation, Uri, window, workspace } from 'vscode';
import { aside } from '../../base/aside.ts';
import { plural } from '../../base/text.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';

/** Asks where to save, saves into a new folder there, and offers to show it. `save` answers the number of files. */
export async function saveInto(
  { log }: Pick<App, 'log'>,
  name: string,
  save: (folder: string, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const start = workspace.workspaceFolders?.[0]?.uri;
  const chosen = await window.showOpenDialog({
    title: `Where to save ${name}`,
    openLabel: 'Save here',
    canSelectFiles: false,
    canSelectFolders: true,
    ...(start ? { defaultUri: start } : {}),
  });
  if (!chosen?.[0]) cancelled();
  const folder = path.join(chosen[0].fsPath, name.replace(/[\\/:*?"<>|]+/g, '_'));
  const count = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Downloading ${name}…`, cancellable: true },
    (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return save(folder, abort.signal);
    },
  );
  if (count === 0) {
    aside('message', window.showInformationMessage(`${name} has nothing to download.`), log);
    return;
  }
  if (await window.showInformationMessage(`Saved ${plural(count, 'file')} to ${folder}.`, 'Show'))
    await commands.executeCommand('revealFileInOS', Uri.file(folder));
}
