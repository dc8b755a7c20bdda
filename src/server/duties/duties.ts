import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import type { Lease, Leases } from '../../store/leases.ts';

/** What one server of the plane does for all of them, as long as it has begun. */
export interface Work {
  end(): Promise<void>;
}

export interface DutiesOptions {
  /** undefined: no other process can have the plane's data, so there is nothing to agree upon. */
  leases: Leases | undefined;
  /** This server, the same over restarts: it takes up what it had at once. */
  holder: string;
  /** Where other servers reach this one, as an origin. */
  address?: string;
  /** What is done under a lease is refused once another server has it. */
  begin(lease: Lease | undefined): Work;
  logger: Logger;
  times?: { leaseMs: number; renewMs: number; lookMs: number };
}

/** The one lease: who has it has all duties. */
export const dutiesLease = 'duties';

/** A server that was killed is followed after `leaseMs`, and after `lookMs` where it gave the lease back. Two renewals may get lost. */
const usual = { leaseMs: 5000, renewMs: 1250, lookMs: 1000 };

/**
 * Does what a plane does once, whatever the number of its servers: schedules, pipelines and sweeps, leases of jobs, tidying up. Each server asks the database for the lease; who gets it begins, and ends
 * when it can't renew it in time. A server that sleeps meanwhile does not notice, so each write of this work is refused by the database once another server has taken the lease.
 */
export class Duties {
  private readonly options: DutiesOptions & { times: typeof usual };
  private readonly over = new AbortController();
  private work: Work | undefined;
  private following: Promise<void> = Promise.resolve();

  constructor(options: DutiesOptions) {
    this.options = { ...options, times: options.times ?? usual };
  }

  /** Settles when it was asked once, so that the only server of a plane is at work from the start. */
  async start(): Promise<void> {
    const { leases, begin } = this.options;
    if (!leases) {
      this.work = begin(undefined);
      return;
    }
    const asked = Promise.withResolvers<void>();
    this.following = this.follow(leases, () => asked.resolve());
    await asked.promise;
  }

  async dispose(): Promise<void> {
    this.over.abort();
    await this.following;
    await this.rest();
  }

  private async follow(leases: Leases, onAsked: () => void): Promise<void> {
    const { holder, address, logger, times } = this.options;
    let failed = false;
    while (!this.over.signal.aborted) {
      const since = performance.now();
      try {
        const taken = await leases.take(dutiesLease, holder, times.leaseMs, address);
        failed = false;
        if ('term' in taken) {
          await this.hold(leases, taken, since, onAsked);
          continue;
        }
        onAsked();
        // Just after its end, or when it may have been given back.
        await this.sleep(Math.min(taken.freeInMs + 20, times.lookMs));
      } catch (error) {
        if (!failed) logger.warn(`duties: the database could not be asked: ${messageOf(error)}`);
        failed = true;
        onAsked();
        await this.sleep(times.lookMs / 3);
      }
    }
  }

  /** Works as long as the lease is this server's. `since` is when it was asked for, by this machine's clock. */
  private async hold(leases: Leases, lease: Lease, since: number, onBegun: () => void): Promise<void> {
    const { begin, logger, times } = this.options;
    // It may have been stopped while it asked.
    if (!this.over.signal.aborted) {
      this.work = begin(lease);
      logger.info(`duties: taken, term ${lease.term}`);
    }
    onBegun();
    let isLost = false;
    for (let until = since + times.leaseMs; !isLost && !this.over.signal.aborted; ) {
      await this.sleep(Math.max(0, Math.min(times.renewMs, until - performance.now())));
      if (this.over.signal.aborted) break;
      const asked = performance.now();
      try {
        if (await leases.renew(lease, times.leaseMs)) until = asked + times.leaseMs;
        else isLost = true;
      } catch (error) {
        if (performance.now() < until) continue;
        logger.warn(`duties: they could not be kept: ${messageOf(error)}`);
        isLost = true;
      }
    }
    await this.rest();
    if (isLost) logger.warn(`duties: lost, term ${lease.term}`);
    else
      await leases.giveBack(lease).catch(() => {
        // It ends by itself.
      });
  }

  private async rest(): Promise<void> {
    const { work } = this;
    this.work = undefined;
    await work?.end().catch((error) => this.options.logger.error('the end of the duties', error));
  }

  private sleep(ms: number): Promise<void> {
    return pause(ms, undefined, { signal: this.over.signal, ref: false }).then(
      () => {},
      () => {},
    );
  }
}
