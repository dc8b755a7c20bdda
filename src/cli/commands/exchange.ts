import type { Command } from '../command.ts';
import { flag, many, text } from '../options.ts';

/** What leaves for an open folder, and what comes from elsewhere. */
export const exchangeCommands: Command[] = [
  {
    names: ['export'],
    what: 'Writes jobs and assets to a folder of YAML, Parquet and plain files; all of the workspace, or what is named with all that it needs.',
    words: 'FOLDER',
    inWorkspace: true,
    options: {
      'experiment-name': text('The jobs of this experiment.', { value: 'NAME' }),
      job: many('This job; may be given again.', { value: 'NAME' }),
      model: many('All versions of this model; may be given again.', { value: 'NAME' }),
    },
    run: async (parsed) => (await import('../work/exports.ts')).exportThem(parsed),
  },
  {
    names: ['import'],
    what: 'Brings runs, jobs and models here: from a folder of "updraft export", an MLflow server, or its mlruns folder.',
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
