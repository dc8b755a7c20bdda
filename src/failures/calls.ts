import type { Cause } from './cause.ts';

/** The command, its arguments, and the code itself. */
export const calls: Cause[] = [
  {
    id: 'arguments-missing',
    says: /error: the following arguments are required: (?<names>.+)/,
    why: 'The script needs {names}, and the command does not give it.',
    fix: 'Add it to "command": --name ${{inputs.name}}. An optional input that has no value stands in $[[…]].',
  },
  {
    id: 'arguments-unknown',
    says: /error: unrecognized arguments: (?<names>.+)/,
    why: 'The script does not know {names}.',
    fix: 'Compare the command with what the script declares. A value with spaces needs quotes.',
  },
  {
    id: 'argument-value',
    says: /error: argument (?<name>[^:]+): (?<what>invalid .+|expected .+)/,
    why: 'The value of {name} is not one that the script takes: {what}.',
    fix: 'Correct the input. A boolean that is declared with type=bool is true for any text: use action="store_true".',
  },
  {
    id: 'unbound-input',
    says: /\$\{\{.*bad substitution/,
    why: 'An expression ${{…}} came to the shell as it is.',
    fix: 'Write it as Azure ML has it: ${{inputs.NAME}} in a command, ${{parent.inputs.NAME}} in a pipeline.',
  },
  {
    id: 'line-endings',
    says: /(?:\r|\\r)': command not found|\^M: bad interpreter|env: [`']?(?:bash|python3?)\\?r/,
    why: 'A script has the line endings of Windows.',
    fix: 'Save it with LF; git keeps that with "*.sh text eol=lf" in .gitattributes.',
  },
  {
    id: 'command-missing',
    says: /(?:^|: )(?<name>[\w.+-]+): (?:command not found|not found)$/,
    why: 'There is no program "{name}" for the job.',
    fix: 'Add the package that brings it to the environment, or install it on the machine that runs the job.',
  },
  {
    id: 'shell-syntax',
    says: /syntax error near unexpected token|unexpected EOF while looking for matching|syntax error: unexpected end of file/,
    why: 'The shell can not read the command: a quote or bracket is not closed.',
    fix: 'Look at the quotes in "command". Over several lines use YAML\'s >- or |, and end lines with \\ where the command goes on.',
  },
  {
    id: 'indentation',
    says: /^(?:IndentationError|TabError): (?<what>.+)/,
    why: 'The indentation of the code is wrong: {what}.',
    fix: 'The lines above name the file and line.',
  },
  {
    id: 'syntax',
    says: /^SyntaxError: (?<what>.+)/,
    why: 'Python can not read the code: {what}.',
    fix: 'The lines above name the file and line. Newer syntax (match, f-strings with quotes inside, X | Y) needs a newer Python.',
  },
  {
    id: 'name',
    says: /^NameError: name '(?<name>\w+)' is not defined/,
    why: 'The code uses "{name}", which is not defined.',
    fix: 'Look for a missing import or a misspelt name.',
  },
  {
    id: 'keyword',
    says: /TypeError: .*got an unexpected keyword argument '(?<name>\w+)'/,
    why: 'A function has no parameter "{name}" in the version that is installed.',
    fix: 'Compare with the documentation of that version, and pin the version that the code was written for.',
  },
  {
    id: 'parameters-missing',
    says: /TypeError: .*missing \d+ required (?:positional|keyword-only) arguments?: (?<names>.+)/,
    why: 'A function is called without {names}.',
    fix: 'Add it to the call; in a newer version of a library a parameter may have become required.',
  },
  {
    id: 'recursion',
    says: /RecursionError/,
    why: 'A function calls itself without an end.',
    fix: 'The frames that repeat in the traceback name it.',
  },
  {
    id: 'division',
    says: /ZeroDivisionError/,
    why: 'Something is divided by 0.',
    fix: 'An empty data set or batch is the usual reason: print its length.',
  },
  {
    id: 'assertion',
    says: /^AssertionError(?:: (?<what>.+))?/,
    why: 'A condition that the code asserts does not hold.',
    fix: 'The last line of the traceback shows the condition.',
  },
  {
    id: 'main-guard',
    says: /freeze_support\(\)|attempt has been made to start a new process before the/,
    why: 'The script starts processes while it is imported.',
    fix: "Put what it does below if __name__ == '__main__':",
  },
];
