import { artifactContainer } from '../../protocol/asset.ts';
import { artifactFolder } from '../../protocol/jobPlaces.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import type { Pair } from '../pair.ts';

/** Bytes that are sent at a time. */
const piece = 4 * 1024 * 1024;

/** The logs of a job: of what stands among its artifacts, that which is no file of a container. */
export async function logsOf(pair: Pair, job: string, folder = ''): Promise<string[]> {
  const { from, signal } = pair;
  const [{ entries }, { entries: blobs }] = await withRetries(
    () =>
      Promise.all([
        from.listArtifacts(job, folder),
        from.listBlobs(artifactContainer, [artifactFolder(job), folder].filter(Boolean).join('/'), { signal }),
      ]),
    { signal },
  );
  const files = new Set(blobs.filter(({ isFolder }) => !isFolder).map(({ path }) => path));
  const inside = await Promise.all(
    entries.map(({ path, isFolder }) => {
      const name = folder ? `${folder}/${path}` : path;
      return isFolder ? logsOf(pair, job, name) : files.has(path) ? [] : [name];
    }),
  );
  return inside.flat();
}

/** Sends what a log of a job has more than that of its copy; answers the bytes that there were to send. */
export async function copyLog({ from, to, signal }: Pair, job: string, file: string): Promise<number> {
  const size = await withRetries(() => from.logSize(job, file), { signal });
  let at = size === 0 ? 0 : await withRetries(() => to.logSize(job, file), { signal });
  let sent = 0;
  while (at < size) {
    const bytes = await withRetries(() => from.readLog(job, file, at, piece), { signal });
    if (bytes.byteLength === 0) break;
    const start = at;
    at = (await withRetries(() => to.appendCopiedLog(job, file, start, bytes), { signal })).size;
    sent += bytes.byteLength;
  }
  return sent;
}
