import { window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { cancelled } from './arguments.ts';
import type { Command } from './command.ts';

/** Asks for the person's access token of the Hugging Face Hub, which some models need. */
export const hubSetToken: Command = {
  id: 'updraft.hub.setToken',
  async run({ hubToken, log }) {
    const token = await window.showInputBox({
      title: 'Access token of the Hugging Face Hub',
      prompt: 'Kept in the editor’s store of secrets, and sent to the hub alone. Empty removes it.',
      password: true,
      ignoreFocusOut: true,
    });
    await hubToken.write((token ?? cancelled()).trim());
    aside(
      'message',
      window.showInformationMessage(token?.trim() ? 'The access token is kept. Try again.' : 'The access token is gone.'),
      log,
    );
  },
};
