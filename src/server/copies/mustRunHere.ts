import { UserError } from '../../base/userError.ts';
import { originOf, placeOfOrigin } from '../../protocol/copiedJob.ts';
import type { StoredJob } from '../../store/store.ts';

/** Throws `Conflict` for the copy of a job that runs elsewhere: what becomes of it is decided there. */
export function mustRunHere({ name, properties }: Pick<StoredJob, 'name' | 'properties'>, todo: string): void {
  const origin = originOf(properties);
  if (origin === undefined) return;
  throw new UserError('Conflict', `${name} does not run here: it runs in ${placeOfOrigin(origin)}.`, `${todo} there.`);
}
