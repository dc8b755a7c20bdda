import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { deletedWorkspacesPath } from '../../protocol/deletedWorkspace.ts';
import type { PlaneServices } from '../services.ts';
import { deletedWorkspaceNamed, deletedWorkspaces, recoverWorkspace, shownDeleted } from '../workspaces/deletedWorkspaces.ts';
import { mayRecover } from '../workspaces/mayRecover.ts';

/** `GET …`: workspaces that were deleted and are not purged yet. `POST …/{name}/recover` brings one back. */
export function deletedWorkspaceRoutes({ store, team, clock }: PlaneServices): Hono {
  return new Hono()
    .get(deletedWorkspacesPath, async (c) => {
      const { principal } = c.get('asked');
      const found = (await deletedWorkspaces(store)).filter((each) => mayRecover(team, principal, each));
      return c.json({ value: found.map(shownDeleted).sort((a, b) => a.name.localeCompare(b.name)) });
    })
    .post(`${deletedWorkspacesPath}/:name/recover`, async (c) => {
      const { principal } = c.get('asked');
      const found = await deletedWorkspaceNamed(store, c.req.param('name'));
      if (!found || !mayRecover(team, principal, found))
        throw new UserError(
          'NotFound',
          `There is no deleted workspace "${c.req.param('name').slice(0, 100)}" here.`,
          'List them with "updraft workspace list --deleted".',
        );
      if (!(await recoverWorkspace(store, found.name, principal, clock.now())))
        throw new UserError('Conflict', `The workspace "${found.name}" is being purged, and can't be recovered any more.`);
      await team?.reload();
      return c.json(shownDeleted(found));
    });
}
