import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { objectOf, textBody } from '../arm/request.ts';

/** What the clients are told after each complaint about a parameter; they know the sentence. */
const seeDocs = ' See the API docs for more information about request parameters.';

/** An MLflow request's fields: from the path, and the body or, for GET, the query. */
export async function fieldsOf(c: Context, fromPath: Record<string, string> = {}): Promise<Fields> {
  const { method } = c.req;
  if (method === 'GET' || method === 'HEAD') {
    const query = queryOf(c);
    const body = Object.keys(query).length === 0 ? incomingOf(c) : undefined;
    if (!body) return new Fields({ ...query, ...fromPath }, true);
    const text = await textBody(c, body);
    return new Fields({ ...objectOf(text), ...fromPath }, false, text);
  }
  if (method === 'POST') checkContentType(c);
  const text = await textBody(c);
  const body = objectOf(text);
  const fields: Record<string, unknown> = method === 'DELETE' && Object.keys(body).length === 0 ? queryOf(c) : body;
  c.set('body', { ...fields, ...fromPath });
  return new Fields({ ...fields, ...fromPath }, false, text);
}

/** The body of a GET without a query, as some clients of MLflow send one. `fetch` has no place for it, so it is read from Node's own request. */
function incomingOf(c: Context): IncomingMessage | undefined {
  const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
  return Number(incoming?.headers?.['content-length']) > 0 ? (incoming as IncomingMessage) : undefined;
}

function queryOf(c: Context): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [key, values] of Object.entries(c.req.queries())) query[key] = values.length > 1 ? values : values[0];
  return query;
}

function checkContentType(c: Context): void {
  const type = c.req.header('content-type');
  if (type === undefined) throw new UserError('InvalidRequest', 'Bad Request. Content-Type header is missing.');
  if (type.split(';')[0]!.trim().toLowerCase() !== 'application/json')
    throw new UserError('InvalidRequest', "Bad Request. Content-Type must be one of ['application/json'].");
}

/** The last moment that is a date in JavaScript, in the year 275760. */
const latestTime = 8_640_000_000_000_000;

/** Typed reading of fields; throws `InvalidRequest` with MLflow's own sentence. */
export class Fields {
  readonly all: Record<string, unknown>;
  /** A query knows texts only, and can't tell one value from a list of one. */
  private readonly fromQuery: boolean;
  /** The body that they are from. */
  private readonly body: string | undefined;

  constructor(all: Record<string, unknown>, fromQuery = false, body?: string) {
    this.all = all;
    this.fromQuery = fromQuery;
    this.body = body;
  }

  has(name: string): boolean {
    return this.all[name] !== undefined && this.all[name] !== null;
  }

  text(name: string, ...aliases: string[]): string {
    const value = this.optionalText(name, ...aliases);
    if (value === undefined || value === '') throw missing(name);
    return value;
  }

  optionalText(...names: string[]): string | undefined {
    for (const name of names) {
      const value = this.all[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'string') throw wrongType(name, value, this.asWritten(name, value));
      return value;
    }
    return undefined;
  }

  /** A number as the client wrote it: Python tells 9 from 9.0. */
  private asWritten(name: string, value: unknown): string | undefined {
    if (typeof value !== 'number' || !this.body) return undefined;
    let written: string | undefined;
    JSON.parse(this.body, (key, each, context?: { source?: string }) => {
      if (key === name && each === value) written = context?.source;
      return each;
    });
    return written;
  }

  /** Integers may come as text, as protobuf's JSON has them. */
  optionalWhole(name: string): number | undefined {
    const value = this.all[name];
    if (value === undefined || value === null) return undefined;
    const number = wholeOf(value);
    if (number === undefined || !Number.isSafeInteger(number)) throw wrongType(name, value);
    return number;
  }

  /** As `optionalWhole`, of 64 bits: see `wholeOf`. */
  optionalLong(name: string): number | undefined {
    const value = this.all[name];
    if (value === undefined || value === null) return undefined;
    const number = wholeOf(value);
    if (number === undefined) throw wrongType(name, value);
    return number;
  }

  /** Milliseconds since 1970, as far as there are dates: other clients are told the time as one. */
  optionalTime(name: string): number | undefined {
    const time = this.optionalLong(name);
    if (time !== undefined && Math.abs(time) > latestTime)
      throw invalidValue(name, this.all[name], `Times are milliseconds since 1970, and at most ${latestTime}.`);
    return time;
  }

  whole(name: string, fallback: number): number {
    return this.optionalWhole(name) ?? fallback;
  }

