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
