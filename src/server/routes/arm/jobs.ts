import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { asOfHeader } from '../../../protocol/change.ts';
import { check } from '../../../protocol/check.ts';
import { computeNameOf } from '../../../protocol/infrastructure.ts';
import { isTerminal, JobPatch, type JobProperties, JobReport, type JobStatus, jobProperty, jobStatuses } from '../../../protocol/job.ts';
import type { Store, StoredJob, StoreWriter, WorkspaceStore } from '../../../store/store.ts';
import { forgetComments } from '../../comments/comments.ts';
import { mustRunHere } from '../../copies/mustRunHere.ts';
import { canceled, reported } from '../../jobState.ts';
import { safeName } from '../../paths.ts';
import { queuedAgain } from '../../queue/queuedAgain.ts';
import { isStep, mustHaveQuota, submitterOf } from '../../queue/submission.ts';
import { UseOfRegistries } from '../../registries/useOfRegistries.ts';
import type { Services } from '../../services.ts';
import { forgetShared, isShared, writeShared } from '../../sharedFields/sharedFields.ts';
import { mustBeOfRunner } from '../../team/admitRunner.ts';
import { describeJob, noteTag } from '../note.ts';
import { checkedJob, mustHaveWork, withOutputPlaces } from './checkedJob.ts';
import { refuseMissing } from './refuseMissing.ts';
import { type ArmRequest, jsonBody, page, viewOf } from './request.ts';
import { definitionText, digestOf, type NamedRef, toJob } from './resource.ts';
import { createSteps } from './steps.ts';

