import { commands } from 'vscode';
import type { Command } from './command.ts';
import { localModelArgument } from './localModelArgument.ts';

/** Opens a model of this machine in the playground. */
export const languageModelOpen: Command = {
  id: 'updraft.languageModel.openPlayground',
  async run(app, argument) {
    const { name } = await localModelArgument(app, argument, 'Open a language model in the playground', ({ fit }) => fit.runs !== false);
    await commands.executeCommand('updraft.playground.open', name);
  },
};