  flag(name: string): boolean | undefined {
    const value = this.all[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    if (this.fromQuery && typeof value === 'string') {
      if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
      throw new UserError('InvalidRequest', `Invalid boolean value: ${value}, must be 'true' or 'false'.`);
    }
    throw wrongType(name, value);
  }

  /** Absent is empty. Elements are not checked: use `texts` or `objects`. */
  list<T>(name: string): T[] {
    const value = this.all[name] ?? [];
    if (this.fromQuery && !Array.isArray(value)) return [value as T];
    if (!Array.isArray(value)) throw wrongType(name, value);
    return value as T[];
  }

  texts(name: string): string[] {
    const values = this.list<unknown>(name);
    // Ids of experiments are often sent as numbers.
    return values.map((value) => {
      if (typeof value === 'number') return String(value);
      if (typeof value !== 'string') throw wrongType(name, values);
      return value;
    });
  }

  objects<T extends object>(name: string): Partial<T>[] {
    const values = this.list<unknown>(name);
    for (const value of values) if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(name, values);
    return values as Partial<T>[];
  }

  object(name: string): Fields | undefined {
    const value = this.all[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(name, value);
    return new Fields(value as Record<string, unknown>);
  }

  /** `[{key, value}]` as a map; a value that is absent is empty. */
  pairs(name: string): Record<string, string> {
    const pairs: Record<string, string> = {};
    for (const [index, { key, value }] of this.objects<{ key: string; value: unknown }>(name).entries()) {
      if (typeof key !== 'string' || key === '') throw missing(`${name}[${index}].key`);
      if (value !== undefined && value !== null && typeof value !== 'string') throw wrongType(`${name}[${index}].value`, value);
      pairs[key] = (value ?? '') as string;
    }
    return pairs;
  }
}

/** The greatest double that is a 64-bit integer. */
const mostWhole = 2 ** 63 - 1024;

/** A 64-bit integer, which may be written as text; undefined for what is none. Beyond 2^53 it is the nearest number that a double holds. */
export function wholeOf(value: unknown): number | undefined {
  const number = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 63) return undefined;
  return Math.max(-mostWhole, Math.min(number, mostWhole));
}

export const missing = (name: string): UserError =>
  new UserError('InvalidRequest', `Missing value for required parameter '${name}'.${seeDocs}`);

export const invalid = (message: string): UserError => new UserError('InvalidRequest', message);

/** `Invalid value … for parameter '…' supplied`, with the reason when there is one. */
export const invalidValue = (name: string, value: unknown, why?: string): UserError =>
  new UserError('InvalidRequest', `Invalid value ${shown(value)} for parameter '${name}' supplied${why ? `: ${why}` : '.'}`);

function wrongType(name: string, value: unknown, written = shown(value)): UserError {
  const type = /^-?\d+\./.test(written) ? 'float' : pythonType(value);
  return new UserError(
    'InvalidRequest',
    `Invalid value ${written} for parameter '${name}' supplied:  Hint: Value was of type '${type}'.${seeDocs}`,
  );
}

/** A value as JSON, not longer than a message may be. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** The clients are Python, and are told types in its words. */
function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return ({ string: 'str', boolean: 'bool', object: 'dict' } as Record<string, string>)[typeof value] ?? typeof value;
}

/** `max_results`, checked; MLflow's own sentences. */
export function limitOf(fields: Fields, fallback: number, most: number): number {
  const limit = fields.whole('max_results', fallback);
  if (limit < 1) throw invalid(`Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer`);
  if (limit > most) throw invalid(`Invalid value ${limit} for parameter 'max_results' supplied. It must be at most ${most}.${seeDocs}`);
  return limit;
}

/** Opaque page tokens, bound to their query so that one of another query is refused. Each page may have a size of its own. */
export async function pageOf<T>(
  fields: Fields,
  read: (offset: number, limit: number) => Promise<T[]>,
  fallback: number,
  most: number,
): Promise<{ items: T[]; next: { next_page_token?: string } }> {
  const limit = limitOf(fields, fallback, most);
  const token = fields.optionalText('page_token');
  const { page_token: _token, max_results: _limit, ...query } = fields.all;
  const key = JSON.stringify(Object.entries(query).filter(([, value]) => value !== '' && value !== null));
  let offset = 0;
  if (token) {
    try {
      const [at, of] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [number, string];
      if (!Number.isSafeInteger(at) || at < 0 || of !== key) throw new Error('another query');
      offset = at;
    } catch {
      throw invalid('Invalid page token, could not base64-decode or it belongs to another query.');
    }
  }
  const found = await read(offset, limit + 1);
  const next = found.length > limit ? { next_page_token: Buffer.from(JSON.stringify([offset + limit, key])).toString('base64url') } : {};
  return { items: found.slice(0, limit), next };
}
