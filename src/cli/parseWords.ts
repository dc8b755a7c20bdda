import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import type { Command, Option, Options } from './command.ts';
import { optionsOf } from './commonOptions.ts';
import type { Parsed } from './parsed.ts';

type Table = NonNullable<ParseArgsConfig['options']>;

/** Reads the words behind a command's name as its declaration says. Throws `InvalidArgument` that names the nearest option. */
export function parseWords(words: readonly string[], command: Command, asAz: boolean): Parsed {
  const options = optionsOf(command);
  const { tokens } = tokensOf(wholeNames(words, Object.keys(options)), options, !command.takesAnything);
  const parsed: Parsed = { values: {}, positionals: [], asAz };
  /** The option before, which may take more of what follows. */
  let open: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') open = undefined;
    else if (token.kind === 'option') {
      open = token.name;
      take(parsed, token.name, token.value ?? true, options[token.name]);
    } else if (open !== undefined && options[open]?.takes === 'pairs') take(parsed, open, token.value, options[open]);
    else if (open !== undefined && options[open]?.takes === 'flag' && /^(true|false)$/i.test(token.value)) {
      parsed.values[open] = token.value.toLowerCase() === 'true';
      open = undefined;
    } else {
      parsed.positionals.push(token.value);
      open = undefined;
    }
  }
  return parsed;
}

function take({ values }: Parsed, name: string, value: string | boolean, option: Option | undefined): void {
  if (option?.takes === 'many' || option?.takes === 'pairs') {
    const before = values[name];
    values[name] = [...(Array.isArray(before) ? before : []), String(value)];
    return;
  }
  if (option?.takes === 'whole' && !/^-?\d+$/.test(String(value)))
    throw new UserError('InvalidArgument', `--${name} must be a whole number, not "${value}".`);
  const chosen = option?.choices?.find((each) => each.toLowerCase() === String(value).toLowerCase());
  if (option?.choices && chosen === undefined)
    throw new UserError('InvalidArgument', `--${name} can't be "${value}".`, `It is one of ${option.choices.join(', ')}.`);
  values[name] = chosen ?? value;
}

/** The beginning of an option's name stands for it where no other option begins so: `--endpoint` for `--endpoint-name`, as `az` has it. */
function wholeNames(words: readonly string[], names: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, at) => {
    const match = /^--([a-z][\w-]*)(=.*)?$/s.exec(word);
    if (!match || (end >= 0 && at > end) || names.includes(match[1]!)) return word;
    const meant = names.filter((name) => name.startsWith(match[1]!));
    return meant.length === 1 ? `--${meant[0]}${match[2] ?? ''}` : word;
  });
}

function tokensOf(args: string[], options: Options, strict: boolean) {
  const table: Table = Object.fromEntries(
    Object.entries(options).map(([name, { takes, short }]) => [
      name,
      { type: takes === 'flag' ? ('boolean' as const) : ('string' as const), multiple: true, ...(short ? { short } : {}) },
    ]),
  );
  try {
    return parseArgs({ args, options: table, allowPositionals: true, strict, tokens: true });
  } catch (error) {
    const unknown = /Unknown option '(-{1,2}[^']+)'/.exec((error as Error).message)?.[1];
    if (!unknown) throw new UserError('InvalidArgument', (error as Error).message.split('\n')[0]!);
    const close = nearest(unknown.replace(/^-+/, ''), Object.keys(options));
    throw new UserError(
      'InvalidArgument',
      `There is no option ${unknown}.`,
      close ? `Did you mean --${close}?` : 'Add --help to see the options.',
    );
  }
}
