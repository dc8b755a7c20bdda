import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { errorResponse } from './errors.ts';

export const studioCookie = 'updraft_studio';

/** Good for the Studio's own files only: cookies of 127.0.0.1 are seen by every port, so the token itself is never put into one. */
export const studioKey = (token: string): string => createHmac('sha256', token).update('studio').digest('hex');

/** Equal, in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/**
 * Lets in who has the token. `Host` must name this machine (a foreign page that rebinds its name to 127.0.0.1 sends its own), and `Origin`, when a browser
 * sends one, must be ours. `token` undefined lets everyone in (`--token none`).
 */
export function auth(token: string | undefined, logger: Logger): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    if (host !== '' && !/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host))
      return refuse(c, `This control plane serves 127.0.0.1 only, not "${host}".`, logger);
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`)
      return refuse(c, 'Pages of other origins may not call this control plane.', logger);
    if (c.req.path === '/health') return next();
    if (token === undefined) return next();
    const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (bearer !== undefined && sameText(bearer, token)) return next();
    if (c.req.path === '/studio' || c.req.path.startsWith('/studio/')) {
      const asked = c.req.query('token');
      if (asked !== undefined && sameText(asked, token)) return next();
      const cookie = getCookie(c, studioCookie);
      if (asked === undefined && cookie !== undefined && sameText(cookie, studioKey(token))) return next();
      return c.html(
        '<!doctype html><meta charset="utf-8"><title>Updraft Studio</title><p>Open the Studio from VS Code, or with the address that <code>updraft status</code> prints.</p>',
        401,
      );
    }
    return refuse(c, bearer === undefined ? 'This control plane needs its token.' : 'The token is wrong.', logger);
  };
}

function refuse(c: Context, message: string, logger: Logger): Response {
  return errorResponse(c, new UserError('Unauthorized', message, 'Read the current address and token with "updraft env".'), logger);
}
