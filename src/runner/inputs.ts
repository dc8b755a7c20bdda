import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { resolveUri } from '../client/resolveUri.ts';
import type { JobInput } from '../protocol/job.ts';
import { isDefaultOutputUri } from '../protocol/jobPlaces.ts';
import { downloadFile, type Source } from '../transfer/downloadFile.ts';
import type { ContentCache } from './contentCache.ts';
import { download } from './transfer.ts';

/** Brings one asset-typed input to this machine; answers the path that the command gets. `mode: direct` hands on the uri itself. `isLeftEmpty`: a step before left this folder empty. */
export async function materialise(
  client: PlaneClient,
  name: string,
  input: JobInput,
  folder: string,
  cache: ContentCache,
  isLeftEmpty: boolean,
  signal?: AbortSignal,
): Promise<string> {
  if (!input.uri) throw new UserError('MissingInput', `The input "${name}" has no path.`);
  const uri = await resolveUri(client, input.uri, signal);
  if (input.mode === 'Direct' || input.mode === 'direct') return uri;
  if (uri.startsWith('file:')) {
    const local = fileURLToPath(uri);
    await stat(local).catch(() => {
      throw new UserError('InputUnavailable', `The input "${name}" is not there: ${local}.`);
    });
    return local;
  }
  const target = path.join(folder, name);
  await mkdir(target, { recursive: true });
  if (/^https?:/.test(uri)) {
    const file = path.join(target, path.posix.basename(new URL(uri).pathname) || 'data');
    await downloadFile(webSource(name, uri), file, signal).catch((error) => {
      throw error instanceof UserError && error.code === 'RemoteError' ? new UserError('InputUnavailable', error.message) : error;
    });
    return file;
  }
  // What is said to be a folder or a model may be a single file: then the command gets its path, as for a uri_file.
  const landed = path.join(target, path.posix.basename(uri.replace(/\/+$/, '')));
  const isFile = input.jobInputType === 'uri_file';
  const { at, count } = await download(client, uri, isFile ? landed : target, cache, signal, landed);
  // A step may leave a folder empty for the next one.
  if (count === 0 && input.jobInputType === 'uri_folder' && (isLeftEmpty || isDefaultOutputUri(uri))) return target;
  if (count === 0)
    throw new UserError(
      'InputUnavailable',
      `The input "${name}" is empty: there is nothing at ${uri}.`,
      'Look whether the address is right. A folder without files leaves nothing at an address.',
    );
  // A uri_file input that points to a folder with one file (a step's output) means that file.
  if (!isFile) return at;
  if ((await stat(landed)).isFile()) return landed;
  const inside = await readdir(landed);
  return inside.length === 1 ? path.join(landed, inside[0]!) : landed;
}

/** A file of any web server. It is asked to go on in the middle only for as long as it has the same content. */
function webSource(input: string, uri: string): Source {
  let version: string | undefined;
  return {
    name: uri,
    async open(start, signal) {
      const headers = { 'accept-encoding': 'identity', ...(start > 0 && version ? { range: `bytes=${start}-`, 'if-range': version } : {}) };
      let response: Response;
      try {
        response = await fetch(uri, { headers, ...(signal ? { signal } : {}) });
      } catch (error) {
        signal?.throwIfAborted();
        const { message, cause } = error as Error;
        throw new UserError(
          'RemoteError',
          `The input "${input}" could not be downloaded from ${uri}: ${cause instanceof Error ? cause.message : message}.`,
        );
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw new UserError(
          response.status >= 500 ? 'RemoteError' : 'InputUnavailable',
          `The input "${input}" could not be downloaded: ${uri} answered ${response.status}.`,
        );
      }
      const tag = response.headers.get('etag');
      version = tag?.startsWith('"') ? tag : undefined;
      return response;
    },
  };
}
