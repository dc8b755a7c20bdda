import { createHash } from 'node:crypto';
import { originOf } from '../../protocol/copiedJob.ts';
import { beforeAll, isFarAhead, nextClock } from '../../protocol/hybridClock.ts';
import { type JobProperties, jobProperty } from '../../protocol/job.ts';
import { conflictKey, type FieldConflict, type SharedField, type SharedFields, type WrittenValue } from '../../protocol/sharedFields.ts';
import type { StoredJob, StoreReader, StoreWriter } from '../../store/store.ts';
import { asValue, valuesOf, writeValues } from './values.ts';

/** When and where each field of a job was written, as it is kept; of what nobody wrote since the job is shared, nothing. The value is where it always is. */
type Marks = Record<string, Omit<SharedField, 'value'>>;

/** This plane's id, and its clock in ms since 1970. */
export interface Here {
  plane: string;
  now: number;
}

/** Whether a job is on another plane, too. */
export const isShared = ({ properties }: Pick<StoredJob, 'properties'>): boolean =>
  originOf(properties) !== undefined || properties.properties?.[jobProperty.isShared] !== undefined;

/** From now on it is noted when the shared fields of a job are written. */
export async function share(writer: StoreWriter, job: StoredJob): Promise<StoredJob> {
  if (isShared(job)) return job;
  const properties = { ...job.properties, properties: { ...job.properties.properties, [jobProperty.isShared]: 'true' } } as JobProperties;
  return writer.updateJob(job, properties, {});
}

async function marksOf(reader: StoreReader, job: string): Promise<Marks> {
  return ((await reader.entities.get('sharedFields', job))?.body ?? {}) as Marks;
}

const putMarks = (writer: StoreWriter, job: string, marks: Marks, now: number): Promise<void> =>
  writer.entities.put({ kind: 'sharedFields', id: job, scope: '', at: now, body: marks });

/** The shared fields of a job: each that has a value, and those whose value was removed. */
export async function sharedFieldsOf(reader: StoreReader, job: StoredJob, plane: string): Promise<SharedFields> {
  const [values, marks] = [await valuesOf(reader, job), await marksOf(reader, job.name)];
  // What nobody has written since is as the plane has it from which the job comes.
  const unmarked = { clock: beforeAll, knew: beforeAll, plane: originOf(job.properties)?.split('/')[0] ?? plane, by: '' };
  return Object.fromEntries(
    [...new Set([...values.keys(), ...Object.keys(marks)])].map((field) => [
      field,
      { ...(marks[field] ?? unmarked), value: values.get(field) ?? null },
    ]),
  );
}

/** Does a write to a job that somebody asked for. Of a job that is shared it notes which fields were written, by whom and when; of any other it costs nothing. */
export async function writeShared<T>(writer: StoreWriter, job: StoredJob, here: Here, work: () => Promise<T>): Promise<T> {
  if (!isShared(job)) return work();
  const before = await valuesOf(writer, job);
  const answer = await work();
  const after = await valuesOf(writer, (await writer.job(job.name))!);
  const written = [...new Set([...before.keys(), ...after.keys()])].filter((field) => before.get(field) !== after.get(field));
  if (written.length === 0) return answer;
  const marks = await marksOf(writer, job.name);
  const clock = nextClock(
    here.now,
    Object.values(marks).map((mark) => mark.clock),
  );
  for (const field of written) {
    const old = marks[field];
    const knew = old === undefined ? beforeAll : old.plane === here.plane ? old.knew : old.clock;
    marks[field] = { clock, plane: here.plane, by: writer.principal.name, knew };
  }
  await putMarks(writer, job.name, marks, here.now);
  return answer;
}

const isGreater = (a: WrittenValue, b: WrittenValue): boolean => (a.clock === b.clock ? a.plane > b.plane : a.clock > b.clock);

/** Whether the planes of two values wrote them without knowing the other's. */
const areConcurrent = (a: SharedField, b: SharedField): boolean =>
  a.plane !== b.plane && a.value !== b.value && a.clock > b.knew && b.clock > a.knew;

