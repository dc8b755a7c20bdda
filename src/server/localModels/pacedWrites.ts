import type { Disposable } from '../../base/disposable.ts';
import type { Timers } from '../../base/timers.ts';

/** Writes the newest state of something that changes many times a second: one write at a time, and none sooner than `everyMs` after the last. */
export class PacedWrites {
  private readonly write: () => Promise<void>;
  private readonly everyMs: number;
  private readonly timers: Timers;
  private plan: Disposable | undefined;
  private writtenAt = Number.NEGATIVE_INFINITY;
  private writing: Promise<void> = Promise.resolve();
  private isOver = false;

  /** `write` never rejects. */
  constructor(write: () => Promise<void>, everyMs: number, timers: Timers) {
    this.write = write;
    this.everyMs = everyMs;
    this.timers = timers;
  }

  /** There is something new to write. */
  ask(): void {
    if (this.plan || this.isOver) return;
    this.plan = this.timers.after(Math.max(0, this.writtenAt + this.everyMs - this.timers.now()), () => {
      this.plan = undefined;
      this.writtenAt = this.timers.now();
      this.writing = this.writing.then(this.write);
    });
  }

  /** Settles when the last write is done; none follows. */
  async end(): Promise<void> {
    this.isOver = true;
    this.plan?.dispose();
    await this.writing;
  }
}
