import { env } from 'vscode';
import { aside } from '../../base/aside.ts';
import type { Command } from './command.ts';
import { offer } from './remedy.ts';

/** What points the `mlflow` client of a terminal or notebook at this workspace. */
export const planeCopyEnvironment: Command = {
  id: 'updraft.plane.copyEnvironment',
  async run(app) {
    await app.plane.client();
    const { url, token } = app.plane.connection!;
    await env.clipboard.writeText(`export MLFLOW_TRACKING_URI=${url}\nexport MLFLOW_TRACKING_TOKEN=${token}\n`);
    const text = 'Copied. Paste it into a terminal, and mlflow logs to this workspace. It holds the access token: keep it to yourself.';
    aside('message', offer('information', text, { label: 'New Terminal', command: 'workbench.action.terminal.new' }), app.log);
  },
};
