/**
 * Times of writes that put those of several planes in one order, also where their clocks differ by a little: a hybrid logical clock, milliseconds since 1970 in 48 bits and a
 * count of writes of the same millisecond in 16, written as 16 hexadecimal digits, so that they sort as text. https://cse.buffalo.edu/tech-reports/2014-04.pdf
 */
export type HybridClock = string;

/** Of a value that was there before anybody wrote it where several planes have it. */
export const beforeAll: HybridClock = '0'.repeat(16);

/** Milliseconds that another machine's clock may be ahead: what Kerberos allows (RFC 4120, section 1.6). */
export const mostAheadMs = 5 * 60_000;

const textOf = (ms: number, count: number): HybridClock => ms.toString(16).padStart(12, '0') + count.toString(16).padStart(4, '0');

export const msOf = (clock: HybridClock): number => Number.parseInt(clock.slice(0, 12), 16);

/** Whether a time is further ahead of `now` (ms since 1970) than clocks may differ. */
export const isFarAhead = (clock: HybridClock, now: number): boolean => msOf(clock) - now > mostAheadMs;

/** The time of a write at `now`: later than all that its plane knows (`known`), but for what a clock that was wrong has left. */
export function nextClock(now: number, known: Iterable<HybridClock>): HybridClock {
  let newest = beforeAll;
  for (const each of known) if (each > newest && !isFarAhead(each, now)) newest = each;
  if (msOf(newest) < now) return textOf(now, 0);
  const count = Number.parseInt(newest.slice(12), 16) + 1;
  return count < 2 ** 16 ? textOf(msOf(newest), count) : textOf(msOf(newest) + 1, 0);
}
