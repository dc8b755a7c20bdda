import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { resolveUri } from '../client/resolveUri.ts';
import type { JobInput } from '../protocol/job.ts';
import { download } from './transfer.ts';

/** Brings one asset-typed input to this machine; answers the path that the command gets. `mode: direct` hands on the uri itself. */
export async function materialise(
  client: PlaneClient,
  name: string,
  input: JobInput,
  folder: string,
  cacheFolder: string,
): Promise<string> {
  if (!input.uri) throw new UserError('MissingInput', `The input "${name}" has no path.`);
  const uri = await resolveUri(client, input.uri);
  if (input.mode === 'Direct' || input.mode === 'direct') return uri;
  if (uri.startsWith('file:')) {
    const local = fileURLToPath(uri);
    await stat(local).catch(() => {
      throw new UserError('InputUnavailable', `The input "${name}" is not there: ${local}.`);
    });
    return local;
  }
  const isFile = input.jobInputType === 'uri_file';
  const target = path.join(folder, name);
  await mkdir(target, { recursive: true });
  if (/^https?:/.test(uri)) {
    const response = await fetch(uri).catch((error) => {
      throw new UserError(
        'InputUnavailable',
        `The input "${name}" could not be downloaded from ${uri}: ${error instanceof Error ? error.message : error}.`,
      );
    });
    if (!response.ok || !response.body)
      throw new UserError('InputUnavailable', `The input "${name}" could not be downloaded: ${uri} answered ${response.status}.`);
    const { writeFile } = await import('node:fs/promises');
    const file = path.join(target, path.posix.basename(new URL(uri).pathname) || 'data');
    await writeFile(file, response.body as never);
    return file;
  }
  const file = path.posix.basename(uri.replace(/\/+$/, ''));
  const count = await download(client, uri, isFile ? path.join(target, file) : target, cacheFolder);
  if (count === 0) throw new UserError('InputUnavailable', `The input "${name}" is empty: there is nothing at ${uri}.`);
  // A uri_file input that points to a folder with one file (a step's output) means that file.
  if (!isFile) return target;
  const landed = path.join(target, file);
  if ((await stat(landed)).isFile()) return landed;
  const inside = await readdir(landed);
  return inside.length === 1 ? path.join(landed, inside[0]!) : landed;
}
