import { lastException } from '../base/tracebacks.ts';

/** Characters of a command's own words that an error leads with. */
const mostCharacters = 300;

/** How programs say what ended them, with or without their name before it. */
const error = /^(?:[\w.-]+: )?error: \S/i;

/**
 * Why a command failed in its own words, from its last lines. Only what explains the exit code counts. Code 1 is Python's for an exception that nobody caught, and that of most programs that end with a line "error: …".
 * Code 127 is a shell's for a program that it did not find. A traceback that was caught and printed says nothing about another code.
 */
export function lastWords(lines: readonly string[], exitCode: number | undefined): string | undefined {
  const said =
    exitCode === 1
      ? (lastException(lines) ?? lines.findLast((line) => error.test(line)))
      : exitCode === 127
        ? lines.findLast((line) => /: (?:command )?not found$/.test(line))
        : undefined;
  if (!said) return undefined;
  return said.length > mostCharacters ? `${said.slice(0, mostCharacters)}…` : said;
}