const written = ({ value, clock, plane, by }: SharedField): WrittenValue => ({ value, clock, plane, by });

/** What taking fields of another plane has brought. */
export interface Merged {
  /** Whether anything was written. */
  changed: boolean;
  /** Fields that are newer here. */
  newer: SharedFields;
  /** Fields that were not taken, as they claim to be from the future. */
  ahead: string[];
}

/** Takes the fields of another plane that are newer than those here, and notes the conflicts. The order in which planes tell each other, and how often, makes no difference. */
export async function mergeFields(writer: StoreWriter, job: StoredJob, told: SharedFields, here: Here): Promise<Merged> {
  const own = await sharedFieldsOf(writer, job, here.plane);
  const marks = await marksOf(writer, job.name);
  const taken = new Map<string, SharedField['value']>();
  const ahead: string[] = [];
  let isMarked = false;
  for (const [field, sent] of Object.entries(told)) {
    const value = asValue(field, sent.value);
    if (value === undefined) continue;
    const other = { ...sent, value };
    if (isFarAhead(other.clock, here.now)) {
      ahead.push(field);
      continue;
    }
    const mine = own[field];
    if (mine && mine.clock !== beforeAll && areConcurrent(mine, other))
      await noteConflict(writer, job.name, isGreater(other, mine) ? [field, other, mine] : [field, mine, other], here.now);
    // A value that nobody has written since is as its own plane says now.
    const isNewer =
      !mine || isGreater(other, mine) || (other.clock === mine.clock && other.plane === mine.plane && other.plane !== here.plane);
    if (!isNewer || (mine && other.clock === mine.clock && other.plane === mine.plane && other.value === mine.value)) continue;
    if ((mine?.value ?? null) !== other.value) taken.set(field, other.value);
    if (other.clock === beforeAll) continue;
    const { value: _value, ...mark } = other;
    marks[field] = mark;
    isMarked = true;
  }
  if (isMarked) await putMarks(writer, job.name, marks, here.now);
  if (taken.size > 0) await writeValues(writer, job.name, taken);
  const newer = Object.entries(own).filter(([field, mine]) => {
    const other = told[field];
    return mine.clock !== beforeAll && !ahead.includes(field) && (!other || isGreater(mine, other));
  });
  return { changed: isMarked || taken.size > 0, newer: Object.fromEntries(newer), ahead };
}

function noteConflict(
  writer: StoreWriter,
  job: string,
  [field, won, lost]: [string, SharedField, SharedField],
  now: number,
): Promise<void> {
  return putConflict(writer, job, { field, won: written(won), lost: written(lost) }, now);
}

const idOf = (job: string, conflict: FieldConflict): string =>
  createHash('sha256')
    .update(`${job}/${conflictKey(conflict)}`)
    .digest('hex');

async function putConflict(writer: StoreWriter, job: string, conflict: FieldConflict, now: number): Promise<void> {
  const id = idOf(job, conflict);
  if (await writer.entities.get('fieldConflict', id)) return;
  await writer.entities.put({ kind: 'fieldConflict', id, scope: job, at: now, body: conflict });
}

/** Notes conflicts that another plane has found; answers whether any was new. */
export async function takeConflicts(writer: StoreWriter, job: StoredJob, conflicts: readonly FieldConflict[], now: number): Promise<void> {
  for (const each of conflicts) await putConflict(writer, job.name, each, now);
}

/** The conflicts of a job whose winner still counts: who writes the field anew has settled them. */
export async function conflictsOf(reader: StoreReader, job: StoredJob): Promise<FieldConflict[]> {
  const noted = (await reader.entities.list('fieldConflict', job.name)).map(({ body }) => body as FieldConflict);
  if (noted.length === 0) return [];
  const marks = await marksOf(reader, job.name);
  return noted.filter(({ field, won }) => marks[field]?.clock === won.clock && marks[field].plane === won.plane);
}

/** Forgets what is kept beside a job that is deleted. */
export async function forgetShared(writer: StoreWriter, job: string): Promise<void> {
  await writer.entities.delete('sharedFields', job);
  await writer.entities.deleteAll('fieldConflict', job);
}
