import { UserError } from '../../base/userError.ts';
import { bytesOfGb } from '../../protocol/quota.ts';
import type { StoreReader, StoreWriter } from '../../store/store.ts';
import { limitsOf, readQuotas } from './quotas.ts';

interface Address {
  container: string;
  path: string;
}

/** Names content, unless the storage that a quota allows would not be enough for it. Within the write nobody else takes what is left. */
export async function putWithinQuota(
  writer: StoreWriter,
  { container, path }: Address,
  { sha256, size }: { sha256: string; size: number },
  metadata?: Record<string, string>,
): Promise<void> {
  await mustHaveStorage(writer, { container, path }, size);
  await writer.putBlob(container, path, sha256, size, metadata);
}

/** Throws `QuotaExceeded` where so many bytes at this address would be more than a quota allows: asked before an upload, it need not come first. What takes no more room than what it replaces is let through. */
export async function mustHaveStorage(reader: StoreReader, { container, path }: Address, size: number): Promise<void> {
  const quotas = await readQuotas(reader);
  const ofAll = quotas.workspace.storageGb;
  if (ofAll === undefined && quotas.default.storageGb === undefined && quotas.people.size === 0) return;
  const { total, owner, owned, present } = await reader.queue.storageAt(container, path);
  const more = size - present;
  if (more <= 0) return;
  if (ofAll !== undefined && total + more > ofAll * bytesOfGb) throw exceeded('the workspace', total, ofAll, size);
  const ofOwner = owner === null ? undefined : limitsOf(quotas, owner).storageGb;
  if (ofOwner !== undefined && owned + more > ofOwner * bytesOfGb) throw exceeded(`the jobs of ${owner}`, owned, ofOwner, size);
}

const exceeded = (whose: string, used: number, limit: number, size: number): UserError =>
  new UserError(
    'QuotaExceeded',
    `The storage quota of ${whose} has no room for ${gb(size)}: ${gb(used)} of ${limit} GB are used.`,
    'Delete jobs or files that nobody needs, or ask an Owner for more (updraft quota set --storage-gb).',
  );

const gb = (bytes: number): string => `${(bytes / bytesOfGb).toPrecision(3).replace(/\.?0+$/, '')} GB`;
