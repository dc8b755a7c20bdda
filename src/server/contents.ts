import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { laterPart } from '../base/laterPart.ts';
import { UserError } from '../base/userError.ts';
import type { Blobs } from '../store/blobs.ts';
import { BlobFolder } from '../store/folder/blobFolder.ts';
import { partFolders } from '../store/maintenance/storeParts.ts';
import type { BucketOptions } from '../store/s3/bucket.ts';
import type { Memory } from './memory.ts';

const buckets = laterPart(() => import('../store/s3/bucket.ts'));
const blobsOfBucket = laterPart(() => import('../store/s3/s3Blobs.ts'));

/**
 * Where a plane keeps contents: in its data folder, or in a bucket of S3 that `bucket` names. `memory` has the address of a bucket, or nothing.
 * @throws {UserError} where they are elsewhere, or the bucket can't be used: a plane that looked in the wrong place would find none of them.
 */
export async function openContents(dataFolder: string, bucket: BucketOptions | undefined, memory: Memory): Promise<Blobs> {
  const [folder, known] = [path.join(dataFolder, partFolders.blobs), memory.read()];
  if (!bucket) {
    if (known !== undefined)
      throw new UserError(
        'InvalidArgument',
        `The contents of this control plane are in ${known}.`,
        `Start it with --blobs ${known}, and with the key for it.`,
      );
    return new BlobFolder(folder);
  }
  if (known !== undefined && known !== bucket.url)
    throw new UserError(
      'InvalidArgument',
      `The contents of this control plane are in ${known}, not in ${bucket.url}.`,
      `Start it with --blobs ${known}.`,
    );
  if (known === undefined && hasContents(folder))
    throw new UserError(
      'InvalidArgument',
      `This control plane has contents in ${folder} already, and does not move them to a bucket.`,
      'Start it without --blobs, or give a new data folder.',
    );
  const [{ openBucket }, { S3Blobs }] = await Promise.all([buckets(), blobsOfBucket()]);
  const blobs = new S3Blobs(openBucket(bucket), new BlobFolder(path.join(dataFolder, 'blobs-of-bucket')));
  await blobs.check();
  memory.write(bucket.url);
  return blobs;
}

const hasContents = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((each) => each !== 'tmp' && readdirSync(path.join(folder, each)).length > 0);
