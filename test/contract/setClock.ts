import type { Clock } from '../../src/server/schedules/clock.ts';

/** A clock that stands still until it is set. */
export class SetClock implements Clock {
  private readonly waiting = new Set<{ time: number; callback: () => void }>();
  private time: number;
  private readonly heard = new Set<(time: number) => void>();

  constructor(time: string) {
    this.time = Date.parse(time);
  }

  now = () => this.time;
  at = (time: number, callback: () => void) => {
    const entry = { time, callback };
    this.waiting.add(entry);
    // A time that has come already is told as soon as may be, as a real clock does.
    if (time <= this.time) setImmediate(() => this.waiting.delete(entry) && callback());
    for (const each of this.heard) each(time);
    return () => this.waiting.delete(entry);
  };

  /** Settles when somebody asks for a time to be told that is at least so many milliseconds ahead, from now on. */
  nextAsked(ahead: number): Promise<void> {
    return new Promise((resolve) => {
      const hear = (time: number) => {
        if (time < this.time + ahead) return;
        this.heard.delete(hear);
        resolve();
      };
      this.heard.add(hear);
    });
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
