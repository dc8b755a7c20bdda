import { plural } from '../../base/text.ts';
import type { Refusal, Result } from '../../exchange/result.ts';

/** Things between two lines that say how far it has come. */
const tellEvery = 100;

/** Says at once what was left out, and why. */
export const tellRefusal = ({ what, why, hint }: Refusal): void => {
  process.stderr.write(`${what}: ${why}${hint ? ` ${hint}` : ''}\n`);
};

/** Says now and then how far it has come. */
export const tellProgress =
  (result: Result) =>
  (what: string): void => {
    if (result.seen % tellEvery === 0) process.stderr.write(`${plural(result.seen, 'thing')} looked at, the last: ${what}\n`);
  };

/** How many there are of a sort, and what one and several of them are called. */
export type Counted = readonly [count: number | undefined, one: string, many?: string];

/** `1 job, 8 points of metrics`: what there is none of is not said. */
export const whatThereIs = (all: readonly Counted[]): string =>
  all.flatMap(([count = 0, one, many]) => (count > 0 ? plural(count, one, many) : [])).join(', ') || 'nothing';
