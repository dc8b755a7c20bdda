import { window } from 'vscode';
import type { PlaneNode } from '../views/workspacesTree.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';
import { RemediedError, remedies } from './remedy.ts';

/** The address of the shared plane that a command was called for: of a row, given, the current one, the only one, else of the person's choice. */
export async function planeArgument(app: App, argument: unknown, prompt: string): Promise<string> {
  if (typeof argument === 'string') return argument;
  const node = argument as PlaneNode | undefined;
  if (node?.kind === 'plane' && node.shared) return node.shared.url;
  const all = app.known.all;
  // Where it is about a workspace that can't be reached, it is about its plane.
  if (app.plane.state === 'signedOut' && app.current.place.plane !== undefined) return app.current.place.plane;
  if (all.length === 0)
    throw new RemediedError('NotFound', 'No plane was added yet.', 'Add the control plane of your team.', remedies.addPlane);
  if (all.length === 1) return all[0]!.url;
  const items = all.map(({ url, name }) => ({ label: name, description: url, url }));
  return (await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a plane' }))?.url ?? cancelled();
}