/** `…/jobs[/{name}[/{action}]]`. */
export async function jobRoute({ c, method, ref, rest, services }: ArmRequest, plane: Store): Promise<Response> {
  const { store } = services;
  const [name, action] = rest;
  if (name === undefined) {
    if (method === 'GET') return list(c, ref, services);
    throw new UserError('InvalidRequest', `${method} is not supported on jobs.`);
  }
  safeName(name, 'job');
  if (action === undefined) {
    if (method === 'GET') return c.json(await toJob(ref, await mustFind(name), services));
    if (method === 'PUT') return put(c, ref, name, services, plane);
    if (method === 'PATCH') return c.json(await toJob(ref, await patch(name, check(JobPatch, await jsonBody(c), 'The change')), services));
    if (method === 'DELETE') return remove(c, name);
  }
  if (method === 'POST' && action === 'cancel') return cancel(c, name);
  if (method === 'POST' && action === 'report') {
    await report(name, check(JobReport, await jsonBody(c), 'The report'));
    // A pipeline is long, and who reports on a job knows it.
    return c.body(null, 204);
  }
  if (method === 'POST' && action === 'steps') return createSteps(c, ref, name, services);
  throw new UserError('InvalidRequest', `${method} …/jobs/${name}/${action ?? ''} is not supported.`);

  async function mustFind(job: string, reader: Pick<StoreWriter, 'job'> = store): Promise<StoredJob> {
    const found = await reader.job(job);
    if (!found || found.workspace !== ref.workspace)
      throw new UserError('NotFound', `There is no job "${job}" in the workspace ${ref.workspace}.`, 'It may have been deleted.');
    return found;
  }

  async function patch(job: string, body: JobPatch): Promise<StoredJob> {
    return writeJob(c, store, async (writer) => {
      const found = await mustFind(job, writer);
      return writeShared(writer, found, hereOf(services), async () => {
        for (const [key, value] of Object.entries(body.tags ?? {})) await writer.setTag(job, key, value);
        const { tags: _tags, description, ...fields } = body;
        const changed = await writer.updateJob(found, { ...found.properties, ...fields }, {});
        return description === undefined ? changed : describeJob(writer, changed, description);
      });
    });
  }

  async function cancel(context: Context, job: string): Promise<Response> {
    await store.write(async (writer) => {
      const found = await mustFind(job, writer);
      if (isTerminal(found.status) || found.status === 'CancelRequested') return;
      mustRunHere(found, 'Cancel it');
      await cancelTree(writer, found);
    });
    return context.body(null, 200);
  }

  async function report(job: string, body: JobReport): Promise<void> {
    let hasEnded = false;
    await store.write(async (writer) => {
      const found = await mustFind(job, writer);
      mustBeOfRunner(services.principal, found);
      if (found.claimedBy !== body.runnerId) throw new UserError('Conflict', `The job ${job} is not yours to report on.`);
      if (body.status === 'Queued' && found.properties.properties?.[jobProperty.givesWayTo] !== undefined) {
        await handBack(writer, found);
        return;
      }
      const status = body.status ? reported(found.status, body.status) : found.status;
      const ended = isTerminal(status);
      const { progress: before, ...kept } = found.properties;
      const progress = ended ? null : body.progress === undefined ? before : body.progress;
      const { error, computeId, outputs, inputs } = body;
      const facts = reportedFacts(kept, body);
      const isSame = !error && (!computeId || kept.computeId) && !outputs && !inputs && !facts && (progress ?? undefined) === before;
      const properties = {
        ...kept,
        ...(progress ? { progress } : {}),
        ...(error ? { error } : {}),
        // What was asked for is not forgotten where the job runs elsewhere.
        ...(computeId && !kept.computeId ? { computeId } : {}),
        ...(outputs ? { outputs: { ...kept.outputs, ...outputs } } : {}),
        ...(inputs ? { inputs: { ...kept.inputs, ...inputs } } : {}),
        ...(facts ? { properties: { ...kept.properties, ...facts } } : {}),
      } as JobProperties;
      const now = Date.now();
      hasEnded = ended && !isTerminal(found.status);
      await writer.updateJob(found, isSame ? undefined : properties, {
        status,
        ...(found.startedAt === null && status !== 'Queued' && status !== 'CancelRequested' ? { startedAt: body.startedAt ?? now } : {}),
        ...(ended && found.endedAt === null ? { endedAt: now } : {}),
      });
    });
    // Others may wait for the quota that it had a part of.
    if (hasEnded) services.queueNews.moved(store);
  }

  /** It gave way to another job. Who was to cancel it has no need to any more. */
  async function handBack(writer: StoreWriter, found: StoredJob): Promise<void> {
    const released = { claimedBy: null, leaseUntil: null };
    if (found.status === 'CancelRequested')
      await writer.updateJob(found, undefined, { ...released, status: 'Canceled', endedAt: Date.now() });
    else await writer.updateJob(found, queuedAgain(found), { ...released, status: 'Queued', startedAt: null });
  }

  async function remove(context: Context, job: string): Promise<Response> {
    const found = await store.job(job);
    if (!found || found.workspace !== ref.workspace) return context.body(null, 204);
    if (!isTerminal(found.status) && found.claimedBy !== null)
      throw new UserError('InvalidTransition', `The job ${job} is ${found.status}.`, 'Cancel it first, then delete it.');
    const removed = await store.write(async (writer) => {
      const names = await writer.deleteJob(job);
      for (const name of names) {
        await forgetComments(writer, { kind: 'jobs', name });
        if (isShared(found)) await forgetShared(writer, name);
      }
      return names;
    });
    for (const each of removed) await services.logs.remove(each);
    return context.body(null, 200);
  }
}

const hereOf = ({ planeId, clock }: Services) => ({ plane: planeId, now: clock.now() });

const definitionPart = ({ tags: _tags, status: _status, experimentName: _experiment, ...kept }: JobProperties): Record<string, unknown> =>
  kept;

/** Writes, and says in the answer up to which change it knows the job. */
async function writeJob<T>(c: Context, store: WorkspaceStore, work: (writer: StoreWriter) => Promise<T>): Promise<T> {
  const { answer, seq } = await store.writeAsOf(work);
  c.header(asOfHeader, String(seq));
  return answer;
}

/** What is to be recorded of a job besides: what the report says, and where it runs, when that is not where it was asked to. */
function reportedFacts(
  kept: Pick<JobProperties, 'computeId' | 'properties'>,
  { computeId, properties }: JobReport,
): Record<string, string> | undefined {
  const asked = computeNameOf(kept.computeId);
  const name = computeNameOf(computeId);
  const isElsewhere = name !== '' && asked !== '' && name !== asked && kept.properties?.[jobProperty.ranOn] !== name;
  return isElsewhere ? { ...properties, [jobProperty.ranOn]: name } : properties;
}

/** A cancel reaches every step that has not ended. */
async function cancelTree(writer: StoreWriter, job: StoredJob): Promise<void> {
  const status = canceled(job.status, job.claimedBy !== null);
  await writer.updateJob(job, undefined, { status, ...(status === 'Canceled' ? { endedAt: Date.now() } : {}) });
  for (const step of await writer.jobs({ parent: job.name }, 0, 100_000)) {
    if (!isTerminal(step.status) && step.status !== 'CancelRequested') await cancelTree(writer, step);
  }
}

