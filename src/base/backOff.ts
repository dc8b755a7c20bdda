/** Milliseconds to wait after the n-th failure in a row, n from 0. */
export type BackOff = (failures: number) => number;

/** Twice as long each time, up to `most`; a fifth more or less, so that those who failed together do not come back together. */
export const growing =
  (first: number, most: number, random: () => number = Math.random): BackOff =>
  (failures) =>
    Math.min(first * 2 ** failures, most) * (0.8 + 0.4 * random());

/** Settles after `ms`, or as soon as `signal` aborts. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
