import { parseAssetId } from '../protocol/arm.ts';
import { type BlobEntry, blobAddress } from '../protocol/asset.ts';
import { isCommand, isSweep, type Job } from '../protocol/job.ts';
import type { PlaneClient } from './planeClient.ts';

/** A file of the code that a job ran. `path` is relative to its folder; `container` and `blob` are where it is. */
export interface CodeFile extends BlobEntry {
  container: string;
  blob: string;
}

/** The id of the code that a job ran, or the trials of a sweep; undefined where there is none. */
export const codeIdOf = (job: Job): string | undefined =>
  (isCommand(job) ? job.properties.codeId : isSweep(job) ? job.properties.trial.codeId : undefined) ?? undefined;

/** Every file of a version of code. */
export async function codeFiles(client: PlaneClient, codeId: string): Promise<CodeFile[]> {
  const asset = parseAssetId(codeId);
  if (asset?.kind !== 'codes') return [];
  const address = blobAddress((await client.getAsset('codes', asset.name, asset.version)).properties.codeUri);
  if (!address) return [];
  const { entries } = await client.listBlobs(address.container, address.path, { recursive: true });
  return entries.map((entry) => ({ ...entry, container: address.container, blob: `${address.path}/${entry.path}` }));
}
