import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** Shows a model: the version that was clicked, else its newest. */
export const modelOpen: Command = {
  id: 'updraft.model.open',
  async run(app, argument, given) {
    if (typeof argument === 'string') {
      const [name, version = given] = argument.split(':') as [string, string?];
      return app.panels.open({ page: 'model', name, ...(typeof version === 'string' ? { version } : {}) }, name);
    }
    const { asset, version } = await versionArgument(app, argument);
    const isOne = typeof argument === 'object' && argument !== null && 'version' in argument;
    const { name, registry } = asset;
    app.panels.open({ page: 'model', name, ...(registry === undefined ? {} : { registry }), ...(isOne ? { version } : {}) }, name);
  },
};
