import { setTimeout as delay } from 'node:timers/promises';
import { aside } from '../../base/aside.ts';
import type { Logger } from '../../base/logger.ts';
import type { Ended, Executor, Handle } from './executor.ts';

/** Milliseconds until an executor that failed to give news is asked again. */
const retryAfter = 1000;

interface Watched {
  handle: Handle;
  ended: PromiseWithResolvers<Ended>;
  onUnknown: (why: string | undefined) => void;
}

/** Hands the news of one executor's tasks to those who wait for them. */
export class TaskWatch {
  private readonly executor: Executor;
  private readonly logger: Logger;
  private readonly signal: AbortSignal;
  private readonly tasks = new Map<string, Watched>();
  private isListening = false;

  constructor(executor: Executor, logger: Logger, signal: AbortSignal) {
    this.executor = executor;
    this.logger = logger;
    this.signal = signal;
  }

  /** Settles when the task has ended; never, when the signal aborts before. `onUnknown` hears of it when its compute does not answer. */
  ended(handle: Handle, onUnknown: Watched['onUnknown'] = () => {}): Promise<Ended> {
    const ended = Promise.withResolvers<Ended>();
    this.tasks.set(handle.id, { handle, ended, onUnknown });
    if (!this.isListening) aside(`news of ${this.executor.engine}`, this.listen(), this.logger);
    return ended.promise;
  }

  private async listen(): Promise<void> {
    this.isListening = true;
    while (this.tasks.size && !this.signal.aborted) {
      try {
        for await (const news of this.executor.observe(() => [...this.tasks.values()].map(({ handle }) => handle), this.signal)) {
          const watched = this.tasks.get(news.id);
          if (news.phase === 'unknown') watched?.onUnknown(news.why);
          if (news.phase !== 'ended') continue;
          this.tasks.delete(news.id);
          watched?.ended.resolve(news);
        }
      } catch (error) {
        if (this.signal.aborted) break;
        this.logger.error(`news of ${this.executor.engine}`, error);
        await delay(retryAfter, undefined, { signal: this.signal }).catch(() => {});
      }
    }
    this.isListening = false;
  }
}
