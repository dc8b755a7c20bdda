import { UserError } from '../../../base/userError.ts';
import type { StoredJob, StoreReader } from '../../../store/store.ts';
import { invalid } from './request.ts';

/** Throws `NotFound`. */
export async function runById(reader: Pick<StoreReader, 'job'>, id: string): Promise<StoredJob> {
  const job = await reader.job(id);
  if (!job) throw new UserError('NotFound', `Run with id=${id} not found`);
  return job;
}

/** As `runById`; throws when it is deleted, too. */
export async function activeRun(reader: Pick<StoreReader, 'job'>, id: string): Promise<StoredJob> {
  const job = await runById(reader, id);
  if (job.isDeleted) throw invalid(`The run ${id} must be in the 'active' state. Current state is deleted.`);
  return job;
}
