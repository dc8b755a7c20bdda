import { type Disposable, toDisposable } from '../../../src/base/disposable.ts';
import type { Timers } from '../../../src/base/timers.ts';

/** Time that stands still until it is moved. */
export class ManualTimers implements Timers {
  private time = 0;
  private readonly waiting = new Map<object, { at: number; callback: () => void }>();
  private onWait: (() => void) | undefined;

  now = (): number => this.time;

  after(ms: number, callback: () => void): Disposable {
    const key = {};
    this.waiting.set(key, { at: this.time + ms, callback });
    this.onWait?.();
    return toDisposable(() => this.waiting.delete(key));
  }

  /** Milliseconds until each of the timers that run is due. */
  get left(): number[] {
    return [...this.waiting.values()].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Settles when a timer is set that is due within `ms`. */
  async untilWithin(ms: number): Promise<void> {
    while (!this.left.some((left) => left <= ms))
      await new Promise<void>((resolve) => {
        this.onWait = resolve;
      });
  }

  /** Moves on, and lets everything that is due by then happen in its order. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.waiting].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      this.waiting.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].callback();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets what is on its way in this process arrive. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
