import type { Command } from './command.ts';

export const jobsClearFilter: Command = {
  id: 'updraft.jobs.clearFilter',
  run(app) {
    app.jobs.setFilter({});
    app.showFilters();
  },
};
