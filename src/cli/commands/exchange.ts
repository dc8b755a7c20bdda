import type { Command } from '../command.ts';
import { flag, text } from '../options.ts';

/** What comes from elsewhere. */
export const exchangeCommands: Command[] = [
  {
    names: ['import'],
    what: 'Brings runs, jobs and models here: from an MLflow server, or from its mlruns folder.',
    words: 'URL|FOLDER',
    inWorkspace: true,
    options: {
      'experiment-name': text('Of MLflow only this experiment, without registered models.', { value: 'NAME' }),
      'dry-run': flag('Writes nothing, and says what there is and what would be refused.'),
      'unended-as-killed': flag('Takes runs that have not ended as runs that were killed; without it they are refused.'),
    },
    run: async (parsed) => (await import('../work/imports.ts')).importThem(parsed),
  },
];
