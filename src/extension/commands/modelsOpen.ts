import type { Command } from './command.ts';

/** Shows the page of models: on this machine, of the workspace, and to get. */
export const modelsOpen: Command = {
  id: 'updraft.models.open',
  run(app) {
    app.panels.open({ page: 'models', name: '' }, 'Models');
  },
};
