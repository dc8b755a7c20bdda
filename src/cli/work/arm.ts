import { armJsonOf } from '../armJsonOf.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required } from '../parsed.ts';

/** The body of a YAML file. */
export function armOf(parsed: Parsed): Outcome {
  const body = armJsonOf(required(parsed, 'file'));
  return { value: body, text: () => JSON.stringify(body, null, 2) };
}
