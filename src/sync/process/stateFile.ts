import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import { writePrivately } from '../../plane/lock.ts';
import type { SyncState } from '../../protocol/sync.ts';

/** Milliseconds from one state that is written to the next. */
const everyMs = 500;

interface StateFileOptions {
  file: string;
  /** What is to be written. */
  state(): SyncState;
  timers: Timers;
  logger: Logger;
}

/** Writes what the process is doing for others to look at: soon after it has changed, and not more often than somebody could read it. */
export class StateFile implements Disposable {
  private readonly options: StateFileOptions;
  private writtenAt = Number.NEGATIVE_INFINITY;
  private written = '';
  private timer: Disposable | undefined;
  private hasFailed = false;

  constructor(options: StateFileOptions) {
    this.options = options;
  }

  changed(): void {
    const { timers } = this.options;
    this.timer ??= timers.after(Math.max(0, this.writtenAt + everyMs - timers.now()), () => this.write());
  }

  /** Writes it now. */
  write(): void {
    this.timer?.dispose();
    this.timer = undefined;
    const { file, state, timers, logger } = this.options;
    const { at, ...now } = state();
    const text = JSON.stringify(now);
    if (text === this.written) return;
    try {
      writePrivately(file, `${JSON.stringify({ at, ...now })}\n`, false);
      this.written = text;
      this.hasFailed = false;
    } catch (error) {
      // It is for show: sending goes on without.
      if (!this.hasFailed) logger.error(`${file} was not written`, error);
      this.hasFailed = true;
    }
    this.writtenAt = timers.now();
  }

  dispose(): void {
    this.timer?.dispose();
  }
}
