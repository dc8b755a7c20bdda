import { isDeepStrictEqual } from 'node:util';
import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { CopiedJob, type CopyAnswer, ofItsPlane, originOf, originText } from '../../protocol/copiedJob.ts';
import { type JobProperties, jobProperty } from '../../protocol/job.ts';
import type { StoredJob, StoreWriter } from '../../store/store.ts';
import { isOld, isToBeNoted, newsOf, withoutNews } from '../copies/news.ts';
import { safeName } from '../paths.ts';
import type { PlaneServices } from '../services.ts';
import { conflictsOf, mergeFields, takeConflicts } from '../sharedFields/sharedFields.ts';
import { jsonBody } from './arm/request.ts';

/** Jobs of another control plane that are kept here, too. Sent again, a copy is brought up to date; the answer says whether anything was `changed`. */
export function copyRoutes({ clock, planeId }: PlaneServices): Hono {
  return new Hono().put('/updraft/copies/:job', async (c) => {
    const { store, principal } = c.get('asked');
    const name = safeName(c.req.param('job'), 'job');
    const copy = check(CopiedJob, await jsonBody(c), 'The copy of a job');
    const times = timesOf(copy);
    const answer = await store.write(async (writer) => {
      const properties = asCopy(copy);
      const before = await writer.job(name);
      const now = clock.now();
      let changed = !before;
      // What was sent earlier and comes late has nothing new of the job; of its shared fields it may.
      if (before && isOld(copy, before.properties)) changed = false;
      else if (before) changed = await update(writer, before, properties, { copy, times, now });
      else
        await writer.putJob({
          name,
          experimentId: await experimentNamed(writer, copy.properties.experimentName),
          properties: withFacts(properties, newsOf(copy, now)),
          status: copy.properties.status!,
          parent: await parentOf(writer, copy),
          claimedBy: null,
          ...times,
          user: principal.name,
          isDeleted: false,
        });
      for (const { key, value } of copy.params)
        if (!(await writer.setParam(name, key, value)))
          throw new UserError(
            'Conflict',
            `The parameter "${key}" of ${name} has another value here.`,
            'A parameter never changes: look at both jobs.',
          );
      const job = (await writer.job(name))!;
      const merged = await mergeFields(writer, job, copy.shared.fields, { plane: planeId, now });
      await takeConflicts(writer, job, copy.shared.conflicts, now);
      return {
        changed: changed || merged.changed,
        shared: { fields: merged.newer, conflicts: await conflictsOf(writer, job) },
        ahead: merged.ahead,
      } satisfies CopyAnswer;
    });
    return c.json(answer);
  });
}

/** Times in milliseconds since 1970. */
function timesOf({ createdAt, properties: { startedAt, endedAt, status } }: CopiedJob) {
  if (!status) throw new UserError('InvalidRequest', 'The copy of a job has no status.');
  const ms = (text: string | undefined, what: string) => {
    const time = text === undefined ? null : Date.parse(text);
    if (time !== null && !Number.isFinite(time)) throw new UserError('InvalidRequest', `${what} is no time: "${text!.slice(0, 50)}".`);
    return time;
  };
  return { createdAt: ms(createdAt, 'createdAt')!, startedAt: ms(startedAt, 'startedAt'), endedAt: ms(endedAt, 'endedAt') };
}

/** What of the properties is kept: the rest has a column of its own, is a shared field, or is about the other plane. */
function asCopy({ origin, properties }: CopiedJob): JobProperties {
  const {
    tags: _tags,
    status: _status,
    experimentName: _experiment,
    startedAt: _start,
    endedAt: _end,
    services: _there,
    displayName: _name,
    description: _text,
    isArchived: _archived,
    ...kept
  } = properties;
  const facts = Object.entries(kept.properties ?? {}).filter(([key]) => !ofItsPlane.has(key));
  return { ...kept, properties: { ...Object.fromEntries(facts), [jobProperty.origin]: originText(origin) } } as JobProperties;
}

async function experimentNamed(writer: StoreWriter, name = 'Default'): Promise<string> {
  return ((await writer.experiment({ name })) ?? (await writer.createExperiment(name))).id;
}

/** A step is a copy of the same plane as its pipeline. */
async function parentOf(writer: StoreWriter, { origin, properties: { parentJobName } }: CopiedJob): Promise<string | null> {
  if (parentJobName === undefined) return null;
  const parent = await writer.job(parentJobName);
  if (!parent || originOf(parent.properties) !== originText(origin))
    throw new UserError('NotFound', `There is no copy of the job "${parentJobName}", which this one is a part of.`, 'Copy that one first.');
  return parentJobName;
}

async function update(
  writer: StoreWriter,
  before: StoredJob,
  properties: JobProperties,
  { copy, times, now }: { copy: CopiedJob; times: ReturnType<typeof timesOf>; now: number },
): Promise<boolean> {
  const origin = originOf(before.properties);
  if (origin !== originText(copy.origin))
    throw new UserError(
      'Conflict',
      `There is another job "${before.name}" here${origin ? ', copied from another place' : ''}.`,
      'Nothing was changed. Delete that job, or keep this one where it is.',
    );
  const { displayName, description, isArchived } = before.properties;
  const shared = Object.entries({ displayName, description, isArchived }).filter(([, value]) => value !== undefined);
  const after = { ...properties, ...Object.fromEntries(shared) } as JobProperties;
  const status = copy.properties.status!;
  const changed = status !== before.status || !isDeepStrictEqual(after, withoutNews(before.properties));
  if (!changed && !isToBeNoted(copy, before.properties, now)) return false;
  const { startedAt, endedAt } = times;
  await writer.updateJob(before, withFacts(after, newsOf(copy, now)), { status, startedAt, ...(endedAt === null ? {} : { endedAt }) });
  return changed;
}

const withFacts = (properties: JobProperties, facts: Record<string, string>): JobProperties =>
  ({ ...properties, properties: { ...properties.properties, ...facts } }) as JobProperties;
