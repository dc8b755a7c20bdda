import type { Command } from '../command.ts';

const work = () => import('../work/remotes.ts');

/** Names of control planes elsewhere. */
export const remoteCommands: Command[] = [
  {
    names: ['remote add'],
    what: 'Gives a control plane a name, which --server and --to take in place of its address.',
    words: 'NAME URL',
    options: {},
    run: async (parsed) => (await work()).addRemote(parsed),
  },
  {
    names: ['remote list'],
    what: 'Lists the control planes that have a name or that you have signed in to.',
    options: {},
    run: async () => (await work()).listRemotes(),
  },
  {
    names: ['remote remove'],
    what: 'Takes the name of a control plane away. You stay signed in.',
    words: 'NAME',
    options: {},
    run: async (parsed) => (await work()).removeRemote(parsed),
  },
];
