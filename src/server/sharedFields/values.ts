import { tagField, tagOf, type WrittenValue } from '../../protocol/sharedFields.ts';
import type { StoredJob, StoreReader, StoreWriter } from '../../store/store.ts';
import { describeJob, noteTag } from '../routes/note.ts';

type Value = WrittenValue['value'];

/** MLflow's own tags that a plane makes of other fields of the job. */
const runName = 'mlflow.runName';
const derivedTags: ReadonlySet<string> = new Set([noteTag, runName, 'mlflow.parentRunId']);

/** The shared fields of a job that have a value, with it. */
export async function valuesOf(reader: Pick<StoreReader, 'tags'>, { name, properties }: StoredJob): Promise<Map<string, Value>> {
  const { displayName, description, isArchived } = properties;
  const values = new Map<string, Value>();
  if (displayName !== undefined) values.set('displayName', displayName);
  if (description) values.set('description', description);
  if (isArchived) values.set('isArchived', true);
  for (const [key, value] of Object.entries(await reader.tags(name))) if (!derivedTags.has(key)) values.set(tagField(key), value);
  return values;
}

/** A value as its field has it; undefined for what is no field, or no value that it can have. */
export function asValue(field: string, value: Value): Value | undefined {
  if (field === 'isArchived') return value === true ? true : null;
  const text = typeof value === 'string' && (value !== '' || field !== 'description') ? value : null;
  if (field === 'displayName') return text ?? undefined;
  const tag = tagOf(field);
  return field === 'description' || (tag !== undefined && tag !== '' && !derivedTags.has(tag)) ? text : undefined;
}

/** Writes values of shared fields, each as `asValue` has it. */
export async function writeValues(writer: StoreWriter, name: string, values: ReadonlyMap<string, Value>): Promise<void> {
  const job = (await writer.job(name))!;
  const tags = await writer.tags(name);
  const properties: Record<string, unknown> = { ...job.properties };
  for (const [field, value] of values) {
    const tag = tagOf(field);
    const text = typeof value === 'string' ? value : null;
    if (tag !== undefined) await writer.setTag(name, tag, text);
    else if (field === 'isArchived') properties.isArchived = value === true;
    else if (field === 'displayName') {
      properties.displayName = text;
      // A run that a client has opened has its name as a tag of its own, too.
      if (Object.hasOwn(tags, runName)) await writer.setTag(name, runName, text);
    }
  }
  if (['displayName', 'isArchived'].some((field) => values.has(field)))
    await writer.updateJob(job, properties as StoredJob['properties'], {});
  const description = values.get('description');
  if (description !== undefined) await describeJob(writer, (await writer.job(name))!, description as string | null);
}
