import { ProgressLocation, window } from 'vscode';
import { messageOf } from '../../base/userError.ts';
import { planeAddress } from '../../client/planeAddress.ts';
import type { Place } from '../state/planes/place.ts';
import { ask, cancelled } from './arguments.ts';
import type { Command } from './command.ts';
import { chooseWorkspace } from './workspaceChoose.ts';

/** Adds the control plane of a team: where it is, who is asking, and which of its workspaces to use. */
export const planeAdd: Command = {
  id: 'updraft.plane.add',
  async run(app, argument, place) {
    const url = planeAddress(
      typeof argument === 'string'
        ? argument
        : await ask('Add a Plane', {
            prompt: 'Address of the control plane of your team, such as https://updraft.example.org',
            check: wrongAddress,
          }),
    );
    const [{ findSharedPlane }, { signIn }] = await Promise.all([import('../../client/findSharedPlane.ts'), import('../planes/signIn.ts')]);
    await window.withProgress({ location: ProgressLocation.Notification, title: `Updraft: looking at ${url}…` }, () =>
      findSharedPlane(url),
    );
    const plane = app.known.find(url) ?? { url, name: new URL(url).host };
    await app.known.put(plane);
    if (!(await app.sessions.of(url)) && !(await signIn(app.sessions, plane))) cancelled();
    // A link has named the workspace.
    if (place) await app.current.use(place as Place);
    else await chooseWorkspace(app, url);
  },
};

function wrongAddress(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    planeAddress(text);
    return undefined;
  } catch (error) {
    return messageOf(error).replaceAll('\n', ' ');
  }
}
