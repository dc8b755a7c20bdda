import type { Clock } from '../../src/server/schedules/clock.ts';

/** A clock that stands still until it is set. */
export class SetClock implements Clock {
  private readonly waiting = new Set<{ time: number; callback: () => void }>();
  private time: number;
  private asked = Promise.withResolvers<void>();

  constructor(time: string) {
    this.time = Date.parse(time);
  }

  now = () => this.time;
  at = (time: number, callback: () => void) => {
    const entry = { time, callback };
    this.waiting.add(entry);
    // A time that has come already is told as soon as may be, as a real clock does.
    if (time <= this.time) setImmediate(() => this.waiting.delete(entry) && callback());
    this.asked.resolve();
    this.asked = Promise.withResolvers();
    return () => this.waiting.delete(entry);
  };

  /** Settles when somebody asks for a time to be told, from now on. */
  get nextAsked(): Promise<void> {
    return this.asked.promise;
  }

  set(time: string | number): void {
    this.time = typeof time === 'number' ? time : Date.parse(time);
    for (const entry of [...this.waiting]) {
      if (entry.time > this.time) continue;
      this.waiting.delete(entry);
      entry.callback();
    }
  }
}
