import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { PlaneClient } from '../client/planeClient.ts';
import { dataFolderOf } from '../plane/dataFolder.ts';
import { ensurePlane } from '../plane/ensurePlane.ts';
import { defaultWorkspace, type WorkspaceRef } from '../protocol/arm.ts';
import type { PlaneLock } from '../protocol/plane.ts';
import { readDefaults } from './defaults.ts';
import { folderOfServer } from './keptServers.ts';
import { type Parsed, text } from './parsed.ts';
import { openServerOf, serverOf } from './serverOf.ts';
import { version } from './version.ts';

/** The data folder that a command works on: `--data`, `UPDRAFT_HOME`, `~/.updraft`. */
export const dataFolder = (parsed: Parsed): string => path.resolve(text(parsed, 'data') ?? dataFolderOf(process.env));

/** How this program is started again, for a plane of its own. */
export const ownCommand = (): string[] => [process.execPath, process.argv[1]!];

/** Where a control plane is, and what opens it. `isElsewhere`: it is not the one of this machine. */
export interface Reached extends Pick<PlaneLock, 'url' | 'token'> {
  isElsewhere: boolean;
}

/**
 * A client of the plane that the call names or that was signed in to; else of the embedded one, which is started when it is not up. It is in the workspace that the call names.
 */
export async function connect(parsed: Parsed): Promise<{ client: PlaneClient; lock: Reached }> {
  if (text(parsed, 'registry-name'))
    throw new UserError(
      'InvalidArgument',
      'A registry does not have this: it has models, data, environments and components.',
      'Leave out --registry-name.',
    );
  const server = openServerOf(parsed);
  if (server) return { client: await clientElsewhere(parsed, server), lock: { ...server, isElsewhere: true } };
  const lock = await ensurePlane({ dataFolder: dataFolder(parsed), command: ownCommand(), version, environment: process.env });
  const workspace = workspaceOf(parsed);
  await expectWorkspace(workspace.workspace, planeItself(lock, workspace));
  return { client: new PlaneClient(lock, workspace), lock: { url: lock.url, token: lock.token, isElsewhere: false } };
}

/** As `connect`, for assets: they may be in a registry, which is in no workspace. */
export async function connectToAssets(parsed: Parsed): Promise<{ client: PlaneClient; lock: Reached }> {
  const registry = text(parsed, 'registry-name');
  if (registry === undefined) return connect(parsed);
  const { client, lock } = await connectToPlane(parsed);
  return { client: client.inRegistry(registry), lock };
}

/** As `connect`, for what is in no workspace. */
export async function connectToPlane(parsed: Parsed): Promise<{ client: PlaneClient; lock: Reached }> {
  const server = openServerOf(parsed);
  const { workspace: _workspace, ...place } = workspaceOf(parsed);
  const ref = { ...place, workspace: defaultWorkspace.workspace };
  if (server) return { client: new PlaneClient(server, ref), lock: { ...server, isElsewhere: true } };
  const lock = await ensurePlane({ dataFolder: dataFolder(parsed), command: ownCommand(), version, environment: process.env });
  return { client: new PlaneClient(lock, ref), lock: { url: lock.url, token: lock.token, isElsewhere: false } };
}

/** A client of a plane elsewhere. Who names no workspace there, and sees only one, means that one. */
async function clientElsewhere(parsed: Parsed, server: { url: string; token: string }): Promise<PlaneClient> {
  const workspace = workspaceOf(parsed);
  const client = new PlaneClient(server, workspace);
  if (workspace.workspace !== defaultWorkspace.workspace) {
    await expectWorkspace(workspace.workspace, planeItself(server, workspace));
    return client;
  }
  const seen = (await client.listWorkspaces()).value.map(({ name }) => name);
  if (seen.includes(defaultWorkspace.workspace)) return client;
  if (seen.length === 1) return new PlaneClient(server, { ...workspace, workspace: seen[0]! });
  throw new UserError(
    'InvalidArgument',
    seen.length === 0
      ? `You have no role in any workspace of ${server.url} yet.`
      : `Which workspace of ${server.url} is meant, is not said.`,
    seen.length === 0 ? 'An Owner gives you one: updraft role assignment create.' : `Say it with --workspace-name: ${seen.join(', ')}.`,
  );
}

/** On a plane of one person a workspace is another name of the same one, and is there when it is asked for. On one of a team it is a thing of its own: a slip of the pen must not make one. */
export async function expectWorkspace(workspace: string, client: PlaneClient): Promise<void> {
  if (workspace === defaultWorkspace.workspace) return;
  if (!(await client.status()).isTeam) await client.nameWorkspace(workspace);
  else
    await client.getWorkspaceNamed(workspace).catch((error) => {
      if (!(error instanceof UserError && error.code === 'NotFound')) throw error;
      throw new UserError(
        'NotFound',
        `There is no workspace "${workspace}".`,
        `Make it with "updraft workspace create --name ${workspace}".`,
      );
    });
}

const planeItself = (plane: { url: string; token: string }, place: WorkspaceRef): PlaneClient =>
  new PlaneClient(plane, { ...place, workspace: defaultWorkspace.workspace });

/** Where what `configure --defaults` says is kept: of each plane for itself. */
export function defaultsFolder(parsed: Parsed): string {
  const server = serverOf(parsed);
  return server ? folderOfServer(server.url) : dataFolder(parsed);
}

/** The workspace of a call, as `az` finds it: its options, variables, defaults. */
function workspaceOf(parsed: Parsed): WorkspaceRef {
  const { AZURE_DEFAULTS_GROUP: group, AZURE_DEFAULTS_WORKSPACE: workspace } = process.env;
  const kept = readDefaults(defaultsFolder(parsed));
  return {
    subscription: text(parsed, 'subscription') || defaultWorkspace.subscription,
    resourceGroup: text(parsed, 'resource-group') || group || kept.group || defaultWorkspace.resourceGroup,
    workspace: text(parsed, 'workspace-name') || workspace || kept.workspace || defaultWorkspace.workspace,
  };
}
