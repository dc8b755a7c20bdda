import type { Timers } from '../../base/timers.ts';

/** Settles after `ms`, as soon as the signal aborts, or when `done` is called, which `listen` is given. */
export function passed(
  ms: number,
  timers: Timers,
  signal: AbortSignal | undefined,
  listen: (done: () => void) => void = () => {},
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = timers.after(Math.max(0, ms), done);
    signal?.addEventListener('abort', done);
    listen(done);
    function done(): void {
      timer.dispose();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
