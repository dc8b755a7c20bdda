import path from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { cancelled } from './arguments.ts';
import type { Command } from './command.ts';
import { achieved } from './walkthrough.ts';

/** Copies the digits example into a folder of the user's choice and opens it. */
export const exampleOpen: Command = {
  id: 'updraft.example.open',
  async run(app) {
    const chosen = await window.showOpenDialog({
      title: 'Where to put the example',
      openLabel: 'Put it here',
      canSelectFiles: false,
      canSelectFolders: true,
    });
    if (!chosen?.[0]) cancelled();
    const target = Uri.joinPath(chosen[0], 'digits');
    const source = Uri.file(path.join(app.extensionFolder, 'examples', 'digits'));
    try {
      await workspace.fs.copy(source, target, { overwrite: false });
    } catch (error) {
      const exists = await workspace.fs.stat(target).then(
        () => true,
        () => false,
      );
      if (!exists) throw error;
      throw new UserError('Conflict', `There is a folder ${target.fsPath} already.`, 'Choose another place, or open that folder.');
    }
    await achieved('hasOpenedExample');
    await commands.executeCommand('vscode.openFolder', target, { forceReuseWindow: false });
  },
};
