import type { Command } from '../command.ts';
import { text } from '../options.ts';

const sync = () => import('../work/sync.ts');

/** Jobs that ran on one control plane and are to be on another one, too. */
export const syncCommands: Command[] = [
  {
    names: ['sync push'],
    what: 'Sends jobs that have ended to another control plane, with their steps, code, data, files, log and metrics; without names those that still wait.',
    words: 'NAME…',
    inWorkspace: true,
    options: {
      to: text(
        'Name (updraft remote) or address of the other control plane, which you have signed in to, or "local" for the one of this machine.',
        {
          value: 'NAME|URL',
        },
      ),
      'to-workspace': text('The workspace there; the only one that you see when absent.', { value: 'NAME' }),
      experiment: text('All jobs of this experiment that have ended.', { value: 'NAME' }),
    },
    run: async (parsed) => (await sync()).pushThem(parsed),
  },
  {
    names: ['sync list'],
    what: 'Lists the jobs that wait to be sent, were sent, or were refused.',
    options: { data: text('The data folder of this machine.', { value: 'FOLDER' }) },
    run: async (parsed) => (await sync()).listThem(parsed),
  },
];
