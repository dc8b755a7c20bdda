import { specArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const graphOpen: Command = {
  id: 'updraft.graph.open',
  run: async (app, argument) =>
    app.graphs.show(await specArgument(app, argument, 'Show the graph of a pipeline', isPipelineFile, 'a pipeline')),
};

const isPipelineFile = ({ kind }: { kind?: string }): boolean => kind === 'pipelineJob' || kind === 'pipelineComponent';
