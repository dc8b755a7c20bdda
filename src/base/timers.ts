import { type Disposable, toDisposable } from './disposable.ts';

/** Time as a process has it; tests bring their own. */
export interface Timers {
  /** Milliseconds on a clock that is never set. */
  now(): number;
  /** Calls back once, `ms` later; the answer takes it back. */
  after(ms: number, callback: () => void): Disposable;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return toDisposable(() => clearTimeout(timer));
  },
};
