import type { Command } from '../command.ts';
import { flag, pairs } from '../options.ts';
import type { Parsed } from '../parsed.ts';

const work = () => import('../work/aroundAz.ts');
/** A line of `az` that needs nothing here. */
const needless = (name: string, what: string): Command => ({
  names: [name],
  what,
  takesAnything: true,
  options: {},
  run: async (parsed: Parsed) => (await work()).needless(what, parsed),
});

/** What scripts of CI say to `az` beside `az ml`. */
export const aroundAz: Command[] = [
  {
    names: ['configure'],
    what: 'Keeps the workspace and resource group that commands take when none is named.',
    options: {
      defaults: pairs('group=NAME workspace=NAME', { short: 'd' }),
      'list-defaults': flag('Tells what is kept.', { short: 'l' }),
      scope: { takes: 'text', what: 'Defaults are kept for the data folder.' },
    },
    run: async (parsed) => (await work()).configure(parsed),
  },
  {
    names: ['config set'],
    what: 'The same, as defaults.group=NAME.',
    words: 'KEY=VALUE…',
    takesAnything: true,
    options: {},
    run: async (parsed) => (await work()).configSet(parsed),
  },
  needless('account set', 'Any subscription will do: everything is on this machine.'),
  {
    names: ['account show'],
    what: 'Tells of the one subscription there is.',
    takesAnything: true,
    options: {},
    run: async () => (await work()).showAccount(),
  },
  {
    names: ['account list'],
    what: 'Lists the one subscription there is.',
    takesAnything: true,
    options: {},
    run: async () => (await work()).listAccounts(),
  },
  needless('extension add', 'No extension is needed: "ml" is there.'),
  needless('extension update', 'No extension is needed: "ml" is there.'),
  needless('extension remove', 'There is no extension to remove.'),
  {
    names: ['extension show'],
    what: 'Tells of "ml", which is there.',
    takesAnything: true,
    options: {},
    run: async () => (await work()).showExtension(),
  },
  {
    names: ['extension list'],
    what: 'Lists "ml", which is there.',
    takesAnything: true,
    options: {},
    run: async () => (await work()).listExtensions(),
  },
];
