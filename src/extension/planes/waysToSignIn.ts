import { window } from 'vscode';
import type { KnownPlane } from '../state/planes/knownPlanes.ts';

/** A way to be let in to a shared plane. Another way is another row of `waysToSignIn`. */
export interface WayToSignIn {
  label: string;
  detail: string;
  /** Whether this plane has it. */
  isOffered(plane: KnownPlane): Promise<boolean>;
  /** The token that lets in; undefined when the person has left. */
  token(plane: KnownPlane): Promise<string | undefined>;
}

const personalToken: WayToSignIn = {
  label: 'Personal Token',
  detail: 'Its Owner has given it to you, or you have made it with "updraft token create".',
  isOffered: async () => true,
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

export const waysToSignIn: readonly WayToSignIn[] = [personalToken];

/** Asks how to sign in, where there are several ways. */
export async function chooseWay(plane: KnownPlane): Promise<WayToSignIn | undefined> {
  const offered: WayToSignIn[] = [];
  for (const way of waysToSignIn) if (await way.isOffered(plane)) offered.push(way);
  if (offered.length < 2) return offered[0];
  const items = offered.map((way) => ({ label: way.label, detail: way.detail, way }));
  return (await window.showQuickPick(items, { title: `Sign in to ${plane.name}`, placeHolder: 'How?' }))?.way;
}
