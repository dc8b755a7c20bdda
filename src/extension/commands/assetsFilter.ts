import { ask } from './arguments.ts';
import type { Command } from './command.ts';

export const assetsFilter: Command = {
  id: 'updraft.assets.filter',
  async run(app) {
    const { data, environments, components } = app.assets;
    const text = (await ask('Filter assets', { value: data.search, prompt: 'Part of a name. Empty shows all.' })).trim();
    for (const state of [data, environments, components]) state.setSearch(text);
    app.showFilters();
  },
};
