import { assetPage } from '../../protocol/assetPage.ts';
import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** Shows a version of data, an environment or a component. */
export const assetOpen: Command = {
  id: 'updraft.asset.open',
  async run(app, argument) {
    const { of, asset, version } = await versionArgument(app, argument, 'data');
    const { name, registry } = asset;
    const address = assetPage({ kind: of, name, version, ...(registry === undefined ? {} : { registry }) });
    if (address) app.panels.open(address, name);
  },
};
