import { env } from 'vscode';
import type { Command } from './command.ts';
import { localModelArgument } from './localModelArgument.ts';

/** Copies the name by which a model is asked. */
export const languageModelCopyName: Command = {
  id: 'updraft.languageModel.copyName',
  async run(app, argument) {
    await env.clipboard.writeText((await localModelArgument(app, argument, 'Copy the name of a language model')).name);
  },
};
