import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { check } from '../../protocol/check.ts';
import { type ClaimAnswer, ClaimRequest, NamedJobs } from '../../protocol/claims.ts';
import { computeNameOf } from '../../protocol/infrastructure.ts';
import type { Principal } from '../../protocol/principal.ts';
import type { Claim, StoredJob, StoreReader, StoreWriter, WorkspaceStore } from '../../store/store.ts';
import { servedCompute, servedComputes } from '../leases/computes.ts';
import { heartbeatMs, isToBeRenewed, leaseMs } from '../leases/lease.ts';
import { askToGiveWay, type Decision, givingWay, RunnerAsks } from '../queue/runnerAsks.ts';
import { type PlaneServices, type Services, servicesOf } from '../services.ts';
import { mayTakeOf } from '../team/admitRunner.ts';
import { toJob } from './arm/resource.ts';

/** Largest request in bytes. */
const sizeLimit = 20_000_000;

/** `POST /updraft/claims`: a runner asks for jobs and says that it is there. `POST /updraft/jobs`: several jobs by their names. */
export function claimRoutes(plane: PlaneServices): Hono {
  const { clock, reaper, jobTokens, queueNews } = plane;

  const show = (jobs: StoredJob[], services: Services) =>
    Promise.all(jobs.map((job) => toJob({ ...defaultWorkspace, workspace: job.workspace }, job, services)));

  async function claim(request: ClaimRequest, services: Services): Promise<ClaimAnswer> {
    const { store } = services;
    const { runnerId, holds } = request;
    const { principal } = services;
    mayAskFor(principal, request);
    await attach(store, request.computes);
    const now = clock.now();
    const held = new Set(holds);
    const claims = (reader: StoreReader) => claimsOf(reader, runnerId, principal);
    let mine = await claims(store);
    const names = mine.map(({ name }) => name);
    const unknown = names.filter((name) => !held.has(name));
    const asks = request.orchestrates ? undefined : new RunnerAsks(request, await servedComputes(store), plane.team !== undefined, now);
    const decide = async (reader: StoreReader): Promise<Decision> => {
      if (asks) return asks.decide(reader, mine);
      const waiting = request.room > 0 ? await reader.waitingOrchestrations(request.room) : [];
      return { next: waiting.map(({ name }) => name), giveWay: [] };
    };
    const seen = asks?.seen(await store.queue.runners());
    const { next, giveWay } = await decide(store);
    let taken: StoredJob[] = [];
    // Most of the time there is nothing to be written.
    if (seen || next.length || giveWay.length || unknown.length || mine.some((each) => isToBeRenewed(each, now))) {
      const until = now + leaseMs;
      await store.write(async (writer) => {
        if (seen) await writer.queue.noteRunner(seen);
        // Another may have been quicker: what was decided before is decided anew.
        mine = await claims(writer);
        const decided = next.length || giveWay.length ? await decide(writer) : { next, giveWay };
        const own = await writer.claimJobs(runnerId, [...names, ...decided.next], until);
        const found = new Map((await writer.jobsNamed(decided.next.filter((name) => own.has(name)))).map((job) => [job.name, job]));
        taken = [];
        for (const name of decided.next) {
          const job = found.get(name);
          if (job) taken.push(await started(writer, job, request, now));
        }
        for (const { name, to } of decided.giveWay) await askToGiveWay(writer, name, to);
      });
      reaper()?.watch();
      if (taken.length && asks) queueNews.moved(store);
    }
    const jobs = [...(unknown.length ? await store.jobsNamed(unknown) : []), ...taken];
    const own = new Set(names);
    const givesWay = asks ? await givingWay(store, mine, held) : {};
    return {
      jobs: (await show(jobs, services)) as ClaimAnswer['jobs'],
      tokens: Object.fromEntries(jobs.map((job) => [job.name, jobTokens.issue(job)])),
      lost: holds.filter((name) => !own.has(name)),
      canceled: mine.filter(({ name, status }) => status === 'CancelRequested' && held.has(name)).map(({ name }) => name),
      ...(Object.keys(givesWay).length ? { givesWay } : {}),
      heartbeatMs,
    };
  }

  /** A compute that a runner serves is known from then on: its jobs wait for such a runner. */
  async function attach(store: WorkspaceStore, names: string[]): Promise<void> {
    for (const name of names) {
      const found = await store.resource('computes', name, '');
      const properties = servedCompute(found?.properties, name);
      if (properties) await store.write((writer) => writer.putResource({ kind: 'computes', name, version: '', properties }));
    }
  }

  return new Hono()
    .post('/updraft/claims', bodyLimit({ maxSize: sizeLimit }), async (c) =>
      c.json(await claim(check(ClaimRequest, await c.req.json(), 'The claim'), servicesOf(plane, c.get('asked')))),
    )
    .post('/updraft/jobs', bodyLimit({ maxSize: sizeLimit }), async (c) => {
      const { names } = check(NamedJobs, await c.req.json(), 'The names');
      const services = servicesOf(plane, c.get('asked'));
      return c.json({ value: await show(await services.store.jobsNamed(names), services) });
    });
}

/** Throws `Forbidden` where a runner asks for jobs that its token is not for. */
function mayAskFor(principal: Principal, { computes, others = false, orchestrates = false }: ClaimRequest): void {
  if (principal.kind !== 'runner') return;
  const foreign = computes.find((name) => !mayTakeOf(principal, name));
  // Without `--compute` a runner asks for its machine's own name as well.
  const isForAll = principal.computes.length === 0;
  if (!orchestrates && (isForAll || (!others && foreign === undefined))) return;
  throw new UserError(
    'Forbidden',
    orchestrates
      ? 'The token of a runner is for commands: pipelines and sweeps are not its to run.'
      : `The token of a runner does not let it take jobs of ${foreign ?? 'other computes'}.`,
    isForAll ? undefined : `It is for: ${principal.computes.join(', ')}.`,
  );
}

/** What a runner has claimed. Somebody who comes with its id and a token for other computes has none of it. */
async function claimsOf(reader: StoreReader, runnerId: string, principal: Principal): Promise<Claim[]> {
  const all = await reader.claims(runnerId);
  if (principal.kind !== 'runner' || principal.computes.length === 0 || all.length === 0) return all;
  const jobs = await reader.jobsNamed(all.map(({ name }) => name));
  const own = new Set(jobs.filter(({ properties }) => mayTakeOf(principal, computeNameOf(properties.computeId))).map(({ name }) => name));
  return all.filter(({ name }) => own.has(name));
}

/** An orchestration is under way with its claim; of a command its runner says so. */
async function started(writer: StoreWriter, job: StoredJob, { orchestrates }: ClaimRequest, now: number): Promise<StoredJob> {
  if (orchestrates && (job.status === 'Queued' || job.status === 'NotStarted'))
    return writer.updateJob(job, undefined, { status: 'Running', startedAt: now });
  return job;
}
