import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';

export type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** Options that every command has. */
export const commonOptions = {
  data: { type: 'string' },
  output: { type: 'string', short: 'o' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies OptionTable;

export interface Parsed {
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  positionals: string[];
}

/** Reads a command's words; throws `InvalidArgument` that names the nearest option. */
export function parseOptions(args: string[], options: OptionTable): Parsed {
  try {
    const { values, positionals } = parseArgs({ args, options: { ...commonOptions, ...options }, allowPositionals: true, strict: true });
    if (values.output !== undefined && values.output !== 'json' && values.output !== 'table')
      throw new UserError('InvalidArgument', `--output can't be "${values.output}".`, 'It is json or table.');
    return { values, positionals } as Parsed;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const unknown = /Unknown option '(-{1,2}[^']+)'/.exec((error as Error).message)?.[1];
    if (!unknown) throw new UserError('InvalidArgument', (error as Error).message.split('\n')[0]!);
    const close = nearest(unknown.replace(/^-+/, ''), Object.keys({ ...commonOptions, ...options }));
    throw new UserError(
      'InvalidArgument',
      `There is no option ${unknown}.`,
      close ? `Did you mean --${close}?` : 'Add --help to see the options.',
    );
  }
}

/** A text option; undefined when it was not given. */
export const text = (parsed: Parsed, name: string): string | undefined =>
  typeof parsed.values[name] === 'string' ? (parsed.values[name] as string) : undefined;

/** A text option, or the first positional, that must be there. */
export function required(parsed: Parsed, name: string): string {
  const value = text(parsed, name) ?? parsed.positionals[0];
  if (value === undefined || value === '')
    throw new UserError('InvalidArgument', `--${name} is missing.`, 'Add --help to see the options.');
  return value;
}

/** A whole number of at least 0. */
export function whole(parsed: Parsed, name: string): number | undefined {
  const value = text(parsed, name);
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new UserError('InvalidArgument', `--${name} must be a whole number, not "${value}".`);
  return Number(value);
}

/** What an option that may be repeated was given, in order. */
export function list(parsed: Parsed, name: string): string[] {
  const value = parsed.values[name];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
