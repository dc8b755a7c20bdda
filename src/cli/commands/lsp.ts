import { UserError } from '../../base/userError.ts';
import type { Command } from '../command.ts';
import { dataFolder } from '../connect.ts';

export const lspCommand: Command = {
  name: 'lsp',
  summary: 'Serves the language of Azure ML YAML to an editor.',
  usage: '--stdio',
  options: { stdio: { type: 'boolean' } },
  async run(parsed) {
    if (!parsed.values.stdio)
      throw new UserError(
        'InvalidArgument',
        'How does the editor talk to it?',
        'updraft lsp --stdio; docs/editors.md has the set-up of each editor.',
      );
    // Other commands don't pay for the server.
    const { serveStdio } = await import('../../language/stdio.ts');
    return serveStdio({ dataFolder: dataFolder(parsed) });
  },
};
