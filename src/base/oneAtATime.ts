import { growing, wait } from './backOff.ts';

export interface OneAtATimeOptions {
  /** Does what there is to do then. When it rejects it is called again, later and later, until it goes well. */
  work: () => Promise<void>;
  onError: (error: unknown, attempt: number) => void;
  /** Milliseconds between two tries, at most; 30 s when absent. */
  mostWaitMs?: number;
  /** Aborts when nothing is to be done any more. */
  signal: AbortSignal;
}

/** Work that many events ask for: it never runs twice at once, what asks meanwhile is served by one more run, and a failure is never the end. */
export class OneAtATime {
  private readonly options: OneAtATimeOptions;
  private isAsked = false;
  private running: Promise<void> | undefined;

  constructor(options: OneAtATimeOptions) {
    this.options = options;
  }

  /** Asks for a run that begins after this call. */
  ask(): void {
    this.isAsked = true;
    this.running ??= this.run().then(() => {
      this.running = undefined;
      // Asked just after the last look.
      if (this.isAsked && !this.options.signal.aborted) this.ask();
    });
  }

  /** Settles when nothing runs and nothing is asked for. */
  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    const { work, onError, signal, mostWaitMs = 30_000 } = this.options;
    const backOff = growing(100, mostWaitMs);
    // What asks in this very moment, event after event, is one question.
    await new Promise((resolve) => setImmediate(resolve));
    for (let attempt = 0; this.isAsked && !signal.aborted; ) {
      this.isAsked = false;
      try {
        await work();
        attempt = 0;
      } catch (error) {
        this.isAsked = true;
        if (signal.aborted) return;
        onError(error, attempt);
        await wait(backOff(attempt++), signal);
      }
    }
  }
}
