import { UserError } from '../../../base/userError.ts';
import type { StoredJob, StoreReader } from '../../../store/store.ts';
import { invalid } from './request.ts';

/** Throws `NotFound`. */
export function runById(reader: Pick<StoreReader, 'job'>, id: string): StoredJob {
  const job = reader.job(id);
  if (!job) throw new UserError('NotFound', `Run with id=${id} not found`);
  return job;
}

/** As `runById`; throws when it is deleted, too. */
export function activeRun(reader: Pick<StoreReader, 'job'>, id: string): StoredJob {
  const job = runById(reader, id);
  if (job.isDeleted) throw invalid(`The run ${id} must be in the 'active' state. Current state is deleted.`);
  return job;
}
