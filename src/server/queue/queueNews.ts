import type { Logger } from '../../base/logger.ts';
import type { WorkspaceStore } from '../../store/store.ts';
import type { Clock } from '../schedules/clock.ts';

/** Milliseconds between two times that a queue is told of, at least. */
const pauseMs = 3000;
/** Jobs of the queue that are told anew: the next ones. Somebody looks at them. */
const mostTold = 10;

/** Tells those who look at jobs that nobody has claimed yet, when what they wait for has changed: that stands in no job, it is worked out when one is read. However long the queue is, few jobs are told. */
export class QueueNews {
  private isPausing = false;
  /** The queues that moved since they were told of, by workspace. */
  private readonly waiting = new Map<string, () => Promise<void>>();
  private forget = () => {};
  private isOver = false;
  private working: Promise<void> = Promise.resolve();
  private readonly clock: Clock;
  private readonly logger: Logger;

  constructor(clock: Clock, logger: Logger) {
    this.clock = clock;
    this.logger = logger;
  }

  /** Jobs of the queue were taken, some of somebody ended, or a quota is another. */
  moved(store: WorkspaceStore): void {
    if (this.isOver) return;
    this.waiting.set(store.workspace, async () => {
      const places = await store.queue.places();
      if (places.length === 0) return;
      // The next ones of each person.
      const heads = await store.queue.heads(places, Math.ceil(mostTold / places.length));
      const next = await store.jobsNamed(heads.slice(0, mostTold).map(({ name }) => name));
      await store.write(async (writer) => {
        for (const { name, parent } of next) await writer.announce('job', name, 'put', { parent });
      });
    });
    if (!this.isPausing) this.pause();
  }

  async dispose(): Promise<void> {
    this.isOver = true;
    this.forget();
    await this.working;
  }

  /** Waits first: a queue that is short is empty by then. */
  private pause(): void {
    this.isPausing = true;
    this.forget = this.clock.at(this.clock.now() + pauseMs, () => {
      this.isPausing = false;
      const tell = [...this.waiting.values()];
      this.waiting.clear();
      if (!this.isOver)
        this.working = Promise.all(tell.map((each) => each())).then(
          () => {},
          (error) => this.logger.error('the news of a queue', error),
        );
    });
  }
}
