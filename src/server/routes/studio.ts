import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { UserError } from '../../base/userError.ts';
import { isMember } from '../../protocol/principal.ts';
import { studioCookie, studioKey } from '../auth.ts';
import { pageIcon } from '../pageIcon.ts';
import { studioFiles } from './studioFiles.ts';

/** The files of the pages: scripts, of which the Studio's loads others, its style sheet and the icons. */
const assets: [name: RegExp, type: string][] = [
  [/^(?:studio|part-[\w-]+)\.js$/, 'text/javascript; charset=utf-8'],
  [/^studio\.css$/, 'text/css; charset=utf-8'],
  [/^codicon\.ttf$/, 'font/ttf'],
];

/** Leads from MLflow's address of a run or of a model to the Studio's. */
const followLink = `
const [, run] = /^#\\/experiments\\/[^/]+\\/runs\\/([^/?]+)/.exec(location.hash) ?? [];
location.replace('/studio' + (run ? '/jobs/' + run : ''));
`;

/**
 * The Studio: one page for every address below `/studio`. `?token=` is exchanged for a cookie that opens these files only, and handed to the page in the
 * fragment, which no server ever sees again. Who has signed in needs none: the page is told so.
 */
export function studioRoutes(folder: string, token: string | undefined): Hono {
  const app = new Hono();

  app.get('/studio/assets/:file', async (c) => {
    const file = c.req.param('file');
    const type = assets.find(([name]) => name.test(file))?.[1];
    const content = type && (await readFile(path.join(folder, file)).catch(() => undefined));
    if (!content) throw new UserError('NotFound', 'The Studio has no such file.', 'Build it with "npm run build".');
    const headers = { 'content-type': type, 'x-content-type-options': 'nosniff' };
    // The name of a part, and the query of what else is in the list of the build, has a hash of the content, so a browser keeps it. What is asked for without is sent when it has changed.
    if (file.startsWith('part-') || new URL(c.req.url).search)
      return c.body(content, 200, { ...headers, 'cache-control': 'private, max-age=31536000, immutable' });
    const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
    const kept = { 'cache-control': 'no-cache', etag };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, kept);
    return c.body(content, 200, { ...headers, ...kept });
  });

  const page = async (c: Context) => {
    const asked = c.req.query('token');
    if (asked !== undefined) {
      if (token !== undefined) setCookie(c, studioCookie, studioKey(token), { httpOnly: true, sameSite: 'Strict', path: '/studio' });
      const { token: _token, ...query } = c.req.query();
      const rest = new URLSearchParams(query);
      // As it was written: a slash within a name stays one.
      return c.redirect(`${new URL(c.req.url).pathname}${rest.size ? `?${rest}` : ''}#token=${encodeURIComponent(asked)}`, 303);
    }
    const { script, style, parts } = await studioFiles(folder, new URL(c.req.url).pathname.slice('/studio'.length));
    const isSignedIn = c.get('asked') !== undefined && isMember(c.get('asked').principal) && c.req.header('authorization') === undefined;
    const nonce = randomBytes(16).toString('base64');
    const preloads = parts.map((part) => `<link rel="modulepreload" nonce="${nonce}" href="/studio/assets/${part}">`).join('');
    c.header(
      'content-security-policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    c.header('referrer-policy', 'no-referrer');
    return c.html(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Updraft Studio</title><link rel="icon" href="${pageIcon}"><link rel="stylesheet" href="/studio/assets/${style}"><script nonce="${nonce}" type="module" src="/studio/assets/${script}"></script>${preloads}</head><body><div id="root"${isSignedIn ? ' data-signed-in' : ''}></div></body></html>`,
    );
  };
  // Where the links lead that MLflow's client prints. What they are about is behind the `#`, which no server sees.
  app.get('/', (c) => {
    const nonce = randomBytes(16).toString('base64');
    c.header(
      'content-security-policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    c.header('referrer-policy', 'no-referrer');
    return c.html(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Updraft</title><link rel="icon" href="${pageIcon}"></head><body><main><h1>Updraft</h1><p><a href="/studio">Updraft Studio</a> shows the jobs, runs and models of this control plane.</p></main><script nonce="${nonce}">${followLink}</script></body></html>`,
    );
  });
  app.get('/studio', page);
  app.get('/studio/*', page);
  return app;
}
