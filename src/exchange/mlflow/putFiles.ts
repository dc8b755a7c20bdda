import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { artifactContainer } from '../../protocol/asset.ts';
import { CutShort, withRetries } from '../../transfer/withRetries.ts';
import type { ArrivingFile } from './source.ts';

/** Files that are on their way at the same time. */
const parallel = 4;

/**
 * Sends the files that are not below `folder` of the artifact container yet; answers how many there were, and their bytes. MLflow tells no hashes, and files of a run that has ended do not change: one
 * with the same path and size is the same one. `onRefusal` is told of single files that can't be taken.
 */
export async function putFiles(
  to: PlaneClient,
  folder: string,
  files: AsyncIterable<ArrivingFile>,
  onRefusal: (path: string, error: UserError) => void,
  signal?: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  const { entries } = await withRetries(() => to.listBlobs(artifactContainer, folder, { recursive: true, signal }), { signal });
  const there = new Map(entries.map(({ path, size }) => [path, size]));
  const sent = await mapParallel(files, parallel, async (file) => {
    if (there.has(file.path) && (file.size === undefined || there.get(file.path) === file.size)) return undefined;
    try {
      checkPath(file.path);
      return await withRetries(() => putFile(to, `${folder}/${file.path}`, file, signal), { signal });
    } catch (error) {
      if (!(error instanceof UserError && (error.code === 'InvalidValue' || error.code === 'InvalidRequest'))) throw error;
      onRefusal(file.path, error);
      return undefined;
    }
  });
  const sizes = sent.filter((size) => size !== undefined);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** What ends before all of it has come is an error in the middle of the upload, and the plane keeps nothing of it. */
async function putFile(to: PlaneClient, path: string, file: ArrivingFile, signal: AbortSignal | undefined): Promise<number> {
  let arrived = 0;
  const whole = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      arrived += chunk.byteLength;
      controller.enqueue(chunk);
    },
    flush() {
      if (file.size !== undefined && arrived !== file.size)
        throw new CutShort(`"${file.path}" ended after ${arrived} of ${file.size} bytes.`);
    },
  });
  const content = await file.open(signal);
  if (file.size === 0) await content.cancel();
  const body = file.size === 0 ? new Uint8Array() : content.pipeThrough(whole);
  return (await to.writeBlob(artifactContainer, path, body, { signal })).size;
}

function checkPath(path: string): void {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0'))
    throw new UserError('InvalidValue', `The path "${path.slice(0, 200)}" leads out of the folder of the artifacts.`);
}
