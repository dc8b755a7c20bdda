import type { BackOff } from '../../base/backOff.ts';

/** When the next try may be, of something that failed some times in a row. */
export class Retry {
  private failures = 0;
  /** On the clock of the process's timers. */
  notBefore = 0;
  private readonly backOff: BackOff;

  constructor(backOff: BackOff) {
    this.backOff = backOff;
  }

  failed(now: number): void {
    this.notBefore = now + this.backOff(this.failures++);
  }

  succeeded(): void {
    this.failures = 0;
    this.notBefore = 0;
  }
}
