import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import type { Command } from './command.ts';
import { notHere } from './notHere.ts';

/** A command as it was called. */
export interface Call {
  command: Command;
  /** What follows its name. */
  words: string[];
  asAz: boolean;
}

/** The commands that `ml` has: those that work in a workspace. */
export const commandsOf = (commands: readonly Command[], asAz: boolean): readonly Command[] =>
  asAz ? commands.filter((each) => each.inWorkspace) : commands;

/** The command that the words name, after `ml` those of `az ml` alone. Throws `InvalidArgument` with the nearest one. */
export function findCommand(commands: readonly Command[], given: readonly string[]): Call {
  const asAz = given[0] === 'ml';
  const words = asAz ? given.slice(1) : [...given];
  const all = commandsOf(commands, asAz);
  // The longest name: `store check` is no `store`.
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    const name = words.slice(0, length).join(' ');
    const command = all.find(({ names }) => names.includes(name));
    if (command) return { command, words: words.slice(length), asAz };
  }
  const named = words.slice(
    0,
    words.findIndex((word) => word.startsWith('-')) < 0
      ? 2
      : Math.min(
          2,
          words.findIndex((word) => word.startsWith('-')),
        ),
  );
  const asked = named.join(' ');
  const missing = notHere(asked);
  if (missing) throw new UserError('NotImplemented', `"${asked}" is not there: ${missing}`, 'docs/command-line.md says what is.');
  const group = all.flatMap(({ names }) => names).filter((name) => name.startsWith(`${named[0]} `));
  const close = nearest(
    asked,
    all.flatMap(({ names }) => names),
  );
  throw new UserError(
    'InvalidArgument',
    asked ? `There is no command "${asked}".` : 'Which command?',
    close
      ? `Did you mean "${close}"?`
      : group.length
        ? `There are ${group.map((name) => `"${name}"`).join(', ')}.`
        : `"updraft ${asAz ? 'ml ' : ''}--help" lists them.`,
  );
}
