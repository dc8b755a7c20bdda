/** Milliseconds to wait before the n-th new try (n from 0): at once at first, then less and less often. */
export const waitBefore = (attempt: number): number => Math.min(100 * 2 ** attempt, 30_000);

/** Settles after `ms`, or as soon as `signal` aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
