import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { MachineLoad } from './machineLoad.ts';

/** Milliseconds between two looks, MLflow's own interval. */
const interval = 10_000;
/** Milliseconds for which a look is as good as a new one: many short jobs that end together share it. */
const fresh = 1000;

/** `startedAt`: when the command was started, ms since 1970. */
interface Measured {
  client: PlaneClient;
  startedAt: number;
}

/** Records the machine's load as metrics of every job that runs, every 10 s and once at its end. One look serves all jobs; none of them waits for it. */
export class SystemMetrics {
  private readonly load: Pick<MachineLoad, 'read'>;
  private readonly logger: Logger;
  private readonly jobs = new Map<string, Measured>();
  private timer: NodeJS.Timeout | undefined;
  private last: { at: number; values: Promise<Record<string, number>> } | undefined;
  private ended = false;

  constructor(load: Pick<MachineLoad, 'read'>, logger: Logger) {
    this.load = load;
    this.logger = logger;
  }

  /** From now on until the returned function is called. */
  watch(client: PlaneClient, job: string, startedAt: number): () => void {
    const measured = { client, startedAt };
    this.jobs.set(job, measured);
    this.timer ??= setInterval(() => this.record([...this.jobs]), interval).unref();
    return () => {
      if (!this.jobs.delete(job)) return;
      if (this.jobs.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
      this.record([[job, measured]]);
    };
  }

  dispose(): void {
    this.ended = true;
    clearInterval(this.timer);
  }

  private record(jobs: [job: string, Measured][]): void {
    if (this.ended) return;
    const now = Date.now();
    if (!this.last || now - this.last.at > fresh) this.last = { at: now, values: this.load.read() };
    this.last.values
      .then((values) =>
        Promise.all(
          jobs.map(([job, { client, startedAt }]) =>
            client.logBatch(job, {
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
        // A job may end or be deleted, and a plane may end, while its load is on the way.
        const isOver = error instanceof UserError && error.code === 'Unauthorized';
        if (!this.ended && !isOver) this.logger.warn(`system metrics: ${error instanceof Error ? error.message : error}`);
      });
  }
}
