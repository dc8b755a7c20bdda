import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/schema';
import { UserError } from '../base/userError.ts';

type Validator = { Check(value: unknown): boolean };

/** Milliseconds of checks after which it pays to compile a schema: that takes about as long, and each check is ten times faster then. */
const worthIt = 5;
const schemas = new WeakMap<TSchema, { ms: number; compiled?: Validator }>();
let compile: ((schema: TSchema) => Validator) | undefined;

/** From now on, schemas whose checks took long are compiled. A process that checks little does without the compiler and its code. */
export function compileChecks(compiler: (schema: TSchema) => Validator): void {
  compile = compiler;
}

/** Checks what crossed a process against its declaration; throws `InvalidRequest` that names the first wrong place. */
export function check<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  if (isValid(schema, value)) return value as Static<T>;
  const [first] = Errors(schema, value)[1];
  const at = first?.instancePath ? ` at ${first.instancePath}` : '';
  throw new UserError('InvalidRequest', `${what} is not valid${at}: ${first?.message ?? 'unexpected shape'}.`);
}

function isValid(schema: TSchema, value: unknown): boolean {
  if (!compile) return Check(schema, value);
  let known = schemas.get(schema);
  if (!known) schemas.set(schema, (known = { ms: 0 }));
  if (known.ms > worthIt) return (known.compiled ??= compile(schema)).Check(value);
  const started = performance.now();
  const valid = Check(schema, value);
  known.ms += performance.now() - started;
  return valid;
}
