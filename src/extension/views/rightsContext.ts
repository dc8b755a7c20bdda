import { commands } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { WorkspacePermissions } from '../state/permissions.ts';

/** Context keys `updraft.mayNot.…`, by which menus leave out what the person may not do. */
export function rightsContext(permissions: WorkspacePermissions, onError: (error: unknown) => void): Disposable {
  let told = permissions.withheld;
  return permissions.onDidChange(() => {
    const { withheld } = permissions;
    for (const right of withheld.symmetricDifference(told))
      commands.executeCommand('setContext', `updraft.mayNot.${right}`, withheld.has(right)).then(undefined, onError);
    told = withheld;
  });
}
