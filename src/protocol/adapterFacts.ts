import type { Static } from 'typebox';
import * as Type from 'typebox';
import { UserError } from '../base/userError.ts';
import { check } from './check.ts';

/** The two files of a tuned model, in the folder of its version. */
export const finetuningFile = 'finetuning.json';
export const adapterFile = 'adapter.gguf';

/** Bytes of `finetuning.json` that are read; what a pipeline writes has some thousands. */
export const mostFinetuningBytes = 256 * 1024;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Rows = Type.Optional(Type.Integer({ minimum: 0 }));
const Metrics = Type.Record(Type.String(), Type.Number(), { maxProperties: 200 });

/** What `finetuning.json` tells of an adapter: which model it changes, what it was trained on, how good it is, and how near what is served is to what was trained. */
export const AdapterFacts = Type.Object({
  kind: Type.Literal('lora'),
  /** The model that it was trained from, a GGUF file; `file` is its name without folders. */
  base: Type.Object({
    file: Type.String({ pattern: '^[^/\\\\\\u0000-\\u001f]+$', maxLength: 255 }),
    bytes: Type.Integer({ minimum: 1 }),
    sha256: Sha256,
  }),
  /** Rows of each part. */
  data: Type.Optional(Type.Object({ sha256: Type.Optional(Sha256), train: Rows, valid: Rows, test: Rows })),
  /** On the test rows. */
  metrics: Type.Optional(Type.Object({ base: Type.Optional(Metrics), tuned: Type.Optional(Metrics) })),
  /** Divergence from torch in nats a token, and whether it was small enough. */
  verification: Type.Optional(Type.Object({ meanKl: Type.Optional(Type.Number()), isEqual: Type.Optional(Type.Boolean()) })),
});
export type AdapterFacts = Static<typeof AdapterFacts>;

/** Reads the text of `finetuning.json`, which comes from outside. Throws a `UserError` for one that is not as it should be. */
export function readAdapterFacts(text: string): AdapterFacts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError('InvalidRequest', `Its ${finetuningFile} is no JSON.`);
  }
  return check(AdapterFacts, value, `Its ${finetuningFile}`);
}
