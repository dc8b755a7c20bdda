import { UserError } from '../base/userError.ts';

/** What a command was given. */
export interface Parsed {
  values: Record<string, string | boolean | string[] | undefined>;
  positionals: string[];
  /** It was called as `az ml` calls it, and answers as that does. */
  asAz: boolean;
}

/** A text option; undefined when it was not given. */
export const text = (parsed: Parsed, name: string): string | undefined =>
  typeof parsed.values[name] === 'string' ? (parsed.values[name] as string) : undefined;

/** A text option, or the first word without one, that must be there. */
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
  return Array.isArray(value) ? value : [];
}

export const flag = (parsed: Parsed, name: string): boolean => parsed.values[name] === true;
