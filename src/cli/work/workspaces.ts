import { UserError } from '../../base/userError.ts';
import * as workspaces from '../../client/workspaces.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { connect, connectToPlane } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, required, text } from '../parsed.ts';
import type { ArmResource } from '../shapes/parts.ts';
import { workspaceShape } from '../shapes/resourceShapes.ts';
import { factsOf, tableOf } from '../textParts.ts';

/** A workspace is named by `--name`, or by `--workspace-name` as everywhere else. */
const nameOf = (parsed: Parsed): string =>
  text(parsed, 'name') ?? text(parsed, 'workspace-name') ?? parsed.positionals[0] ?? defaultWorkspace.workspace;
const answer = (found: ArmResource, done?: string): Outcome => {
  const value = workspaceShape(found);
  return { value, text: () => done ?? factsOf(value) };
};

export async function listWorkspaces(parsed: Parsed): Promise<Outcome> {
  if (flag(parsed, 'deleted')) return listDeleted(parsed);
  const { client } = await connect(parsed);
  const value = (await client.listWorkspaces()).value.map((each) => workspaceShape(each as ArmResource));
  const columns = ['name', 'location', 'description'];
  return {
    value,
    text: () =>
      tableOf(
        columns.map((each) => each.toUpperCase()),
        value.map((each) => columns.map((key) => each[key])),
        'There is no workspace.',
      ),
    table: () => value.map((each) => Object.fromEntries(columns.map((key) => [key, each[key]]))),
  };
}

export async function showWorkspace(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(ownWorkspace(parsed));
  return answer((await client.getWorkspaceNamed(nameOf(parsed))) as ArmResource);
}

export async function createWorkspace(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(ownWorkspace(parsed));
  const name = required(parsed, 'name');
  const [made, { isTeam }] = [await client.nameWorkspace(name), await client.status()];
  return answer(made as ArmResource, `Created ${name}: ${isTeam ? 'a workspace of its own' : "a name of this machine's workspace"}.`);
}

export async function deleteWorkspace(parsed: Parsed): Promise<Outcome> {
  const name = nameOf(parsed);
  const { client } = await connectToPlane(parsed);
  const isForGood = flag(parsed, 'permanently-delete');
  // To purge one that was deleted already, it need not be there.
  if (!isForGood) await client.getWorkspaceNamed(name);
  const { wasThere, done } = await workspaces.deleteWorkspace(client, name, { isForGood, endsJobs: flag(parsed, 'cancel-jobs') });
  if (!wasThere)
    throw new UserError(
      'NotFound',
      `There is no workspace "${name}" here.`,
      'List them with "updraft workspace list", and with --deleted.',
    );
  if (!(await client.status()).isTeam) return { text: () => `Deleted the name ${name}; what is in the workspace stays.` };
  if (!flag(parsed, 'no-wait')) await done();
  if (isForGood)
    return {
      text: () =>
        flag(parsed, 'no-wait') ? `The workspace ${name} is being purged.` : `Purged the workspace ${name} and all that was in it.`,
    };
  const deleted = (await workspaces.listDeletedWorkspaces(client)).find((each) => each.name === name);
  const until = deleted ? ` until ${deleted.purgeAt.slice(0, 10)}` : '';
  return {
    value: deleted,
    text: () => `Deleted the workspace ${name}. It can be recovered${until}: updraft workspace recover --name ${name}`,
  };
}

export async function recoverWorkspace(parsed: Parsed): Promise<Outcome> {
  const { client } = await connectToPlane(parsed);
  const { name } = await workspaces.recoverWorkspace(client, required(parsed, 'name'));
  return { text: () => `Recovered the workspace ${name}. Jobs and deployments that were ended stay so; its schedules go on.` };
}

async function listDeleted(parsed: Parsed): Promise<Outcome> {
  const { client } = await connectToPlane(parsed);
  const value = await workspaces.listDeletedWorkspaces(client);
  const rows = value.map(({ name, deletedAt, deletedBy, purgeAt, state }) => [
    name,
    deletedAt.slice(0, 16).replace('T', ' '),
    deletedBy,
    state === 'Purging' ? 'is being purged' : purgeAt.slice(0, 10),
  ]);
  return {
    value,
    text: () =>
      tableOf(['NAME', 'DELETED AT (UTC)', 'BY', 'CAN BE RECOVERED UNTIL'], rows, 'There is no deleted workspace that you may recover.'),
    table: () => value.map((each) => ({ ...each })),
  };
}

/** Asking for a workspace does not make its name. */
const ownWorkspace = (parsed: Parsed): Parsed => ({
  ...parsed,
  values: { ...parsed.values, 'workspace-name': defaultWorkspace.workspace },
});
