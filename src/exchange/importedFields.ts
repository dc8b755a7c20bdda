import type { CopiedJob } from '../protocol/copiedJob.ts';
import { beforeAll } from '../protocol/hybridClock.ts';
import { tagField } from '../protocol/sharedFields.ts';

/** What people wrote of a job. */
interface Written {
  displayName?: string | undefined;
  description?: string | undefined;
  isArchived?: boolean | undefined;
  tags: Record<string, string>;
}

/**
 * The part of a copy that says what people wrote of a job where it comes from, and how new the copy is. When it was written is not known, so whatever people write
 * here counts more, however often the job is imported.
 */
export function importedFields(
  origin: CopiedJob['origin'],
  { displayName, description, isArchived, tags }: Written,
): Pick<CopiedJob, 'asOf' | 'shared'> {
  const values = {
    ...(displayName === undefined ? {} : { displayName }),
    ...(description ? { description } : {}),
    ...(isArchived ? { isArchived } : {}),
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [tagField(key), value])),
  };
  const mark = { clock: beforeAll, knew: beforeAll, plane: origin.plane, by: '' };
  const fields = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { ...mark, value }]));
  return { asOf: { epoch: 'import', seq: 0 }, shared: { fields, conflicts: [] } };
}
