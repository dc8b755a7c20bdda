import { commands, window } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/userError.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

/** Says once that a shared plane lets the person in no more, and offers to sign in. */
export function signedOutNotice(plane: PlaneConnection, url: () => string | undefined, onError: (error: unknown) => void): Disposable {
  return plane.onDidChangeState((state) => {
    if (state !== 'signedOut') return;
    window
      .showWarningMessage(messageOf(plane.error).replaceAll('\n', ' '), 'Sign In')
      .then((chosen) => chosen && commands.executeCommand('updraft.plane.signIn', url()))
      .then(undefined, onError);
  });
}
