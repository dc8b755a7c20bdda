import { type Uri, window } from 'vscode';
import { specArgument } from './arguments.ts';
import type { App, Command } from './command.ts';

export const graphOpen: Command = {
  id: 'updraft.graph.open',
  run: async (app, argument) =>
    app.graphs.show(await specArgument(app, argument ?? activeSpec(app), 'Show the graph of a pipeline', isPipelineFile, 'a pipeline')),
};

const isPipelineFile = ({ kind }: { kind?: string }): boolean => kind === 'pipelineJob' || kind === 'pipelineComponent';

/** The file in front, whatever it is: the page says why there is no graph of it. */
function activeSpec(app: App): Uri | undefined {
  const document = window.activeTextEditor?.document;
  return document && app.language.kinds.get(document.uri)?.isOurs ? document.uri : undefined;
}
