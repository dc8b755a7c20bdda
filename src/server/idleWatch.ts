import { aside } from '../base/aside.ts';
import type { Logger } from '../base/logger.ts';
import type { Clock } from './schedules/clock.ts';

/** Milliseconds between two looks, at most. */
const lookEvery = 30_000;
/** Milliseconds without a request for which runs that a client opened are waited for: a script may log once in some hours. */
const openRunPatience = 12 * 3_600_000;
/** Runs that were opened longer ago than this, in ms, are not waited for: their script has died without ending them. */
const openRunAge = 14 * 24 * 3_600_000;

export interface IdleOptions {
  /** 0: it is never idle. */
  idleMs: number;
  clock: Clock;
  logger: Logger;
  /** Whether there is work of the plane's own: a job that a runner has or will have, a schedule. */
  isBusy: () => boolean | Promise<boolean>;
  /** Whether there are runs that a client opened since then, has not ended, and no runner executes. */
  hasOpenRuns: (since: number) => boolean | Promise<boolean>;
}

/**
 * Ends what nobody needs: tells once when for `idleMs` there was no request, no open feed and nothing to do. A run that no runner executes keeps the plane for some
 * hours after the last request; its script may have died, and then nobody will ever say that it has ended.
 */
export function idleWatch({ idleMs, clock, logger, isBusy, hasOpenRuns }: IdleOptions) {
  let open = 0;
  let last = clock.now();
  let lastRequest = last;
  let listener: () => void = () => {};
  let forget = () => {};
  let isOver = false;

  async function isIdle(): Promise<boolean> {
    if (open > 0 || (await isBusy())) last = clock.now();
    const quiet = clock.now() - last;
    if (quiet < idleMs) return false;
    if (clock.now() - lastRequest >= openRunPatience) return true;
    return !(await hasOpenRuns(clock.now() - openRunAge));
  }

  async function look(): Promise<void> {
    // Who asks while it is being looked at is not left alone.
    const before = lastRequest;
    try {
      if (!(await isIdle()) || isOver || lastRequest !== before || open > 0) return;
      isOver = true;
      listener();
    } finally {
      if (!isOver) plan();
    }
  }

  function plan(): void {
    forget = clock.at(clock.now() + Math.min(idleMs, lookEvery), () => aside('idle watch', look(), logger));
  }

  if (idleMs > 0) plan();
  return {
    touch: () => {
      last = lastRequest = clock.now();
    },
    /** Milliseconds without a request. */
    quietMs: () => clock.now() - lastRequest,
    openFeed: () => {
      open++;
      let closed = false;
      return () => {
        if (closed) return;
        closed = true;
        open--;
        last = clock.now();
      };
    },
    feeds: () => open,
    onIdle: (callback: () => void) => {
      listener = callback;
    },
    dispose: () => {
      isOver = true;
      forget();
    },
  };
}
