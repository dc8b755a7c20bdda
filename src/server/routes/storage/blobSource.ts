import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { artifactContainer, blobContainer } from '../../../protocol/asset.ts';
import { isTerminal } from '../../../protocol/job.ts';
import { artifactFolder, artifactOwner } from '../../../protocol/jobPlaces.ts';
import type { Services } from '../../services.ts';

/** Bytes at the end of a log in which the end of its last whole line is looked for. */
const longestLine = 64 * 1024;

/** What is known of one blob. `etag` without quotes; `path` as the client knows it. */
export interface BlobFacts {
  path: string;
  size: number;
  etag: string;
  modifiedAt: number;
  metadata: Record<string, string>;
}

/** A blob whose bytes can be read; `end` is inclusive. */
export interface OpenBlob extends BlobFacts {
  read(range: { start: number; end: number }): Promise<Readable>;
}

/** The blobs of the plane as Azure's clients see them, by container and path. Logs, which grow and are kept apart, show among a job's artifacts. */
export class BlobSource {
  private readonly services: Pick<Services, 'store' | 'blobs' | 'logs'>;

  constructor(services: Pick<Services, 'store' | 'blobs' | 'logs'>) {
    this.services = services;
  }

  async find(container: string, path: string): Promise<OpenBlob | undefined> {
    const { store, blobs } = this.services;
    const found = await store.blob(container, path);
    if (!found) return this.log(container, path);
    return {
      path,
      size: found.size,
      etag: `0x${found.sha256.slice(0, 16).toUpperCase()}`,
      modifiedAt: found.modifiedAt,
      metadata: found.metadata,
      read: (range) => blobs.read(found.sha256, range),
    };
  }

  /** At most `limit` blobs whose path starts with `prefix` and comes after `after`, in the order of their paths. */
  async list(container: string, prefix: string, after: string, limit: number): Promise<BlobFacts[]> {
    const stored = (await this.services.store.blobsFrom(container, prefix, after, limit)).map(
      ({ path, size, sha256, modifiedAt, metadata }) => ({
        path,
        size,
        etag: `0x${sha256.slice(0, 16).toUpperCase()}`,
        modifiedAt,
        metadata,
      }),
    );
    const job = container === artifactContainer ? jobOf(prefix) : undefined;
    if (!job) return stored;
    const { logs, store } = this.services;
    const modifiedAt = (await store.job(job.name))?.modifiedAt;
    if (modifiedAt === undefined) return stored;
    const fresh = (await logs.list(job.name))
      .map((log) => ({ path: `${job.root}${log.path}`, size: log.size, etag: etagOf(log.size), modifiedAt, metadata: {} }))
      .filter((log) => log.path.startsWith(prefix) && log.path > after);
    return [...stored, ...fresh].sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, limit);
  }

  private async log(container: string, path: string): Promise<OpenBlob | undefined> {
    const { store, logs } = this.services;
    const owner = container === artifactContainer ? jobOf(path) : undefined;
    const job = owner && (await store.job(owner.name));
    if (!job) return undefined;
    const file = path.slice(owner.root.length);
    const written = await logs.size(job.name, file);
    if (written === undefined) return undefined;
    // A reader prints each line once: while the job runs, the last one may still be growing.
    const size = isTerminal(job.status) ? written : await this.wholeLines(job.name, file, written);
    return {
      path,
      size,
      etag: etagOf(size),
      modifiedAt: job.modifiedAt,
      metadata: {},
      read: (range) => logs.read(job.name, file, range),
    };
  }

  /** Bytes of the whole lines among the first `size` of a log. Where the end of the log has no line end for long, all of it counts. */
  private async wholeLines(job: string, file: string, size: number): Promise<number> {
    if (size === 0) return 0;
    const start = Math.max(0, size - longestLine);
    const end = await buffer(await this.services.logs.read(job, file, { start, end: size - 1 }));
    const last = end.lastIndexOf(10);
    return last < 0 && start > 0 ? size : start + last + 1;
  }
}

/** Of a log, which only grows. */
const etagOf = (size: number): string => `0x${size.toString(16).toUpperCase().padStart(16, '0')}`;

/** The job whose artifacts live at a path of the container `azureml`. */
function jobOf(path: string): { name: string; root: string } | undefined {
  const name = artifactOwner(path);
  return name === undefined ? undefined : { name, root: `${artifactFolder(name)}/` };
}

const codeContainer = /^azureml-code-([a-z0-9-]{1,50})$/;

/** A name for the container of one upload of code. */
export const codeContainerName = (id: string): string => `azureml-code-${id}`;

/** Container and path by which Azure's clients know a blob. */
export function publicAddress({ container, path }: { container: string; path: string }): string {
  const code = container === blobContainer ? /^code\/([a-z0-9-]{1,50})\/(.+)$/s.exec(path) : undefined;
  return code ? `${codeContainerName(code[1]!)}/${code[2]}` : `${container}/${path}`;
}

/** Where a client's container really is: each upload of code has one of its own, which is a folder of the default one here. Undefined for a container that there is not. */
export function locate(container: string): { container: string; root: string } | undefined {
  const code = codeContainer.exec(container)?.[1];
  if (code) return { container: blobContainer, root: `code/${code}/` };
  return container === blobContainer || container === artifactContainer ? { container, root: '' } : undefined;
}
