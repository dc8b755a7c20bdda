import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { askForTagChange } from './tags.ts';

export const assetTag: Command = {
  id: 'updraft.asset.tag',
  async run(app, argument) {
    const { of, asset, version } = await versionArgument(app, argument);
    const client = await app.plane.client();
    const { properties } = await client.getAsset(of, asset.name, version);
    const change = await askForTagChange(`Tags of ${asset.name}:${version}`, properties.tags ?? {});
    const tags = Object.fromEntries(
      Object.entries({ ...properties.tags, ...change }).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    await client.putAsset(of, asset.name, version, { ...properties, tags } as never);
  },
};
