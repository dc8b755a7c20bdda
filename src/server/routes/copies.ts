import { isDeepStrictEqual } from 'node:util';
import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { CopiedJob, originText } from '../../protocol/copiedJob.ts';
import { isTerminal, type JobProperties, jobProperty } from '../../protocol/job.ts';
import type { StoredJob, StoreWriter } from '../../store/store.ts';
import { safeName } from '../paths.ts';
import { jsonBody } from './arm/request.ts';

/** Jobs that ran on another control plane and are kept here, too. Sent again, a copy is brought up to date; the answer says whether anything was `changed`. */
export function copyRoutes(): Hono {
  return new Hono().put('/updraft/copies/:job', async (c) => {
    const { store, principal } = c.get('asked');
    const name = safeName(c.req.param('job'), 'job');
    const copy = check(CopiedJob, await jsonBody(c), 'The copy of a job');
    const times = timesOf(copy);
    const answer = await store.write(async (writer) => {
      const properties = asCopy(copy);
      const before = await writer.job(name);
      let changed = !before;
      if (before) changed = await update(writer, before, properties, copy, times);
      else
        await writer.putJob({
          name,
          experimentId: await experimentNamed(writer, copy.properties.experimentName),
          properties,
          status: copy.properties.status!,
          parent: await parentOf(writer, copy),
          claimedBy: null,
          ...times,
          user: principal.name,
          isDeleted: false,
        });
      if (await writeTags(writer, name, copy.tags)) changed = true;
      for (const { key, value } of copy.params)
        if (!(await writer.setParam(name, key, value)))
          throw new UserError(
            'Conflict',
            `The parameter "${key}" of ${name} has another value here.`,
            'A parameter never changes: look at both jobs.',
          );
      return { changed };
    });
    return c.json(answer);
  });
}

/** Times in milliseconds since 1970. */
function timesOf({ createdAt, properties: { startedAt, endedAt, status } }: CopiedJob) {
  if (!status || !isTerminal(status))
    throw new UserError('InvalidRequest', 'A job that has not ended can not be copied.', 'Copy it when it has ended.');
  const ms = (text: string | undefined, what: string) => {
    const time = text === undefined ? null : Date.parse(text);
    if (time !== null && !Number.isFinite(time)) throw new UserError('InvalidRequest', `${what} is no time: "${text!.slice(0, 50)}".`);
    return time;
  };
  return { createdAt: ms(createdAt, 'createdAt')!, startedAt: ms(startedAt, 'startedAt'), endedAt: ms(endedAt, 'endedAt') };
}

/** What of the properties is kept: the rest has a column of its own, or is about the other plane. */
function asCopy({ origin, properties }: CopiedJob): JobProperties {
  const {
    tags: _tags,
    status: _status,
    experimentName: _experiment,
    startedAt: _start,
    endedAt: _end,
    services: _there,
    ...kept
  } = properties;
  const facts = Object.entries(kept.properties ?? {}).filter(([key]) => !ofItsPlane.has(key));
  return { ...kept, properties: { ...Object.fromEntries(facts), [jobProperty.origin]: originText(origin) } } as JobProperties;
}

/** Nobody's step is answered with the outputs of a job that did not run here, whatever is said of it; and no process of it is to be found. */
const ofItsPlane: ReadonlySet<string> = new Set([jobProperty.reuseKey, jobProperty.handle, jobProperty.givesWayTo]);

async function experimentNamed(writer: StoreWriter, name = 'Default'): Promise<string> {
  return ((await writer.experiment({ name })) ?? (await writer.createExperiment(name))).id;
}

/** A step is a copy of the same plane as its pipeline. */
async function parentOf(writer: StoreWriter, { origin, properties: { parentJobName } }: CopiedJob): Promise<string | null> {
  if (parentJobName === undefined) return null;
  const parent = await writer.job(parentJobName);
  if (!parent || originOf(parent) !== originText(origin))
    throw new UserError('NotFound', `There is no copy of the job "${parentJobName}", which this one is a part of.`, 'Copy that one first.');
  return parentJobName;
}

async function update(
  writer: StoreWriter,
  before: StoredJob,
  properties: JobProperties,
  copy: CopiedJob,
  { startedAt, endedAt }: ReturnType<typeof timesOf>,
): Promise<boolean> {
  if (originOf(before) !== originText(copy.origin))
    throw new UserError(
      'Conflict',
      `There is another job "${before.name}" here${originOf(before) ? ', copied from another place' : ''}.`,
      'Nothing was changed. Delete that job, or keep this one where it is.',
    );
  // Whether it is archived is decided in each place.
  const isArchived = before.properties.isArchived === undefined ? {} : { isArchived: before.properties.isArchived };
  const after = { ...properties, ...isArchived } as JobProperties;
  const status = copy.properties.status!;
  if (isDeepStrictEqual(after, before.properties) && status === before.status) return false;
  await writer.updateJob(before, after, { status, startedAt, ...(endedAt === null ? {} : { endedAt }) });
  return true;
}

/** Tags that people have set here alone stay. */
async function writeTags(writer: StoreWriter, job: string, tags: Record<string, string>): Promise<boolean> {
  const before = await writer.tags(job);
  const changed = Object.entries(tags).filter(([key, value]) => before[key] !== value);
  for (const [key, value] of changed) await writer.setTag(job, key, value);
  return changed.length > 0;
}

const originOf = ({ properties }: StoredJob): string | undefined => properties.properties?.[jobProperty.origin];
