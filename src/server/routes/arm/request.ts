import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';

/** Largest JSON body, in bytes. */
const bodyLimit = 32 * 1024 * 1024;
const pageSize = 100;

/** The request's JSON object; throws `InvalidRequest` for anything else. */
export async function jsonBody(c: Context): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > bodyLimit) throw new UserError('InvalidRequest', `A body may have at most ${bodyLimit} bytes.`);
    chunks.push(chunk);
  }
  if (length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new UserError('InvalidRequest', `The body is not valid JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UserError('InvalidRequest', 'The body must be a JSON object.');
  return value as Record<string, unknown>;
}

/** One page of a list after ARM's manner: `$top` is the page's size, `$skip` our token; `nextLink` is absolute and absent at the end. */
export function page(c: Context, origin: string, read: (offset: number, limit: number) => unknown[]): Response {
  const url = new URL(c.req.url);
  const whole = (key: string, fallback: number, most: number) => {
    const text = url.searchParams.get(key);
    if (text === null) return fallback;
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0) throw new UserError('InvalidRequest', `${key} must be a whole number, not "${text}".`);
    return Math.min(value, most);
  };
  const offset = whole('$skip', 0, Number.MAX_SAFE_INTEGER);
  const limit = Math.max(1, whole('$top', pageSize, 1000));
  const found = read(offset, limit + 1);
  const value = found.slice(0, limit);
  if (found.length <= limit) return c.json({ value });
  url.searchParams.set('$skip', String(offset + limit));
  return c.json({ value, nextLink: `${origin}${url.pathname}${url.search}` });
}
