import { Readable } from 'node:stream';
import type { Context } from 'hono';
import type { ByteRange } from '../../store/blobs.ts';

/** Something of a known size whose bytes can be streamed. */
export interface Sendable {
  size: number;
  headers: Record<string, string>;
  open(range: Required<ByteRange>): Promise<Readable>;
}

/** Streams with `Range` support (RFC 9110, one range) and never lets a browser guess a type or run it. A HEAD opens nothing. */
export async function sendRange(c: Context, { size, headers, open }: Sendable): Promise<Response> {
  const all: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'accept-ranges': 'bytes',
    ...headers,
  };
  // Only a GET has ranges.
  const range = c.req.method === 'HEAD' ? undefined : parseRange(c.req.header('range'), size);
  if (range === 'unsatisfiable') return c.body(null, 416, { ...all, 'content-range': `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  all['content-length'] = String(length);
  if (range) all['content-range'] = `bytes ${start}-${end}/${size}`;
  if (c.req.method === 'HEAD') return c.body(null, 200, all);
  const body = length > 0 ? webStream(await open({ start, end })) : '';
  return c.body(body as string, range ? 206 : 200, all);
}

/** As the body of an answer. */
export const webStream = (content: Readable): ReadableStream => Readable.toWeb(content) as unknown as ReadableStream;

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
