import { env } from 'vscode';
import { registryAssetId } from '../../protocol/registry.ts';
import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** As YAML refers to it: `azureml:name:version`, or `azureml://registries/…` for what is in a registry. */
export const assetCopyId: Command = {
  id: 'updraft.asset.copyId',
  async run(app, argument) {
    const { of, asset, version } = await versionArgument(app, argument);
    const { name, registry } = asset;
    await env.clipboard.writeText(registry === undefined ? `azureml:${name}:${version}` : registryAssetId(registry, of, name, version));
  },
};
