import { ago } from '../../base/text.ts';

/** When a plane that is away was heard of, in milliseconds since 1970. */
export const seenText = (at: number | undefined, now = Date.now()): string =>
  at === undefined ? 'does not answer' : `last seen ${ago(Math.max(0, now - at))}`;
