/**
 * Runs `work` soon after it is asked for, one at a time: what is asked for meanwhile leads to one more run. `restMs` is the least time from one start
 * to the next, so that a storm of changes costs a few requests a second.
 */
export function gathered(work: () => Promise<void>, restMs: number): { ask(): void; dispose(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRunning = false;
  let isAsked = false;
  let isDisposed = false;
  let lastStart = Number.NEGATIVE_INFINITY;

  async function run() {
    timer = undefined;
    isAsked = false;
    isRunning = true;
    lastStart = performance.now();
    await work();
    isRunning = false;
    if (isAsked) plan();
  }
  function plan() {
    if (isDisposed || timer !== undefined) return;
    timer = setTimeout(run, Math.max(0, lastStart + restMs - performance.now()));
  }
  return {
    ask() {
      isAsked = true;
      if (!isRunning) plan();
    },
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
    },
  };
}
