import type { Command } from '../command.ts';
import { flag, text } from '../options.ts';
import { atServer } from '../serverOf.ts';

const signIn = () => import('../work/signIn.ts');

/** Who somebody is to a control plane elsewhere. */
export const signInCommands: Command[] = [
  {
    names: ['login'],
    what: 'Signs in to the control plane of a team: prints an address and a code, and waits. From then on, commands work there.',
    // Scripts of CI sign `az` in, with options of its own: nothing is needed for that.
    takesAnything: true,
    options: {
      server: text('Address of the control plane; the one that you signed in to last when absent.', { value: 'URL' }),
      'no-browser': flag('Opens no browser.'),
    },
    run: async (parsed) => (await signIn()).login(parsed),
  },
  {
    names: ['logout'],
    what: 'Signs out. From then on, commands work on the control plane of this machine.',
    takesAnything: true,
    options: {
      server: text('Address of the control plane; the one that you signed in to when absent.', { value: 'URL' }),
      everywhere: flag('Ends all sign-ins of yours, in browsers and on other machines, too.'),
    },
    run: async (parsed) => (await signIn()).logout(parsed),
  },
  {
    names: ['whoami'],
    what: 'Says who you are to the control plane, and with which roles.',
    options: atServer,
    run: async (parsed) => (await signIn()).whoami(parsed),
  },
];
