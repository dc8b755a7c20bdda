import { env, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import type { Command } from './command.ts';

/** What points the `mlflow` client of a terminal or notebook at this workspace. */
export const planeCopyEnvironment: Command = {
  id: 'updraft.plane.copyEnvironment',
  async run(app) {
    await app.plane.client();
    const { url, token } = app.plane.lock!;
    await env.clipboard.writeText(`export MLFLOW_TRACKING_URI=${url}\nexport MLFLOW_TRACKING_TOKEN=${token}\n`);
    aside(
      'message',
      window.showInformationMessage(
        'Copied. Paste it into a terminal, and mlflow logs to this workspace. It holds the access token: keep it to yourself.',
      ),
      app.log,
    );
  },
};
