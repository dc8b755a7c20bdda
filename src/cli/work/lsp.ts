import { UserError } from '../../base/userError.ts';
import { serveStdio } from '../../language/stdio.ts';
import { dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import type { Parsed } from '../parsed.ts';

export async function serveLanguage(parsed: Parsed): Promise<Outcome> {
  if (!parsed.values.stdio)
    throw new UserError(
      'InvalidArgument',
      'How does the editor talk to it?',
      'updraft lsp --stdio; docs/editors.md has the set-up of each editor.',
    );
  return { exitCode: (await serveStdio({ dataFolder: dataFolder(parsed) })) ?? 0 };
}
