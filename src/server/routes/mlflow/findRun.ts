import { mayLogTo, mayWriteRun } from '../../../access/may.ts';
import { UserError } from '../../../base/userError.ts';
import type { StoredJob, StoreReader } from '../../../store/store.ts';
import { invalid } from './request.ts';

type RunReader = Pick<StoreReader, 'job' | 'principal'>;

/** Throws `NotFound`. */
export async function runById(reader: Pick<StoreReader, 'job'>, id: string): Promise<StoredJob> {
  const job = await reader.job(id);
  if (!job) throw new UserError('NotFound', `Run with id=${id} not found`);
  return job;
}

/** A run that who asks may write to; throws `NotFound`, or `Forbidden` where a job asks for a run that is not its own. */
export async function ownRun(reader: RunReader, id: string, may: typeof mayWriteRun = mayWriteRun): Promise<StoredJob> {
  const job = await runById(reader, id);
  if (!(await may(reader.principal, job, async (name) => (await reader.job(name))?.parent)))
    throw new UserError('Forbidden', `The token of a job lets it write to its own run and those below it, not to ${id}.`);
  return job;
}

/** As `ownRun`; throws when it is deleted, too. */
export async function activeRun(reader: RunReader, id: string, may: typeof mayWriteRun = mayWriteRun): Promise<StoredJob> {
  const job = await ownRun(reader, id, may);
  if (job.isDeleted) throw invalid(`The run ${id} must be in the 'active' state. Current state is deleted.`);
  return job;
}

/** A run that who asks may log metrics to; throws as `activeRun`. */
export const runToLogTo = (reader: RunReader, id: string): Promise<StoredJob> => activeRun(reader, id, mayLogTo);
