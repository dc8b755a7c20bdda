import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { check } from '../../protocol/check.ts';
import { type ClaimAnswer, ClaimRequest, NamedJobs } from '../../protocol/claims.ts';
import { thisMachine } from '../../protocol/infrastructure.ts';
import type { StoredJob, StoreWriter, WaitingJobs, WorkspaceStore } from '../../store/store.ts';
import { servedCompute } from '../leases/computes.ts';
import { heartbeatMs, isToBeRenewed, leaseMs } from '../leases/lease.ts';
import { type PlaneServices, type Services, servicesOf } from '../services.ts';
import { toJob } from './arm/resource.ts';

/** Largest request in bytes. */
const sizeLimit = 20_000_000;

/** `POST /updraft/claims`: a runner asks for jobs and says that it is there. `POST /updraft/jobs`: several jobs by their names. */
export function claimRoutes(plane: PlaneServices): Hono {
  const { clock, computes, reaper, jobTokens, queueNews } = plane;

  const show = (jobs: StoredJob[], services: Services) =>
    Promise.all(jobs.map((job) => toJob({ ...defaultWorkspace, workspace: job.workspace }, job, services)));

  async function claim(request: ClaimRequest, services: Services): Promise<ClaimAnswer> {
    const { store } = services;
    const { runnerId, room, holds } = request;
    await attach(store, request.computes);
    const served = await computes.read(store);
    if (request.others) computes.hearOfOthers();
    const now = clock.now();
    const held = new Set(holds);
    const mine = await store.claims(runnerId);
    const names = mine.map(({ name }) => name);
    const unknown = names.filter((name) => !held.has(name));
    const waiting = room > 0 ? await store.waitingJobs(wanted(request, served), room) : [];
    const taken: StoredJob[] = [];
    // Most of the time there is nothing to be written.
    if (waiting.length || unknown.length || mine.some((each) => isToBeRenewed(each, now))) {
      const until = now + leaseMs;
      await store.write(async (writer) => {
        const own = await writer.claimJobs(runnerId, [...names, ...waiting.map(({ name }) => name)], until);
        // Another may have been quicker.
        for (const job of waiting) {
          const claim = own.get(job.name);
          if (claim !== undefined)
            taken.push(await started(writer, { ...job, claimedBy: runnerId, claim, leaseUntil: until }, request, now));
        }
      });
      reaper()?.watch();
      if (taken.length && !request.orchestrates) queueNews.moved(services.workspace, store, wanted(request, served));
    }
    const jobs = [...(unknown.length ? await store.jobsNamed(unknown) : []), ...taken];
    const own = new Set(names);
    return {
      jobs: (await show(jobs, services)) as ClaimAnswer['jobs'],
      tokens: Object.fromEntries(jobs.map((job) => [job.name, jobTokens.issue(job)])),
      lost: holds.filter((name) => !own.has(name)),
      canceled: mine.filter(({ name, status }) => status === 'CancelRequested' && held.has(name)).map(({ name }) => name),
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

function wanted({ orchestrates, others, computes }: ClaimRequest, served: string[]): WaitingJobs {
  if (orchestrates) return { for: 'orchestrator' };
  const own = new Set(computes);
  if (!others) return { for: 'runner', computes };
  return { for: 'runner', computesOtherThan: served.filter((name) => name !== thisMachine && !own.has(name)) };
}

/** An orchestration is under way with its claim; of a command its runner says so. */
async function started(writer: StoreWriter, job: StoredJob, { orchestrates }: ClaimRequest, now: number): Promise<StoredJob> {
  if (orchestrates && (job.status === 'Queued' || job.status === 'NotStarted'))
    return writer.updateJob(job, undefined, { status: 'Running', startedAt: now });
  return job;
}
