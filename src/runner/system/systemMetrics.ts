import type { Logger } from '../../base/logger.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { MachineLoad } from './machineLoad.ts';

/** Milliseconds between two looks, MLflow's own interval. */
const interval = 10_000;
/** Milliseconds for which a look is as good as a new one: many short jobs that end together share it. */
const fresh = 1000;

/** Records the machine's load as metrics of every job that runs, every 10 s and once at its end. One look serves all jobs; none of them waits for it. */
export class SystemMetrics {
  private readonly client: PlaneClient;
  private readonly load: Pick<MachineLoad, 'read'>;
  private readonly logger: Logger;
  /** When each job's command was started, ms since 1970. */
  private readonly jobs = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private last: { at: number; values: Promise<Record<string, number>> } | undefined;
  private ended = false;

  constructor(client: PlaneClient, load: Pick<MachineLoad, 'read'>, logger: Logger) {
    this.client = client;
    this.load = load;
    this.logger = logger;
  }

  /** From now on until the returned function is called. */
  watch(job: string, startedAt: number): () => void {
    this.jobs.set(job, startedAt);
    this.timer ??= setInterval(() => this.record([...this.jobs]), interval).unref();
    return () => {
      if (!this.jobs.delete(job)) return;
      if (this.jobs.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
      this.record([[job, startedAt]]);
    };
  }

  dispose(): void {
    this.ended = true;
    clearInterval(this.timer);
  }

  private record(jobs: [job: string, startedAt: number][]): void {
    if (this.ended) return;
    const now = Date.now();
    if (!this.last || now - this.last.at > fresh) this.last = { at: now, values: this.load.read() };
    this.last.values
      .then((values) =>
        Promise.all(
          jobs.map(([job, startedAt]) =>
            this.client.logBatch(job, {
              metrics: Object.entries(values).map(([key, value]) => ({
                key,
                value,
                timestamp: now,
                // By the clock, so that a runner that takes a job over goes on counting.
                step: Math.max(0, Math.round((now - startedAt) / interval)),
              })),
            }),
          ),
        ),
      )
      .catch((error) => {
        // A job may be deleted and a plane may end while its load is on the way.
        if (!this.ended) this.logger.warn(`system metrics: ${error instanceof Error ? error.message : error}`);
      });
  }
}
