import { type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { isSamePlace, type Place } from '../state/planes/place.ts';
import type { SharedPlane } from '../state/planes/sharedPlane.ts';
import { seenText } from '../views/seenText.ts';
import type { WorkspaceNode } from '../views/workspacesTree.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';

/** One list of all planes and their workspaces. */
export const workspaceChoose: Command = {
  id: 'updraft.workspace.choose',
  run: (app) => chooseWorkspace(app),
};

/** Makes a workspace the current one: that of a row, else of the person's choice. */
export const workspaceUse: Command = {
  id: 'updraft.workspace.use',
  run: (app, node) =>
    (node as WorkspaceNode | undefined)?.kind === 'workspace' ? app.current.use((node as WorkspaceNode).place) : chooseWorkspace(app),
};

interface Choice extends QuickPickItem {
  place?: Place;
  command?: () => Promise<unknown>;
}

/** Makes a workspace of the person's choice the current one, among those of all planes or of one. */
export async function chooseWorkspace(app: App, only?: string): Promise<void> {
  const place = await choosePlace(app, {
    title: 'Choose a Workspace',
    placeHolder: 'All views, submits and pages of this window follow it',
    only,
  });
  if (place) await app.current.use(place);
}

/** Lets the person choose among the workspaces of all planes, or of one (`only`); one may be left out. Undefined: the person signs in, or adds a plane, instead. */
export async function choosePlace(
  app: App,
  { title, placeHolder, only, without }: { title: string; placeHolder: string; only?: string | undefined; without?: Place },
): Promise<Place | undefined> {
  const planes = app.planes.all.filter(({ url }) => only === undefined || url === only);
  await Promise.all(planes.map((plane) => plane.settled()));
  const isOffered = ({ place }: Choice) => !place || !without || !isSamePlace(place, without);
  const items: Choice[] = planes.flatMap((plane) => {
    const choices = choicesOf(app, plane).filter(isOffered);
    return choices.length === 0 ? [] : [{ label: app.known.nameOf(plane.url), kind: QuickPickItemKind.Separator }, ...choices];
  });
  if (only === undefined) {
    const here = choiceOf(app, { plane: undefined, workspace: defaultWorkspace.workspace }, '');
    if (isOffered(here)) items.unshift({ label: 'This machine', kind: QuickPickItemKind.Separator }, here);
    items.push(
      { label: '', kind: QuickPickItemKind.Separator },
      { label: 'Add a Plane…', iconPath: new ThemeIcon('add'), command: async () => (await import('./planeAdd.ts')).planeAdd.run(app) },
    );
  }
  const chosen = await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true });
  if (!chosen) cancelled();
  await chosen.command?.();
  return chosen.place;
}

function choicesOf(app: App, plane: SharedPlane): Choice[] {
  const { url, state } = plane;
  if (state === 'signedOut')
    return [
      { label: 'Sign In…', iconPath: new ThemeIcon('sign-in'), command: async () => (await import('./planeSignIn.ts')).signInTo(app, url) },
    ];
  const seen = (plane.seen?.workspaces ?? []).map(({ name }) =>
    choiceOf(app, { plane: url, workspace: name }, state === 'away' ? seenText(plane.seen?.at) : ''),
  );
  return seen.length > 0
    ? seen
    : [
        {
          label: 'No workspace',
          description: state === 'live' ? 'You have no role here yet: ask an Owner for one.' : 'It does not answer.',
          iconPath: new ThemeIcon('info'),
        },
      ];
}

const choiceOf = (app: App, place: Place, description: string): Choice => ({
  label: place.workspace,
  description: [isSamePlace(place, app.current.place) ? 'current' : '', description].filter(Boolean).join(', '),
  iconPath: new ThemeIcon(isSamePlace(place, app.current.place) ? 'check' : 'blank'),
  place,
});
