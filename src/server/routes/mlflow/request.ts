import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { jsonBody } from '../arm/request.ts';

/** An MLflow request's fields, from the body or, for GET, from the query. */
export async function fieldsOf(c: Context): Promise<Fields> {
  if (c.req.method !== 'GET') {
    const body = await jsonBody(c);
    return new Fields(Object.keys(body).length || c.req.method === 'POST' ? body : c.req.query());
  }
  const query: Record<string, unknown> = {};
  for (const [key, values] of Object.entries(c.req.queries())) query[key] = values.length > 1 ? values : values[0];
  return new Fields(query);
}

/** Typed reading of fields; throws `InvalidRequest` with MLflow's own sentence. */
export class Fields {
  readonly all: Record<string, unknown>;

  constructor(all: Record<string, unknown>) {
    this.all = all;
  }

  text(name: string, ...aliases: string[]): string {
    const value = this.optionalText(name, ...aliases);
    if (value === undefined || value === '')
      throw new UserError(
        'InvalidRequest',
        `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`,
      );
    return value;
  }

  optionalText(...names: string[]): string | undefined {
    for (const name of names) {
      const value = this.all[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'string')
        throw new UserError(
          'InvalidRequest',
          `Invalid value ${JSON.stringify(value)} for parameter '${name}' supplied. See the API docs for more information about request parameters.`,
        );
      return value;
    }
    return undefined;
  }

  whole(name: string, fallback: number): number {
    const value = this.all[name];
    if (value === undefined || value === null) return fallback;
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      throw new UserError(
        'InvalidRequest',
        `Invalid value ${JSON.stringify(value)} for parameter '${name}' supplied. See the API docs for more information about request parameters.`,
      );
    return number;
  }

  list<T>(name: string): T[] {
    const value = this.all[name] ?? [];
    if (typeof value === 'string') return [value as T];
    if (!Array.isArray(value)) throw new UserError('InvalidRequest', `Invalid value for parameter '${name}' supplied: it must be a list.`);
    return value as T[];
  }
}

/** Opaque page tokens, bound to their query so that one of another query is refused. */
export function pageOf<T>(
  fields: Fields,
  read: (offset: number, limit: number) => T[],
  fallback: number,
  most: number,
): { items: T[]; next: { next_page_token?: string } } {
  const limit = fields.whole('max_results', fallback);
  if (limit < 1 || limit > most)
    throw new UserError('InvalidRequest', `Invalid value ${limit} for parameter 'max_results' supplied. It must be between 1 and ${most}.`);
  const token = fields.optionalText('page_token');
  const { page_token: _token, ...query } = fields.all;
  const key = JSON.stringify(query);
  let offset = 0;
  if (token) {
    try {
      const [at, of] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [number, string];
      if (!Number.isSafeInteger(at) || at < 0 || of !== key) throw new Error('another query');
      offset = at;
    } catch {
      throw new UserError('InvalidRequest', 'Invalid page token, could not base64-decode or it belongs to another query.');
    }
  }
  const found = read(offset, limit + 1);
  const next = found.length > limit ? { next_page_token: Buffer.from(JSON.stringify([offset + limit, key])).toString('base64url') } : {};
  return { items: found.slice(0, limit), next };
}
