import { UserError } from '../../base/userError.ts';
import { allPages, PlaneClient } from '../../client/planeClient.ts';
import { askText, whomToAsk } from '../../client/whomToAsk.ts';
import { listDeletedWorkspaces } from '../../client/workspaces.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import type { Finder } from '../state/planeConnection.ts';
import type { KnownPlanes } from '../state/planes/knownPlanes.ts';
import type { Place } from '../state/planes/place.ts';
import type { Sessions } from '../state/planes/sessions.ts';

/** How the workspace of a place is reached: on this machine, where the plane is started, or on a shared plane, by who is signed in to it. */
export function finderOf({ plane, workspace }: Place, ofThisMachine: Finder['find'], known: KnownPlanes, sessions: Sessions): Finder {
  if (plane === undefined) return { find: ofThisMachine };
  const find: Finder['find'] = async () => {
    const name = known.nameOf(plane);
    if (!known.find(plane))
      throw new UserError(
        'NotFound',
        `This folder uses the workspace "${workspace}" of ${plane}, which you have not added.`,
        'Add the plane, or choose another workspace.',
      );
    const session = await sessions.of(plane);
    if (!session) throw new UserError('Unauthorized', `You are not signed in to ${name}.`, 'Sign in.');
    const whenAway = `${name} is asked again by itself. If that lasts, look at your network, or ask who runs the plane.`;
    const connection = { url: plane, token: session.token, whenAway };
    const client = new PlaneClient({ ...connection, patienceMs: 20_000 });
    const all = await Array.fromAsync(allPages((next) => client.listWorkspaces(next))).catch((error: unknown) => {
      if (!(error instanceof UserError && error.code === 'Unauthorized')) throw error;
      throw new UserError('Unauthorized', `${name} lets you in no more. ${error.message}`, 'Sign in again.');
    });
    const found = all.find((each) => each.name.toLowerCase() === workspace.toLowerCase());
    if (!found) {
      // Who may not delete it, and a plane of an earlier version, says nothing of one that was deleted.
      const deleted = (await listDeletedWorkspaces(client).catch(() => [])).find(
        (each) => each.name.toLowerCase() === workspace.toLowerCase() && each.state !== 'Purging',
      );
      if (deleted)
        throw new UserError(
          'NotFound',
          `The workspace "${workspace}" of ${name} was deleted by ${deleted.deletedBy} and can be recovered until ${deleted.purgeAt.slice(0, 10)}.`,
          'Recover it ("Updraft: Recover a Workspace…"), or choose another workspace.',
        );
      // A plane of an earlier version does not say.
      const asked = await whomToAsk(client.http, workspace).catch(() => ({ owners: [] }));
      throw new UserError(
        'NotFound',
        `${name} has no workspace "${workspace}" for ${session.member.name}.`,
        `For a role there, such as Reader, ${askText(asked)}; or choose another workspace.`,
      );
    }
    const group = /\/resourceGroups\/([^/]+)\//i.exec(found.id)?.[1];
    return {
      ...connection,
      workspace: {
        ...defaultWorkspace,
        ...(group === undefined ? {} : { resourceGroup: decodeURIComponent(group) }),
        workspace: found.name,
      },
    };
  };
  return { find, isShared: true, workspace: { ...defaultWorkspace, workspace } };
}
