import { createHash } from 'node:crypto';
import type { UserError } from '../../../base/userError.ts';
import { type Fields, invalid } from './request.ts';

/** What a page token stands for: a place in the answer of one query. Each page may have a size of its own. */
const queryOf = ({ all }: Fields): string => {
  const { page_token: _token, max_results: _most, ...query } = all;
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== null);
  return createHash('sha256').update(JSON.stringify(given)).digest('base64url').slice(0, 16);
};

/** Makes the opaque token of the page that starts at `place`. */
export const tokenOf = (fields: Fields, place: unknown): string =>
  Buffer.from(JSON.stringify({ query: queryOf(fields), place })).toString('base64url');

export const wrongToken = (): UserError => invalid('Invalid page token, could not base64-decode');

/** The place that `page_token` stands for; undefined on the first page. Throws `InvalidRequest` for one that is not whole or of another query. */
export function placeIn(fields: Fields): unknown {
  const token = fields.optionalText('page_token');
  if (!token) return undefined;
  let parsed: { query?: unknown; place?: unknown };
  try {
    parsed = Object(JSON.parse(Buffer.from(token, 'base64url').toString()));
  } catch {
    throw wrongToken();
  }
  if (typeof parsed.query !== 'string' || parsed.place === undefined) throw wrongToken();
  if (parsed.query !== queryOf(fields)) throw invalid('Invalid page token: it belongs to another query. Start again without a page token.');
  return parsed.place;
}

/** A place that is a number of things to leave out. */
export function offsetIn(fields: Fields): number {
  const place = placeIn(fields) ?? 0;
  if (typeof place !== 'number' || !Number.isSafeInteger(place) || place < 0) throw wrongToken();
  return place;
}
