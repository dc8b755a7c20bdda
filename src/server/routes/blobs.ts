import { type Context, type ContextVariableMap, Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { artifactContainer, blobAddress } from '../../protocol/asset.ts';
import { artifactOwner, defaultOutputUri } from '../../protocol/jobPlaces.ts';
import { memberOf } from '../../protocol/principal.ts';
import { pathAfter, safeName, safePath } from '../paths.ts';
import { mustHaveStorage, putWithinQuota } from '../queue/storageQuota.ts';
import type { PlaneServices } from '../services.ts';
import { sendRange } from './sendRange.ts';

/** Our own blob routes: list, read with ranges, write by content or by SHA-256. */
export function blobRoutes({ blobs }: PlaneServices): Hono {
  const app = new Hono();

  // Of a workspace, and of a registry.
  const roots = ['/updraft/blobs', '/updraft/registries/:registry/blobs'];
  for (const root of roots) serve(root);
  return app;

  function serve(root: string): void {
    app.get(`${root}/:container`, async (c) => {
      const container = safeName(c.req.param('container'), 'container');
      const prefix = safePath(c.req.query('prefix') ?? '');
      return c.json({ entries: await c.get('asked').store.blobs(container, prefix, c.req.query('recursive') === 'true') });
    });

    app.get(`${root}/:container/*`, async (c) => {
      const { container, path } = addressOf(c);
      return sendContent(c, blobs, await mustFind(c, container, path), path);
    });

    app.put(`${root}/:container/*`, async (c) => {
      const { container, path } = addressOf(c);
      if (path === '') throw new UserError('InvalidRequest', 'A blob needs a path.');
      await mustBeOutputOfJob(c, container, path);
      const known = c.req.query('sha256');
      if (known !== undefined) {
        // To a member of a team, or a job, it would tell what other workspaces have, and give it.
        const { principal } = c.get('asked');
        const size = memberOf(principal) || principal.kind === 'job' ? undefined : await blobs.hold(known);
        if (size === undefined) throw new UserError('NotFound', `The plane does not have the content ${known.slice(0, 64)}.`);
        await c.get('asked').store.write((writer) => putWithinQuota(writer, { container, path }, { sha256: known, size }));
        return c.json({ size, sha256: known });
      }
      return c.json(await storeBody(c, container, path), 201);
    });
  }

  function addressOf(c: Context): { container: string; path: string } {
    const container = safeName(c.req.param('container') ?? '', 'container');
    const { pathname } = new URL(c.req.url);
    const root = `/blobs/${container}/`;
    return { container, path: pathAfter(pathname, pathname.slice(0, pathname.indexOf(root) + root.length)) };
  }

  /** The token of a job writes below the job's own artifacts, and what its outputs are: as its runner does in its name. */
  async function mustBeOutputOfJob(c: Context, container: string, path: string): Promise<void> {
    const { principal, store } = c.get('asked');
    if (principal.kind !== 'job') return;
    if (container === artifactContainer && artifactOwner(path) === principal.job) return;
    const outputs = (await store.job(principal.job))?.properties.outputs ?? {};
    const isOutput = Object.entries(outputs).some(([name, { uri }]) => {
      const place = blobAddress(uri ?? defaultOutputUri(principal.job, name));
      const root = place?.path.replace(/\/+$/, '');
      return place?.container === container && (root === '' || path === root || path.startsWith(`${root}/`));
    });
    if (!isOutput)
      throw new UserError('Forbidden', `The token of a job does not let it write "${path.slice(0, 200)}": that is none of its outputs.`);
  }

  async function mustFind(c: Context, container: string, path: string): Promise<{ sha256: string; size: number }> {
    const found = await c.get('asked').store.blob(container, path);
    if (!found) throw new UserError('NotFound', `There is no blob "${path}" in ${container}.`);
    return found;
  }

  async function storeBody(c: Context, container: string, path: string): Promise<{ size: number; sha256: string }> {
    const { store } = c.get('asked');
    await mustHaveStorage(store, { container, path }, lengthOf(c));
    const sha256 = digestOf(c);
    const written = await blobs.put(bodyOf(c), sha256 === undefined ? {} : { sha256 });
    await store.write((writer) => putWithinQuota(writer, { container, path }, written));
    return written;
  }
}

/** The request's body as it comes; empty when there is none. It may take hours: at its end it throws when who sent it may not write any more. */
export async function* bodyOf(c: Context): AsyncGenerator<Uint8Array> {
  yield* (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>;
  const { stillMay } = c.var as Partial<ContextVariableMap>;
  await stillMay?.();
}

/** How long the client says that its body is; 0 when it says nothing. */
export const lengthOf = (c: Context): number => Number(c.req.header('content-length') ?? 0) || 0;

/** The SHA-256 in hex that the client says its body has, by RFC 9530; undefined when it says none. */
function digestOf(c: Context): string | undefined {
  const given = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(c.req.header('content-digest') ?? '')?.[1];
  return given === undefined ? undefined : Buffer.from(given, 'base64').toString('hex');
}

/** Streams content, with `Range` support. */
export const sendContent = (
  c: Context,
  blobs: PlaneServices['blobs'],
  { sha256, size }: { sha256: string; size: number },
  path: string,
): Promise<Response> =>
  sendRange(c, {
    size,
    headers: { 'content-type': contentType(path), etag: `"${sha256}"` },
    open: (range) => blobs.read(sha256, range),
  });

const types: Record<string, string> = {
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  py: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  yml: 'text/plain; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

const contentType = (path: string): string => types[path.split('.').pop()!.toLowerCase()] ?? 'application/octet-stream';
