import { createHmac } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import type { AzureTokens } from './azureTokens.ts';
import { errorResponse } from './errors.ts';
import { sameText } from './sameText.ts';
import { isStoragePath } from './storagePath.ts';

export const studioCookie = 'updraft_studio';

/** Good for the Studio's own files only: cookies of 127.0.0.1 are seen by every port, so the token itself is never put into one. */
export const studioKey = (token: string): string => createHmac('sha256', token).update('studio').digest('hex');

/** Open to all: what says nothing about the data, or checks a secret of its own (the identity header, a signed URL). */
const isOpen = (path: string): boolean =>
  ['/health', '/metadata/endpoints', '/msi/token', '/discovery'].includes(path) || isStoragePath(path) || path.startsWith('/endpoints/');

/** What a token that was issued to an Azure client opens: the two public contracts. The change feed, `/stop` and our own additions are not among them. */
const isAzureClients = (path: string): boolean => /^\/(?:subscriptions|history|data|modelregistry|mlflow|api|ajax-api)\//i.test(path);

/**
 * Lets in who has the plane's token, or one of `azure`'s where Azure clients go. `Host` must name this machine (a foreign page that rebinds its name to 127.0.0.1 sends its own), and `Origin`, when a browser
 * sends one, must be ours. `token` undefined lets everyone in (`--token none`).
 */
export function auth(token: string | undefined, azure: AzureTokens, logger: Logger): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    if (host !== '' && !/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host))
      return refuse(c, `This control plane serves 127.0.0.1 only, not "${host}".`, logger);
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
      return refuse(c, 'Pages of other origins may not call this control plane.', logger);
    if (isOpen(c.req.path) || token === undefined) return next();
    const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (bearer !== undefined && (sameText(bearer, token) || (isAzureClients(c.req.path) && (await azure.accepts(bearer))))) return next();
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
