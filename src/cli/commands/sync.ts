import type { Command } from '../command.ts';
import { text } from '../options.ts';

const sync = () => import('../work/sync.ts');

/** Jobs that ran on one control plane and are to be on another one, too. */
export const syncCommands: Command[] = [
  {
    names: ['sync push'],
    what: 'Sends jobs to another control plane, with their steps, code, data, files, log and metrics; a job that runs is sent as it goes on, until it has ended. Without names those that still wait.',
    words: 'NAME…',
    inWorkspace: true,
    options: {
      to: text('Address of the other control plane, which you have signed in to, or "local" for the one of this machine.', {
        value: 'URL',
      }),
      'to-workspace': text('The workspace there; the only one that you see when absent.', { value: 'NAME' }),
      experiment: text('All jobs of this experiment.', { value: 'NAME' }),
    },
    run: async (parsed) => (await sync()).pushThem(parsed),
  },
  {
    names: ['sync conflicts'],
    what: 'Lists what two control planes have written of the same job, neither knowing of the other: both values, by whom and when, and which counts.',
    words: 'NAME…',
    inWorkspace: true,
    options: {
      'take-other': text('Makes the other value of this field count: displayName, description, isArchived or tags/KEY.', {
        value: 'FIELD',
      }),
    },
    run: async (parsed) => (await import('../work/syncConflicts.ts')).showConflicts(parsed),
  },
  {
    names: ['sync list'],
    what: 'Lists the jobs that wait to be sent, are followed until they have ended, were sent, or were refused.',
    options: { data: text('The data folder of this machine.', { value: 'FOLDER' }) },
    run: async (parsed) => (await sync()).listThem(parsed),
  },
];
