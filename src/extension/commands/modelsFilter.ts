import { ask } from './arguments.ts';
import type { Command } from './command.ts';

export const modelsFilter: Command = {
  id: 'updraft.models.filter',
  async run(app) {
    const { models } = app.assets;
    models.setSearch((await ask('Filter models', { value: models.search, prompt: 'Part of a name. Empty shows all.' })).trim());
    app.showFilters();
  },
};
