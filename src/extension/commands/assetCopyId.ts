import { env } from 'vscode';
import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** As YAML refers to it: `azureml:name:version`. */
export const assetCopyId: Command = {
  id: 'updraft.asset.copyId',
  async run(app, argument) {
    const { asset, version } = await versionArgument(app, argument);
    await env.clipboard.writeText(`azureml:${asset.name}:${version}`);
  },
};
