import { downloadUri } from '../../download/downloadUri.ts';
import type { ModelVersion } from '../../protocol/asset.ts';
import { clientOf, versionArgument } from './arguments.ts';
import { saveInto } from './chooseFolder.ts';
import type { Command } from './command.ts';

export const modelDownload: Command = {
  id: 'updraft.model.download',
  async run(app, argument) {
    const { asset, version, resource } = await versionArgument(app, argument);
    const client = await clientOf(app, asset);
    await saveInto(app, `${asset.name}-${version}`, (folder, signal) =>
      downloadUri(client, (resource as ModelVersion).properties.modelUri, folder, signal),
    );
  },
};
