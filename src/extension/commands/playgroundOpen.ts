import type { Command } from './command.ts';

/** Shows the playground, where one talks to the language models of this machine; with a model's name, to that one. */
export const playgroundOpen: Command = {
  id: 'updraft.playground.open',
  run(app, model) {
    app.panels.open({ page: 'playground', name: '', ...(typeof model === 'string' ? { state: { models: [model] } } : {}) }, 'Playground');
  },
};
