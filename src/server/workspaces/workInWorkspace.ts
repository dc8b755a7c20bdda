import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { claimantOf } from '../../protocol/claims.ts';
import { activeStatuses } from '../../protocol/job.ts';
import type { StoredJob, StoredResource, StoreReader, StoreWriter, WorkspaceStore } from '../../store/store.ts';

const most = 10_000;
/** Most jobs that a message names. */
const mostNamed = 5;
/** Jobs that are canceled in one write. */
const canceledAtOnce = 200;

/** Jobs that somebody works on or waits for: not runs that a script opened, which no runner has. */
async function activeJobs(store: StoreReader): Promise<StoredJob[]> {
  return (await store.jobs({ status: [...activeStatuses], parent: null }, 0, most)).filter(
    (job) => claimantOf(job.properties) !== undefined,
  );
}

async function onlineDeployments(store: StoreReader): Promise<StoredResource[]> {
  const found: StoredResource[] = [];
  for (const { name } of await store.resources('onlineEndpoints', undefined, 0, most))
    found.push(...(await store.resources('onlineDeployments', name, 0, most)));
  return found;
}

/** Throws `Conflict` with what goes on in a workspace, and how it is ended. Schedules do not count: they rest in a workspace that was deleted, and go on when it is recovered. */
export async function mustBeQuiet(store: StoreReader): Promise<void> {
  const [jobs, deployments] = [await activeJobs(store), await onlineDeployments(store)];
  if (jobs.length === 0 && deployments.length === 0) return;
  const parts = [
    ...(jobs.length > 0 ? [`${plural(jobs.length, 'job')} (${listed(jobs.map(({ name, status }) => `${name}: ${status}`))})`] : []),
    ...(deployments.length > 0
      ? [`${plural(deployments.length, 'deployment')} (${listed(deployments.map(({ name, version }) => `${name}/${version}`))})`]
      : []),
  ];
  throw new UserError(
    'Conflict',
    `The workspace "${store.workspace}" is not deleted, since work goes on in it: ${parts.join(' and ')}.`,
    'End it first: "updraft job cancel --name NAME", "updraft online-deployment delete". Or have all of it ended: "updraft workspace delete --cancel-jobs", which is DELETE with cancelJobs=true.',
  );
}

const listed = (texts: readonly string[]): string => `${texts.slice(0, mostNamed).join(', ')}${texts.length > mostNamed ? ', …' : ''}`;

/**
 * Ends the work in a workspace: cancels its jobs, and deletes its online endpoints with their deployments. `isServed`: the plane runs servers of deployments; these end first, and whoever runs them
 * removes the deployments then. Call it again until it answers true: then no job and no server is left that could write.
 */
export async function endWork(store: WorkspaceStore, isServed: boolean, now: () => number): Promise<boolean> {
  for (;;) {
    const open = (await store.jobs({ status: [...activeStatuses], parent: null }, 0, canceledAtOnce * 2)).filter(isToBeCanceled);
    if (open.length === 0) break;
    await store.write(async (writer) => {
      for (const { name } of open.slice(0, canceledAtOnce)) {
        const job = await writer.job(name);
        if (job && isToBeCanceled(job)) await cancel(writer, job, now());
      }
    });
  }
  if ((await store.resources('onlineEndpoints', undefined, 0, 1)).length > 0)
    await store.write((writer) => endDeployments(writer, isServed));
  return (await onlineDeployments(store)).length === 0 && (await activeJobs(store)).length === 0;
}

/** An endpoint goes with its last deployment. */
async function endDeployments(writer: StoreWriter, isServed: boolean): Promise<void> {
  for (const endpoint of await writer.resources('onlineEndpoints', undefined, 0, most)) {
    const deployments = await writer.resources('onlineDeployments', endpoint.name, 0, most);
    if (isServed && deployments.length > 0) {
      for (const each of [endpoint, ...deployments])
        if (stateOf(each) !== 'Deleting') await writer.putResource({ ...each, properties: deleting(each) });
      continue;
    }
    for (const { name, version } of deployments) await writer.deleteResource('onlineDeployments', name, version);
    await writer.deleteResource('onlineEndpoints', endpoint.name, '');
    await writer.entities.deleteAll('endpointRequest', endpoint.name);
  }
}

const isToBeCanceled = ({ status }: StoredJob): boolean => status !== 'CancelRequested' && activeStatuses.includes(status);

/** A runner has to end its command first. Pipelines and sweeps have no process of their own: who has them is told by the next answer. */
async function cancel(writer: StoreWriter, job: StoredJob, now: number): Promise<void> {
  const isRunners = job.claimedBy !== null && claimantOf(job.properties) === 'runner';
  await writer.updateJob(
    job,
    undefined,
    isRunners ? { status: 'CancelRequested' } : { status: 'Canceled', endedAt: now, claimedBy: null, leaseUntil: null },
  );
}

const stateOf = ({ properties }: StoredResource): unknown =>
  (properties.properties as Record<string, unknown> | undefined)?.provisioningState;

const deleting = ({ properties }: StoredResource): Record<string, unknown> => ({
  ...properties,
  properties: { ...(properties.properties as object), provisioningState: 'Deleting' },
});
