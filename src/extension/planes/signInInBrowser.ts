import { hostname } from 'node:os';
import { env, ProgressLocation, Uri, window } from 'vscode';
import { Http } from '../../client/http.ts';
import { askForCode, waitForSignIn } from '../../client/signInByCode.ts';
import type { KnownPlane } from '../state/planes/knownPlanes.ts';

const open = 'Copy Code and Open Browser';
const copy = 'Copy Code';

/** Signs in with the plane's identity provider, by a code that is entered in a browser, here or on a phone. The token that comes of it; undefined when the person has left. */
export async function signInInBrowser({ url, name }: KnownPlane): Promise<string | undefined> {
  const plane = new Http({ url, token: '', patienceMs: 15_000, whenAway: 'Try again when it answers.' });
  const code = await askForCode(plane);
  const choice = await window.showInformationMessage(
    `${code.userCode} is your code to sign in to ${name}`,
    { modal: true, detail: `Enter it at ${code.verificationUri}. Nobody else should ask you for it.` },
    open,
    copy,
  );
  if (!choice) return undefined;
  await env.clipboard.writeText(code.userCode);
  if (choice === open) await env.openExternal(Uri.parse(code.verificationUriComplete ?? code.verificationUri, true));
  return window.withProgress(
    {
      location: ProgressLocation.Notification,
      cancellable: true,
      title: `Sign in to ${name}: enter ${code.userCode} at ${code.verificationUri}`,
    },
    async (_progress, left) => {
      const over = new AbortController();
      const subscription = left.onCancellationRequested(() => over.abort());
      try {
        return (await waitForSignIn(plane, code, `VS Code on ${hostname()}`, over.signal)).token;
      } catch (error) {
        if (over.signal.aborted) return undefined;
        throw error;
      } finally {
        subscription.dispose();
      }
    },
  );
}
