import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { UserError } from '../base/userError.ts';

/** Checks what crossed a process against its declaration; throws `InvalidRequest` that names the first wrong place. */
export function check<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  if (Check(schema, value)) return value as Static<T>;
  const first = Errors(schema, value)[0];
  const at = first?.instancePath ? ` at ${first.instancePath}` : '';
  throw new UserError('InvalidRequest', `${what} is not valid${at}: ${first?.message ?? 'unexpected shape'}.`);
}
