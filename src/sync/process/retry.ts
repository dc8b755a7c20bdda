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

  /** `leastMs`: no sooner than that. */
  failed(now: number, leastMs = 0): void {
    this.notBefore = now + Math.max(leastMs, this.backOff(this.failures++));
  }

  succeeded(): void {
    this.failures = 0;
    this.notBefore = 0;
  }
}
