import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Html, html } from '../../base/html.ts';
import { pageIcon } from '../pageIcon.ts';

const style =
  new Html(`:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh}main{max-width:28rem;min-width:0;padding:2rem}pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.75rem;border:1px solid;border-radius:4px}h1{font-size:1.4rem;margin:0 0 1rem}
a.button,button{display:inline-block;padding:.5rem 1rem;border:0;border-radius:4px;background:#005fb8;color:#fff;text-decoration:none;font:inherit;cursor:pointer}button:disabled{background:#616161;cursor:default}a.button:focus-visible,button:focus-visible{outline:2px solid Highlight;outline-offset:2px}p{overflow-wrap:anywhere}[hidden]{display:none}[tabindex="-1"]{outline:0}`);

/** `script`: the only one that runs there, which may ask this control plane alone. */
export function page(c: Context, status: ContentfulStatusCode, title: string, body: Html, script?: Html): Response | Promise<Response> {
  const nonce = randomBytes(16).toString('base64');
  c.header(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; ${script ? `script-src 'nonce-${nonce}'; connect-src 'self'; ` : ''}img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  c.header('referrer-policy', 'no-referrer');
  c.header('cache-control', 'no-store');
  return c.html(
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="icon" href="${pageIcon}"><style nonce="${nonce}">${style}</style></head><body><main><h1>${title}</h1>${body}</main>${script && html`<script nonce="${nonce}">${script}</script>`}</body></html>`
      .text,
    status,
  );
}

const button = (to: string, text: string): Html =>
  html`<p><a class="button" href="/sign-in/start?to=${encodeURIComponent(to)}">${text}</a></p>`;

/** Where somebody who is not signed in comes to. */
export const signInPage = (c: Context, provider: string, to: string): Response | Promise<Response> =>
  page(c, 200, 'Updraft Studio', button(to, `Sign in with ${provider}`));

/** Why somebody was not signed in, and what to do. */
export const failurePage = (
  c: Context,
  status: ContentfulStatusCode,
  message: string,
  hint: string | undefined,
): Response | Promise<Response> =>
  page(c, status, 'You are not signed in', html`<p>${message}</p>${hint ? html`<p>${hint}</p>` : ''}${button('/studio', 'Sign in again')}`);
