import type { Context } from 'hono';
import { chunksUpTo } from '../../../base/chunksUpTo.ts';
import { UserError } from '../../../base/userError.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import type { NamedRef } from './resource.ts';

/** Largest JSON body, in bytes. */
const bodyLimit = 32 * 1024 * 1024;
const pageSize = 100;
/** Refuses what is no UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** One request to a collection of a workspace. */
export interface ArmRequest {
  c: Context;
  /** In upper case. */
  method: string;
  ref: NamedRef;
  /** The decoded path segments after the collection's name. */
  rest: string[];
  services: Services;
}

/** A HEAD is answered as a GET, without its body. */
export const methodOf = (c: Context): string => (c.req.method === 'HEAD' ? 'GET' : c.req.method);

/** The request's JSON object; throws `InvalidRequest` for anything else. */
export async function jsonBody(c: Context): Promise<Record<string, unknown>> {
  const body = objectOf(await textBody(c));
  c.set('body', body);
  return body;
}

/** The request's body, which may be empty. `source` is where it comes from when it is not the request itself. */
export async function textBody(c: Context, source: AsyncIterable<Uint8Array> = streamOf(c)): Promise<string> {
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new UserError(
      'InvalidRequest',
      `A body with the content encoding "${encoding.slice(0, 50)}" is not read.`,
      'Send it without compression.',
    );
  const chunks = await chunksUpTo(source, bodyLimit);
  if (!chunks) throw new UserError('InvalidRequest', `A body may have at most ${bodyLimit} bytes.`);
  try {
    // A byte order mark is skipped.
    return utf8.decode(Buffer.concat(chunks));
  } catch {
    throw new UserError('InvalidRequest', 'The body is not UTF-8, which JSON always is.', 'Encode it as UTF-8 before you send it.');
  }
}

const streamOf = (c: Context) => (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>;

/** Most levels of a body. What works through it calls itself once a level. */
const mostLevels = 500;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const each of Array.isArray(value) ? value : Object.values(value)) if (isDeeper(each, levels - 1)) return true;
  return false;
}

/** A body as a JSON object; an empty one has nothing in it. */
export function objectOf(body: string): Record<string, unknown> {
  if (body === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new UserError('InvalidRequest', `The body is not valid JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UserError('InvalidRequest', 'The body must be a JSON object.');
  if (isDeeper(value, mostLevels)) throw new UserError('InvalidRequest', `The body is nested more than ${mostLevels} levels deep.`);
  return value as Record<string, unknown>;
}

/**
 * One page of a list after ARM's manner: `$top` is the page's size, `$skip` our token; `nextLink` is absolute and absent at the end. `read` answers items from an
 * offset on; those that `keep` refuses are left out, and the page is filled from what follows. `more` is answered beside the list.
 */
export async function page<T>(
  c: Context,
  read: (offset: number, limit: number) => Promise<T[]>,
  show: (item: T) => unknown,
  keep: (item: T) => boolean | Promise<boolean> = () => true,
  more: Record<string, unknown> = {},
): Promise<Response> {
  const url = new URL(c.req.url);
  const whole = (key: string, fallback: number, most: number) => {
    const text = url.searchParams.get(key);
    if (text === null) return fallback;
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
      throw new UserError('InvalidRequest', `${key} must be a whole number, not "${text.slice(0, 100)}".`);
    return Math.min(value, most);
  };
  let offset = whole('$skip', 0, Number.MAX_SAFE_INTEGER);
  const limit = Math.max(1, whole('$top', whole('count', pageSize, 1000), 1000));
  const value: T[] = [];
  for (;;) {
    const found = await read(offset, limit + 1);
    for (const item of found) {
      if (value.length === limit) {
        url.searchParams.set('$skip', String(offset));
        return c.json({ ...more, value: await Promise.all(value.map(show)), nextLink: `${originOf(c)}${url.pathname}${url.search}` });
      }
      offset++;
      if (await keep(item)) value.push(item);
    }
    if (found.length <= limit) return c.json({ ...more, value: await Promise.all(value.map(show)) });
  }
}

const named: Record<string, string> = {
  'ListViewType.ACTIVE_ONLY': 'ActiveOnly',
  'ListViewType.ARCHIVED_ONLY': 'ArchivedOnly',
  'ListViewType.ALL': 'All',
};

/** What `listViewType` lets through. */
export function viewOf(c: Context): (isArchived: boolean) => boolean {
  // Of a registry, Azure's client asks with Python's name of the value: `ListViewType.ACTIVE_ONLY`.
  const view = named[c.req.query('listViewType') ?? ''] ?? c.req.query('listViewType') ?? 'ActiveOnly';
  if (view === 'All') return () => true;
  if (view !== 'ActiveOnly' && view !== 'ArchivedOnly')
    throw new UserError('InvalidRequest', `listViewType can't be "${view.slice(0, 50)}".`, 'It is ActiveOnly, ArchivedOnly or All.');
  return (isArchived) => isArchived === (view === 'ArchivedOnly');
}

/** Refuses a verb on a path that has others. */
export function refuseMethod({ c, method }: ArmRequest): never {
  throw new UserError(
    'InvalidRequest',
    `${method} is not supported on ${c.req.path
      .split(/\/(?:workspaces|registries)\//)
      .pop()!
      .slice(0, 200)}.`,
  );
}

/** ARM clients may send null for what is not set: without those, in nested objects too. What has none is answered as it is. */
export function withoutNulls<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  let kept: Record<string, unknown> | undefined;
  for (const [key, each] of Object.entries(value)) {
    const clean = withoutNulls(each);
    if (clean === each && each !== null) continue;
    kept ??= { ...(value as Record<string, unknown>) };
    if (each === null) delete kept[key];
    else kept[key] = clean;
  }
  return (kept ?? value) as T;
}

/** JSON text that does not depend on the order of keys. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const each = (value as Record<string, unknown>)[key];
    if (each !== undefined) members.push(`${JSON.stringify(key)}:${canonical(each)}`);
  }
  return `{${members.join(',')}}`;
}
