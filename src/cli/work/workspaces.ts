import { defaultWorkspace } from '../../protocol/arm.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required, text } from '../parsed.ts';
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
  const { client } = await connect(ownWorkspace(parsed));
  await client.getWorkspaceNamed(name);
  await client.unnameWorkspace(name);
  return { text: () => `Deleted the name ${name}; what is in the workspace stays.` };
}

/** Asking for a workspace does not make its name. */
const ownWorkspace = (parsed: Parsed): Parsed => ({
  ...parsed,
  values: { ...parsed.values, 'workspace-name': defaultWorkspace.workspace },
});
