import { commands } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { allRights, type WorkspacePermissions } from '../state/permissions.ts';

/** Context keys `updraft.mayNot.…`, by which menus leave out what the person may not do. */
export function rightsContext(permissions: WorkspacePermissions, onError: (error: unknown) => void): Disposable {
  const told = new Map<string, boolean>();
  const tell = () => {
    for (const right of allRights) {
      const mayNot = !permissions.may(right);
      if (mayNot === (told.get(right) ?? false)) continue;
      told.set(right, mayNot);
      commands.executeCommand('setContext', `updraft.mayNot.${right}`, mayNot).then(undefined, onError);
    }
  };
  return permissions.onDidChange(tell);
}
