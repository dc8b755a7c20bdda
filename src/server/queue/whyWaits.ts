import { plural } from '../../base/text.ts';
import { claimantOf } from '../../protocol/claims.ts';
import { thisMachine } from '../../protocol/infrastructure.ts';
import type { HeldJob, QueuePlace, SeenRunner } from '../../store/queue.ts';
import type { StoredJob } from '../../store/store.ts';
import { servedComputes } from '../leases/computes.ts';
import { heartbeatMs, leaseMs } from '../leases/lease.ts';
import type { Services } from '../services.ts';
import { isOf, type RunnerQueue } from './nextJobs.ts';
import { limitsOf, type Quotas, readQuotas } from './quotas.ts';

/** Jobs that are counted which come first. */
const mostAhead = 100;

/** How it stands with the queue of a workspace. */
interface QueueState {
  places: QueuePlace[];
  held: HeldJob[];
  quotas: Quotas;
  runners: SeenRunner[];
  /** Computes that have runners of their own. */
  served: string[];
}

/** A request shows many jobs, and the state of the queue is the same for all of them. */
const states = new WeakMap<Services, Promise<QueueState>>();

function stateOf(services: Services): Promise<QueueState> {
  const { store } = services;
  const read = async (): Promise<QueueState> => {
    const [places, held, quotas, runners, served] = await Promise.all([
      store.queue.places(),
      store.queue.held(),
      readQuotas(store),
      store.queue.runners(),
      servedComputes(store),
    ]);
    return { places, held, quotas, runners, served };
  };
  const found = states.get(services) ?? read();
  states.set(services, found);
  return found;
}

/** Of a job that waits to be claimed: what for, in one line. undefined when it is its turn. */
export async function whyWaits(job: StoredJob, services: Services): Promise<string | undefined> {
  if (job.claimedBy !== null || (job.status !== 'Queued' && job.status !== 'NotStarted')) return undefined;
  if (claimantOf(job.properties) !== 'runner') return undefined;
  const state = await stateOf(services);
  const who = services.principal.name === job.user ? 'your' : `${job.user}'s`;
  const blocked = quotaReached(job.user, state, who);
  if (blocked) return blocked;
  const queue: RunnerQueue = state.served.includes(job.compute)
    ? { computes: [job.compute] }
    : { computesOtherThan: state.served.filter((name) => name !== thisMachine) };
  const missing = runnerMissing(job, queue, state, services);
  if (missing) return missing;
  const same = state.places.filter((each) => isOf(queue, each));
  const own = await services.store.queue.ahead(job, [...new Set(same.map(({ compute }) => compute))], mostAhead);
  // A runner makes jobs ready while others run: they come first, too.
  const ready = state.held.filter((each) => isOf(queue, each) && each.status !== 'Running' && each.status !== 'Finalizing').length;
  const others = new Set(same.map(({ user }) => user).filter((user) => user !== job.user)).size;
  return state.held.some((each) => isOf(queue, each)) || own > 0 || others > 0 ? roomText(job.compute, own + ready, others) : undefined;
}

function quotaReached(user: string, { quotas, held }: QueueState, who: string): string | undefined {
  const own = held.filter((each) => each.user === user).length;
  const { jobsAtOnce: most = Number.POSITIVE_INFINITY } = limitsOf(quotas, user);
  if (own >= most) return `Waits for ${who} quota: ${own} of ${most} of ${who} jobs run.`;
  const { jobsAtOnce: ofAll = Number.POSITIVE_INFINITY } = quotas.workspace;
  if (held.length >= ofAll) return `Waits for the quota of the workspace: ${held.length} of ${ofAll} jobs run.`;
  return undefined;
}

/** Whether nobody is there who would take it. A runner that has nothing to do says nothing, but it asks when a job is made; one that has is heard of all the time. */
function runnerMissing(
  { compute, createdAt }: StoredJob,
  queue: RunnerQueue,
  { runners, held }: QueueState,
  { clock, hasRunner }: Services,
): string | undefined {
  const isServed = 'computes' in queue;
  if (!isServed && hasRunner) return undefined;
  const able = runners.filter((each) => (isServed ? each.computes.includes(compute) : each.others));
  if (held.some(({ claimedBy }) => able.some(({ id }) => id === claimedBy))) return undefined;
  const seen = Math.max(0, ...able.map(({ seenAt }) => seenAt));
  if (seen >= createdAt && clock.now() - seen < leaseMs + heartbeatMs) return undefined;
  const what = isServed ? `Waits for a runner of the compute ${compute}.` : 'Waits for a runner: this control plane has none of its own.';
  return seen === 0 ? what : `${what} One was last heard of on ${new Date(seen).toISOString().slice(0, 16).replace('T', ' at ')} UTC.`;
}

/** `ahead`: jobs of the same person, and those that a runner has already; `others`: other people who wait for the same, whose turns come in between. */
export function roomText(compute: string, ahead: number, others: number): string {
  const where = compute === '' ? '' : ` on ${compute}`;
  const count = ahead >= mostAhead ? `${mostAhead} jobs or more are` : `${plural(ahead, 'job')} ${ahead === 1 ? 'is' : 'are'}`;
  const before = ahead === 0 ? '' : `${count} before it`;
  const shared = others === 0 ? '' : `${plural(others, 'other person', 'other people')} ${others === 1 ? 'waits' : 'wait'} too`;
  return `Waits for room${where}: ${[before, shared].filter(Boolean).join(', and ') || 'it comes next'}.`;
}
