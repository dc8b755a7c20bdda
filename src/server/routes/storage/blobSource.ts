import { Readable } from 'node:stream';
import { artifactContainer, blobContainer } from '../../../protocol/asset.ts';
import { isTerminal } from '../../../protocol/job.ts';
import { artifactFolder, artifactOwner } from '../../../protocol/jobPlaces.ts';
import type { Services } from '../../services.ts';

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
  read(range: { start: number; end: number }): ReadableStream | Uint8Array;
}

/** The blobs of the plane as Azure's clients see them, by container and path. Logs, which grow and are kept apart, show among a job's artifacts. */
export class BlobSource {
  private readonly services: Pick<Services, 'store' | 'blobs' | 'logs'>;

  constructor(services: Pick<Services, 'store' | 'blobs' | 'logs'>) {
    this.services = services;
  }

  async find(container: string, path: string): Promise<OpenBlob | undefined> {
    const { store, blobs } = this.services;
    const found = store.blob(container, path);
    if (!found) return this.log(container, path);
    return {
      path,
      size: found.size,
      etag: `0x${found.sha256.slice(0, 16).toUpperCase()}`,
      modifiedAt: found.modifiedAt,
      metadata: found.metadata,
      read: (range) => Readable.toWeb(blobs.read(found.sha256, range)) as unknown as ReadableStream,
    };
  }

  /** At most `limit` blobs whose path starts with `prefix` and comes after `after`, in the order of their paths. */
  async list(container: string, prefix: string, after: string, limit: number): Promise<BlobFacts[]> {
    const stored = this.services.store.blobsFrom(container, prefix, after, limit).map(({ path, size, sha256, modifiedAt, metadata }) => ({
      path,
      size,
      etag: `0x${sha256.slice(0, 16).toUpperCase()}`,
      modifiedAt,
      metadata,
    }));
    const job = container === artifactContainer ? jobOf(prefix) : undefined;
    if (!job) return stored;
    const logs = await Promise.all((await this.services.logs.list(job.name)).map((each) => this.log(container, `${job.root}${each.path}`)));
    const fresh = logs.filter((log) => log?.path.startsWith(prefix) && log.path > after) as OpenBlob[];
    return [...stored, ...fresh].sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, limit);
  }

  private async log(container: string, path: string): Promise<OpenBlob | undefined> {
    const { store, logs } = this.services;
    const owner = container === artifactContainer ? jobOf(path) : undefined;
    const job = owner && store.job(owner.name);
    const bytes = job && (await logs.read(job.name, path.slice(owner.root.length)));
    if (!job || !bytes) return undefined;
    // A reader prints each line once: while the job runs, the last one may still be growing.
    const whole = isTerminal(job.status) ? bytes : bytes.subarray(0, bytes.lastIndexOf(10) + 1);
    return {
      path,
      size: whole.byteLength,
      etag: `0x${whole.byteLength.toString(16).toUpperCase().padStart(16, '0')}`,
      modifiedAt: job.modifiedAt,
      metadata: {},
      read: ({ start, end }) => whole.subarray(start, end + 1),
    };
  }
}

/** The job whose artifacts live at a path of the container `azureml`. */
function jobOf(path: string): { name: string; root: string } | undefined {
  const name = artifactOwner(path);
  return name === undefined ? undefined : { name, root: `${artifactFolder(name)}/` };
}

const codeContainer = /^azureml-code-([a-z0-9-]{1,50})$/;

/** A name for the container of one upload of code. */
export const codeContainerName = (id: string): string => `azureml-code-${id}`;

/** Where a client's container really is: each upload of code has one of its own, which is a folder of the default one here. Undefined for a container that there is not. */
export function locate(container: string): { container: string; root: string } | undefined {
  const code = codeContainer.exec(container)?.[1];
  if (code) return { container: blobContainer, root: `code/${code}/` };
  return container === blobContainer || container === artifactContainer ? { container, root: '' } : undefined;
}
