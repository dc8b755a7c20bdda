import { commands, window } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

/** Says once that the workspace of this window has gone away while it was open, and offers another one, or to bring it back. */
export function workspaceGoneNotice(plane: PlaneConnection, url: () => string | undefined, onError: (error: unknown) => void): Disposable {
  return plane.onDidChangeState((state) => {
    const { error } = plane;
    // One that was never reached is said where somebody looks.
    if (state !== 'failed' || !plane.isShared || plane.lastSeen === undefined || !(error instanceof UserError && error.code === 'NotFound'))
      return;
    const [choose, recover] = ['Choose a Workspace', 'Recover'];
    const actions = /can be recovered/.test(error.message) ? [choose, recover] : [choose];
    window
      .showWarningMessage(messageOf(error).split('\n')[0]!, ...actions)
      .then((chosen) => {
        if (chosen === choose) return commands.executeCommand('updraft.workspace.choose');
        return chosen === recover ? commands.executeCommand('updraft.workspace.recover', url()) : undefined;
      })
      .then(undefined, onError);
  });
}
