import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { UserError } from '../../base/userError.ts';
import { sessionHeader } from '../../protocol/signIn.ts';
import { originOf } from '../origin.ts';

/** The browser's session, and a sign-in that it has begun. */
type What = 'session' | 'sign-in';

const isSecure = (c: Context): boolean => originOf(c).startsWith('https:');

/** With `__Host-` a browser takes it from this very host alone, over https. */
const nameOf = (c: Context, what: What): string => `${isSecure(c) ? '__Host-' : ''}updraft-${what}`;

export const readCookie = (c: Context, what: What): string | undefined => getCookie(c, nameOf(c, what));

export function writeCookie(c: Context, what: What, value: string, seconds: number): void {
  setCookie(c, nameOf(c, what), value, { path: '/', httpOnly: true, secure: isSecure(c), sameSite: 'Lax', maxAge: seconds });
}

export function dropCookie(c: Context, what: What): void {
  deleteCookie(c, nameOf(c, what), { path: '/', httpOnly: true, secure: isSecure(c), sameSite: 'Lax' });
}

/**
 * Throws `Forbidden` for a request with a session that a page of somebody else may have caused, since browsers send cookies by themselves. A request that writes must come from our own origin, with a header that no
 * form and no link can send. A request that reads must not come from within another site's page.
 */
export function mustBeOwnPage(c: Context): void {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (isRead && (site === undefined || site === 'same-origin' || site === 'none')) return;
  const isOwn = origin === undefined ? site === 'same-origin' : origin === originOf(c) && (site === undefined || site === 'same-origin');
  if (!isRead && isOwn && c.req.header(sessionHeader) !== undefined) return;
  throw new UserError(
    'Forbidden',
    'A request with the session of a browser must come from a page of this control plane.',
    'Open the Studio, and do it there.',
  );
}
