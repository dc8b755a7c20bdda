import { measureModel } from '../../client/localModels.ts';
import type { Command } from './command.ts';
import { localModelArgument } from './localModelArgument.ts';

/** Measures how fast a model is on this machine, by a short load of it. */
export const languageModelMeasure: Command = {
  id: 'updraft.languageModel.measure',
  async run(app, argument) {
    const { name } = await localModelArgument(app, argument, 'Measure the speed of a language model', ({ fit }) => fit.runs !== false);
    await measureModel((await app.plane.client()).http, name);
  },
};
