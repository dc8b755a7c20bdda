/** What Python was called with: its own options, what it runs, and the arguments of that. */
export interface PythonArguments {
  pythonArgs: string[];
  /** A file, `-m` or `-c`; undefined when the program comes from standard input, or none does. */
  runs: { program: string } | { module: string } | { code: string } | undefined;
  args: string[];
}

/** Reads the arguments of a call of Python as Python does. */
export function pythonArguments(all: readonly string[]): PythonArguments {
  const pythonArgs: string[] = [];
  let at = 0;
  for (; at < all.length; at++) {
    const word = all[at]!;
    if (word === '-' || !word.startsWith('-')) break;
    if (word === '--') {
      at++;
      break;
    }
    if (word.startsWith('--')) {
      pythonArgs.push(word);
      if (word === '--check-hash-based-pycs' && at + 1 < all.length) pythonArgs.push(all[++at]!);
      continue;
    }
    // Several letters may stand together, as in `-um train`. What follows one that takes a value is the value.
    const letter = /[mcWX]/.exec(word.slice(1));
    if (!letter) {
      pythonArgs.push(word);
      continue;
    }
    const [before, after] = [word.slice(0, letter.index + 1), word.slice(letter.index + 2)];
    const value = after === '' ? all[++at] : after;
    if (value === undefined) return { pythonArgs, runs: undefined, args: [] };
    if (letter[0] === 'W' || letter[0] === 'X') {
      pythonArgs.push(`${before}${letter[0]}`, value);
      continue;
    }
    if (before !== '-') pythonArgs.push(before);
    return { pythonArgs, runs: letter[0] === 'm' ? { module: value } : { code: value }, args: all.slice(at + 1) };
  }
  const program = all[at];
  return { pythonArgs, runs: program === undefined || program === '-' ? undefined : { program }, args: all.slice(at + 1) };
}
