import type { StoredJob, StoreWriter } from '../../store/store.ts';

/** MLflow's tag for what a person wrote about a run. It is the description of the job: one text with two names. */
export const noteTag = 'mlflow.note.content';

/** Writes the description of a job under both names; an empty text, or null, leaves it without one. */
export async function describeJob(writer: StoreWriter, job: StoredJob, text: string | null): Promise<StoredJob> {
  await writer.setTag(job.name, noteTag, text || null);
  const { description: _old, ...rest } = job.properties;
  return writer.updateJob(job, (text ? { ...rest, description: text } : rest) as StoredJob['properties'], {});
}