function list(c: Context, ref: NamedRef, services: Services): Promise<Response> {
  const parent = c.req.query('parentJobName');
  const status = (c.req.query('status') ?? '').split(',').filter(Boolean);
  const unknown = status.find((each) => !(jobStatuses as readonly string[]).includes(each));
  if (unknown !== undefined) throw new UserError('InvalidRequest', `"${unknown}" is no job status.`, `They are ${jobStatuses.join(', ')}.`);
  const tag = /^([^=]+)(?:=(.*))?$/.exec(c.req.query('tag') ?? '');
  const filter = {
    experiment: c.req.query('experimentName'),
    parent,
    status: status as JobStatus[],
    search: c.req.query('search'),
    tag: tag ? { key: tag[1]!, value: tag[2] } : undefined,
    // By its name or its id.
    schedule: c.req.query('scheduleId')?.split('/').at(-1),
    deleted: false,
  };
  const isShown = viewOf(c);
  const jobType = c.req.query('jobType')?.toLowerCase();
  const archived = (isShown(true) && isShown(false)) || parent !== undefined ? undefined : isShown(true);
  return page(
    c,
    (offset, limit) => services.store.jobs({ ...filter, archived }, offset, limit),
    (job) => toJob(ref, job, services),
    (job) => jobType === undefined || job.properties.jobType.toLowerCase() === jobType,
  );
}

async function put(c: Context, ref: NamedRef, name: string, services: Services, plane: Store): Promise<Response> {
  const { properties: given } = await jsonBody(c);
  // What was taken before is not asked for again: it may be archived after what it names is gone, and so may the run of a script.
  const isNew = !(await services.store.job(name));
  const resolved = isNew ? await new UseOfRegistries(plane, services).in(given) : given;
  const properties = await checkedJob(resolved, ref, services.store);
  if (isNew) {
    mustHaveWork(properties);
    await refuseMissing(properties, ref, services.store);
    if (!isStep(properties, services.principal))
      await mustHaveQuota(services.store, await submitterOf(services.store, properties, services.principal), services.clock.now());
  }
  const { tags = {}, status: _status, experimentName = 'Default', ...kept } = properties;
  // The same submission is known again by what was sent, even where a label has come to mean another version.
  const asSent = resolved === given ? properties : await checkedJob(given, ref, services.store);
  const definition = definitionText(definitionPart(asSent));
  const digest = digestOf(definition);
  const { job, created } = await writeJob(c, services.store, async (writer) => {
    const found = await writer.job(name);
    if (found) {
      // Archiving is a PUT of the whole job with another isArchived (az ml job archive).
      if (
        isTerminal(found.status) &&
        typeof properties.isArchived === 'boolean' &&
        properties.isArchived !== (found.properties.isArchived ?? false)
      ) {
        const archive = () => writer.updateJob(found, { ...found.properties, isArchived: properties.isArchived! }, {});
        return { job: await writeShared(writer, found, hereOf(services), archive), created: false };
      }
      // The same as was submitted, whatever the job has become since; or the job as it is now, as a client sends it that has read it.
      if (found.definition === digest || definitionText(found.properties as Record<string, unknown>) === definition)
        return { job: found, created: false };
      throw new UserError(
        'Conflict',
        `The job "${name}" already exists, with another definition.`,
        'Choose another name, or leave the name out.',
      );
    }
    const experiment = (await writer.experiment({ name: experimentName })) ?? (await writer.createExperiment(experimentName));
    await writer.putJob({
      name,
      experimentId: experiment.id,
      properties: withOutputPlaces({ ...kept, displayName: kept.displayName ?? name } as JobProperties, name),
      status: 'Queued',
      parent: kept.parentJobName ?? null,
      claimedBy: null,
      startedAt: null,
      endedAt: null,
      user: await submitterOf(writer, properties, services.principal),
      isDeleted: false,
      definition: digest,
    });
    for (const [key, value] of Object.entries(tags)) await writer.setTag(name, key, value);
    if (kept.description) await writer.setTag(name, noteTag, kept.description);
    return { job: (await writer.job(name))!, created: true };
  });
  return c.json(await toJob(ref, job, services), created ? 201 : 200);
}
