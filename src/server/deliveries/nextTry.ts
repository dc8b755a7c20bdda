const [first, most] = [5000, 3_600_000];
/** A receiver may ask for more patience than that, but not for ever. */
const mostAsked = 6 * 3_600_000;
const jitter = 0.2;

/** In how many ms an event is tried again after so many tries, which were in vain: later and later, and not all at the same moment. */
export function waitAfter(attempts: number, retryAfterMs = 0, random: number = Math.random()): number {
  const usual = Math.min(most, first * 2 ** Math.min(attempts - 1, 20)) * (1 - jitter + 2 * jitter * random);
  return Math.round(Math.max(usual, Math.min(retryAfterMs, mostAsked)));
}

/** Tries of an event that its receiver refuses. */
export const mostRefusals = 5;
/** How long a receiver may fail before it is turned off. */
export const mostFailingMs = 24 * 3_600_000;
