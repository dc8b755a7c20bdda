import type { Disposable } from '../base/disposable.ts';
import { systemTimers, type Timers } from '../base/timers.ts';

/** What is over before this many milliseconds is not worth a word. */
const lastingMs = 300;
/** Milliseconds between two reports, at least. */
const pauseMs = 1000;

/** Tells what a job that prepares is about: the newest text, once it has lasted a moment, and not more often than people read. */
export class ProgressReports {
  private text: string | undefined;
  private told: string | undefined;
  private toldAt = Number.NEGATIVE_INFINITY;
  private timer: Disposable | undefined;
  private isOver = false;
  /** The report that is on its way; it answers true when it has come, or is lost. */
  private sending: Promise<boolean> = Promise.resolve(false);
  private readonly send: (text: string) => Promise<unknown>;
  private readonly timers: Timers;

  constructor(send: (text: string) => Promise<unknown>, timers: Timers = systemTimers) {
    this.send = send;
    this.timers = timers;
  }

  readonly say = (text: string): void => {
    if (this.isOver) return;
    this.text = text;
    this.timer ??= this.timers.after(Math.max(lastingMs, this.toldAt + pauseMs - this.timers.now()), () => {
      this.timer = undefined;
      if (this.text === this.told) return;
      this.told = this.text;
      this.toldAt = this.timers.now();
      // The next one says more, and the end says all.
      const sent: Promise<boolean> = this.send(this.text!).then(
        () => this.arrived(sent),
        () => this.arrived(sent),
      );
      this.sending = sent;
    });
  };

  /** Nothing more is told. Answers whether something was on its way, once that has come or is lost. */
  end(): Promise<boolean> {
    this.isOver = true;
    this.timer?.dispose();
    return this.sending;
  }

  private arrived(sent: Promise<boolean>): boolean {
    if (this.sending === sent) this.sending = Promise.resolve(false);
    return true;
  }
}
