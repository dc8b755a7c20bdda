import { ask, versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** MLflow's aliases name the version to use, such as `champion`: one version each. */
export const modelAddAlias: Command = {
  id: 'updraft.model.addAlias',
  async run(app, argument) {
    const { asset, version } = await versionArgument(app, argument);
    const alias = await ask(`Alias of ${asset.name}:${version}`, {
      prompt: 'Such as champion, staging or production. It moves here when another version has it.',
      check: (text) =>
        /^(?!latest$)(?!v\d+$)[\w-]{1,255}$/i.test(text) ? undefined : 'Letters, digits, "_" and "-"; not "latest" and not "v1".',
    });
    await (await app.plane.client()).setModelAlias(asset.name, alias, version);
  },
};
