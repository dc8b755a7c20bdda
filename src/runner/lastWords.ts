import { lastException } from '../base/tracebacks.ts';

/** Characters of a command's own words that an error leads with. */
const mostCharacters = 300;

/** How programs say what ended them, with or without their name before it. */
const error = /^(?:[\w.-]+: )?error: \S/i;

/**
 * Finds in the last lines of a command why it failed. Only a line that explains the exit code counts. Python ends with code 1 after an exception that nobody caught, and so do most programs after a line "error: …".
 * A shell ends with code 127 when it does not find a program. With other codes a traceback explains nothing: the program may have caught the exception and gone on.
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
