import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { restOf, safeName, safePath } from '../paths.ts';
import type { Services } from '../services.ts';

/** Our own blob routes: list, read with ranges, write by content or by SHA-256. */
export function blobRoutes({ store, blobs }: Services): Hono {
  const app = new Hono();

  app.get('/updraft/blobs/:container', async (c) => {
    const container = safeName(c.req.param('container'), 'container');
    const prefix = safePath(c.req.query('prefix') ?? '');
    return c.json({ entries: await store.blobs(container, prefix, c.req.query('recursive') === 'true') });
  });

  app.get('/updraft/blobs/:container/*', async (c) => {
    const { container, path } = addressOf(c);
    return sendBlob(c, await mustFind(container, path), path);
  });

  app.put('/updraft/blobs/:container/*', async (c) => {
    const { container, path } = addressOf(c);
    if (path === '') throw new UserError('InvalidRequest', 'A blob needs a path.');
    const known = c.req.query('sha256');
    if (known !== undefined) {
      const size = await blobs.size(known);
      if (size === undefined) throw new UserError('NotFound', `The plane does not have the content ${known.slice(0, 64)}.`);
      await store.write((writer) => writer.putBlob(container, path, known, size));
      return c.json({ size, sha256: known });
    }
    return c.json(await storeBody(c, container, path), 201);
  });

  return app;

  function addressOf(c: Context): { container: string; path: string } {
    const container = safeName(c.req.param('container') ?? '', 'container');
    return { container, path: restOf(new URL(c.req.url).pathname, `/updraft/blobs/${container}/`) };
  }

  async function mustFind(container: string, path: string): Promise<{ sha256: string; size: number }> {
    const found = await store.blob(container, path);
    if (!found) throw new UserError('NotFound', `There is no blob "${path}" in ${container}.`);
    return found;
  }

  async function storeBody(c: Context, container: string, path: string): Promise<{ size: number; sha256: string }> {
    const written = await blobs.write(bodyOf(c));
    await store.write((writer) => writer.putBlob(container, path, written.sha256, written.size));
    return written;
  }

  function sendBlob(c: Context, found: { sha256: string; size: number }, path: string): Response {
    return sendContent(c, blobs, found, path);
  }
}

/** The request's body as it comes; empty when there is none. */
export function bodyOf(c: Context): AsyncIterable<Uint8Array> {
  return (c.req.raw.body ?? new Blob([]).stream()) as unknown as AsyncIterable<Uint8Array>;
}

/** Streams content with `Range` support (RFC 9110, one range) and never lets a browser guess a type or run it. */
export function sendContent(c: Context, blobs: Services['blobs'], found: { sha256: string; size: number }, path: string): Response {
  const range = parseRange(c.req.header('range'), found.size);
  const headers: Record<string, string> = {
    'content-type': contentType(path),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'accept-ranges': 'bytes',
    etag: `"${found.sha256}"`,
  };
  if (range === 'unsatisfiable') return c.body(null, 416, { ...headers, 'content-range': `bytes */${found.size}` });
  const { start, end } = range ?? { start: 0, end: found.size - 1 };
  const length = end - start + 1;
  headers['content-length'] = String(length);
  if (range) headers['content-range'] = `bytes ${start}-${end}/${found.size}`;
  const body = length > 0 ? (Readable.toWeb(blobs.read(found.sha256, { start, end })) as unknown as ReadableStream) : '';
  return c.body(body as string, range ? 206 : 200, headers);
}

/** `undefined` without a (readable) range header: RFC 9110 lets a server ignore it. */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const last = Math.min(Number(match[2]), size);
    return last === 0 ? 'unsatisfiable' : { start: size - last, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}

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
