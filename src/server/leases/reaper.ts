import type { Logger } from '../../base/logger.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Lease } from '../../store/leases.ts';
import type { Claim, Store } from '../../store/store.ts';
import type { Clock } from '../schedules/clock.ts';
import { inSpan, type Tracer } from '../tracing/tracer.ts';
import { afterLoss, leaseEnd, leaseMs } from './lease.ts';

export interface ReaperOptions {
  store: Store;
  clock: Clock;
  logger: Logger;
  tracer?: Tracer | undefined;
  /** The lease under which it works, where the plane may have several servers. Others may make claims then, of which nobody tells this one. */
  lease?: Lease | undefined;
  /** A job of this workspace was taken from its runner. */
  onRelease?: (workspace: string) => void;
}

export type Reaper = ReturnType<typeof startReaper>;

/** Milliseconds after which a store that could not be read or written is tried again. */
const retryAfter = 5000;

/** Takes the jobs of runners that are gone from them. It has one timer, for the next end of a lease, and none while nothing is claimed and no other server may claim anything. */
export function startReaper({ store, clock, logger, tracer, lease, onRelease }: ReaperOptions) {
  let listeningSince = clock.now();
  let due: number | undefined;
  let forget = () => {};
  let isOver = false;
  let working: Promise<void> = Promise.resolve();

  function arm(at: number): void {
    forget();
    due = at;
    forget = clock.at(at, () => {
      working = working.then(() => inSpan(tracer, 'leases of jobs', look));
    });
  }

  async function look(): Promise<void> {
    if (isOver) return;
    const now = clock.now();
    // A timer that is this late: the plane, or its machine, slept meanwhile and heard nobody.
    if (due !== undefined && now - due > leaseMs / 2) listeningSince = now;
    due = undefined;
    try {
      const gone = (await store.claims()).filter((claim) => leaseEnd(claim, listeningSince) <= now);
      for (const claim of gone) await release(claim, now);
      await plan();
    } catch (error) {
      logger.error('the leases of jobs could not be looked at', error);
      if (!isOver) arm(now + retryAfter);
    }
  }

  async function release(claim: Claim, now: number): Promise<void> {
    const status = await store.in(claim.workspace, thePlane, lease).write(async (writer) => {
      const job = await writer.job(claim.name);
      // Its runner may have said a word just now.
      if (job?.claimedBy !== claim.claimedBy || job.leaseUntil !== claim.leaseUntil) return undefined;
      const next = afterLoss(job, now);
      return next && (await writer.updateJob(job, next.properties, next.fields)).status;
    });
    if (!status) return;
    onRelease?.(claim.workspace);
    logger.warn(`the runner ${claim.claimedBy} of the job ${claim.name} is gone: the job is ${status}`);
  }

  async function plan(): Promise<void> {
    const ends = (await store.claims()).map((claim) => leaseEnd(claim, listeningSince));
    // Claims that other servers make from now on do not end earlier.
    if (lease) ends.push(clock.now() + leaseMs);
    if (ends.length && !isOver) arm(Math.min(...ends));
  }

  working = working.then(() => inSpan(tracer, 'leases of jobs', look));
  return {
    /** To be called when jobs were claimed. A timer that runs already is early enough. */
    watch(): void {
      if (due === undefined && !isOver) arm(clock.now() + leaseMs);
    },
    async dispose(): Promise<void> {
      isOver = true;
      forget();
      await working;
    },
  };
}
