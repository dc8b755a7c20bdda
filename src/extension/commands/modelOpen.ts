import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const modelOpen: Command = {
  id: 'updraft.model.open',
  async run(app, argument) {
    if (typeof argument === 'string') return app.panels.open({ page: 'model', name: argument.split(':')[0]! }, argument.split(':')[0]!);
    const { asset } = await versionArgument(app, argument);
    app.panels.open({ page: 'model', name: asset.name }, asset.name);
  },
};
