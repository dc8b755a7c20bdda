import { window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { deleteWorkspace, listDeletedWorkspaces, recoverWorkspace, whatIsLost } from '../../client/workspaces.ts';
import { cancelled, confirm } from './arguments.ts';
import type { App, Command } from './command.ts';
import { planeArgument } from './planeArgument.ts';
import { RemediedError, remedies } from './remedy.ts';

/** Deletes the current workspace of a shared plane. The window learns by the feed that it is gone, and offers another one. */
export const workspaceDelete: Command = {
  id: 'updraft.workspace.delete',
  async run(app) {
    const { workspace } = app.current.place;
    if (app.current.isHere)
      throw new RemediedError(
        'InvalidRequest',
        "This machine's workspace can't be deleted: its data folder is the workspace.",
        'To begin anew, choose another folder in the setting "updraft.dataFolder".',
        remedies.chooseWorkspace,
      );
    const client = await app.plane.client();
    await confirm(`Delete the workspace "${workspace}"?`, 'Delete', await whatIsLost(client));
    try {
      await deleteWorkspace(client, workspace);
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'Conflict')) throw error;
      await confirm(
        `Work goes on in "${workspace}".`,
        'End It and Delete',
        `${error.message}\n\nJobs are canceled and deployments ended, which recovering does not undo.`,
      );
      await deleteWorkspace(client, workspace, { endsJobs: true });
    }
  },
};

/** Brings back a workspace that was deleted, of those that the person may delete. */
export const workspaceRecover: Command = {
  id: 'updraft.workspace.recover',
  async run(app, argument) {
    const url = await planeArgument(app, argument, 'Recover a workspace of which plane?');
    const client = await clientOfPlane(app, url);
    const found = (await listDeletedWorkspaces(client)).filter(({ state }) => state !== 'Purging');
    if (found.length === 0) throw new UserError('NotFound', `${app.known.nameOf(url)} has no deleted workspace that you may recover.`);
    const items = found.map(({ name, deletedAt, deletedBy, purgeAt }) => ({
      label: name,
      description: `deleted on ${deletedAt.slice(0, 10)} by ${deletedBy}`,
      detail: `Can be recovered until ${purgeAt.slice(0, 10)}`,
      name,
    }));
    const chosen = await window.showQuickPick(items, { title: 'Recover a Workspace', placeHolder: 'Choose a workspace' });
    if (!chosen) cancelled();
    await recoverWorkspace(client, chosen.name);
    await app.current.use({ plane: url, workspace: chosen.name });
    // It may have been the current one all the time.
    app.plane.again();
  },
};

async function clientOfPlane(app: App, url: string): Promise<PlaneClient> {
  const session = await app.sessions.of(url);
  if (!session)
    throw new RemediedError('Unauthorized', `You are not signed in to ${app.known.nameOf(url)}.`, 'Sign in.', {
      ...remedies.signIn,
      args: [url],
    });
  return new PlaneClient({ url, token: session.token });
}
