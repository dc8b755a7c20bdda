import { confirm, versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const assetDelete: Command = {
  id: 'updraft.asset.delete',
  async run(app, argument) {
    const { of, asset, version } = await versionArgument(app, argument);
    await confirm(
      `Delete ${asset.name}:${version}?`,
      'Delete',
      'The version is gone for everyone who uses this workspace. The job that made it stays.',
    );
    await (await app.plane.client()).deleteAsset(of, asset.name, version);
  },
};
