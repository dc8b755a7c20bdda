import type { Context } from 'hono';
import { Html, html } from '../../base/html.ts';
import { page } from './pages.ts';

/**
 * Reads the secret behind the # of the address, and sends it when the person clicks. To open the page alone does not use the link up: mail programs open links to check them. The server answers
 * with the address to sign in at, or with a personal token.
 */
const script = new Html(`
const secret = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
const at = (id) => document.getElementById(id);
const say = (text) => { at('said').textContent = text; };
if (!secret) {
  at('go').hidden = true;
  say('The part of the link behind the # is missing. Open the link as it was printed.');
}
at('go').addEventListener('click', async () => {
  at('go').disabled = true;
  say('');
  try {
    const response = await fetch('/sign-in/first', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ invitation: secret }) });
    const answer = await response.json();
    if (response.ok && answer.address) return location.assign(answer.address);
    if (!response.ok) {
      const hint = answer.error.additionalInfo?.[0]?.info?.hint;
      // A link that is not good does not become so.
      at('go').hidden = [401, 403, 409].includes(response.status);
      throw new Error(answer.error.message + (hint ? ' ' + hint : ''));
    }
    at('asked').hidden = true;
    at('owner').textContent = answer.name;
    at('until').textContent = answer.expiresAt.slice(0, 10);
    at('lines').textContent = "export MLFLOW_TRACKING_URI='" + location.origin + "'\\nexport MLFLOW_TRACKING_TOKEN='" + answer.token + "'";
    at('done').hidden = false;
    at('done').focus();
  } catch (error) {
    say(error instanceof TypeError ? 'The control plane does not answer. Try it again.' : error.message);
    at('go').disabled = false;
  }
});
`);

/** Where the first person comes to by the link of `updraft team init`. `provider`: what people call the identity provider; undefined where there is none. */
export const firstOwnerPage = (c: Context, provider: string | undefined): Response | Promise<Response> =>
  page(
    c,
    200,
    'Become the Owner',
    html`<div id="asked"><p>${
      provider === undefined
        ? 'You become the Owner of this control plane, and are shown a personal token, once.'
        : `Sign in with ${provider}, and you are the Owner of this control plane.`
    }</p><p><button id="go" type="button">${provider === undefined ? 'Become the Owner' : `Sign in with ${provider}`}</button></p></div><p id="said" role="alert"></p><div id="done" tabindex="-1" hidden><p>You are the Owner of this control plane, as <span id="owner"></span>. Your personal token is not shown again. It is good until <span id="until"></span>:</p><pre id="lines"></pre><p>Commands, mlflow and VS Code take it (<em>Updraft: Add a Plane…</em>).</p></div><noscript><p>This page needs JavaScript.</p></noscript>`,
    script,
  );
