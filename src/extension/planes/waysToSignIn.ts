import { window } from 'vscode';
import { findSharedPlane } from '../../client/findSharedPlane.ts';
import type { Health } from '../../protocol/plane.ts';
import type { KnownPlane } from '../state/planes/knownPlanes.ts';

/** A way to be let in to a shared plane. Another way is another row of `waysToSignIn`. */
export interface WayToSignIn {
  /** What it is called on this plane; undefined where the plane does not have it. */
  labelOf(plane: Health): string | undefined;
  detail: string;
  /** The token that lets in; undefined when the person has left. */
  token(plane: KnownPlane): Promise<string | undefined>;
}

const identityProvider: WayToSignIn = {
  labelOf: ({ signIn }) => signIn,
  detail: 'With your account there, in a browser.',
  token: async (plane) => (await import('./signInInBrowser.ts')).signInInBrowser(plane),
};

const personalToken: WayToSignIn = {
  labelOf: () => 'Personal Token',
  detail: 'Its Owner has given it to you, or you have made it with "updraft token create".',
  token: async ({ name }) =>
    (
      await window.showInputBox({
        title: `Sign in to ${name}`,
        prompt: 'Paste your personal token. It is kept in the secret storage of VS Code, and sent to this plane alone.',
        placeHolder: 'updraft_…',
        password: true,
        ignoreFocusOut: true,
      })
    )?.trim(),
};

export const waysToSignIn: readonly WayToSignIn[] = [identityProvider, personalToken];

/** Asks how to sign in, where there are several ways. */
export async function chooseWay(plane: KnownPlane): Promise<WayToSignIn | undefined> {
  const health = await findSharedPlane(plane.url);
  const items = waysToSignIn.flatMap((way) => {
    const label = way.labelOf(health);
    return label === undefined ? [] : [{ label, detail: way.detail, way }];
  });
  if (items.length < 2) return items[0]?.way;
  return (await window.showQuickPick(items, { title: `Sign in to ${plane.name}`, placeHolder: 'How?' }))?.way;
}
