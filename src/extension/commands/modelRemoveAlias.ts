import { window } from 'vscode';
import type { ModelVersion } from '../../protocol/asset.ts';
import { cancelled, versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const modelRemoveAlias: Command = {
  id: 'updraft.model.removeAlias',
  async run(app, argument) {
    const { asset, version, resource } = await versionArgument(app, argument);
    const aliases = (resource as ModelVersion).properties.aliases ?? [];
    const alias =
      aliases.length === 1 ? aliases[0]! : await window.showQuickPick(aliases, { title: `Remove an alias of ${asset.name}:${version}` });
    if (!alias) cancelled();
    await (await app.plane.client()).deleteModelAlias(asset.name, alias);
  },
};
