import { UserError } from '../../base/userError.ts';
import type { Command } from '../command.ts';
import { text } from '../options.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'];

/** `completion SHELL` prints what a shell needs; the shell then asks `complete -- WORDS` at each key. */
export const completionCommands = (all: () => readonly Command[]): Command[] => [
  {
    names: ['completion'],
    what: 'Prints the script with which a shell completes commands and options.',
    words: 'bash|zsh|fish|powershell',
    options: { shell: text('The shell.', { choices: shells }) },
    async run({ positionals, values }) {
      const { scripts } = await import('../completion/scripts.ts');
      const shell = String(values.shell ?? positionals[0] ?? '');
      if (!Object.hasOwn(scripts, shell))
        throw new UserError(
          'InvalidArgument',
          shell ? `There is no script for "${shell}".` : 'For which shell?',
          `There are ${shells.join(', ')}.`,
        );
      const script = scripts[shell as keyof typeof scripts];
      return { value: script, text: () => script };
    },
  },
  {
    names: ['complete'],
    what: 'Answers a shell what may stand next.',
    words: '-- WORDS',
    isHidden: true,
    options: {},
    async run({ positionals }) {
      const { candidates } = await import('../completion/candidates.ts');
      const found = candidates(all(), positionals);
      return { value: found, text: () => found.map(({ word, what }) => `${word}\t${what}`).join('\n') };
    },
  },
];
