import { UserError } from '../base/userError.ts';
import { defaultWorkspace, workspaceHeader } from '../protocol/arm.ts';
import { type Principal, thePlane } from '../protocol/principal.ts';
import type { Store, StoredResource, WorkspaceStore } from '../store/store.ts';
import { findRegistry, noRegistry, registryKeptAs, storeOfRegistry } from './registries/registryNames.ts';

/** The list of workspaces is kept in the workspace without a name. */
export const workspaceList = '';

/**
 * The workspace that a client's name for it stands for: a workspace's own name, or a further name that it was given, so that a script which says its cloud's workspace
 * runs unchanged. A registry comes as what the store keeps it as. Throws `NotFound` for any other name.
 */
export async function workspaceNamed(store: Store, name: string): Promise<string> {
  const registry = registryKeptAs(name);
  if (registry !== undefined) {
    const kept = await findRegistry(store, registry);
    if (!kept) throw noRegistry(registry);
    return storeOfRegistry(kept.name);
  }
  const own = defaultWorkspace.workspace;
  if (name === own) return own;
  const list = store.in(workspaceList, thePlane);
  const found = (await list.resource('workspaces', name, '')) ?? (await inAnotherCase(list, name));
  if (found) return (found.properties.properties as { nameOf?: string } | undefined)?.nameOf ?? found.name;
  throw noWorkspace(name);
}

/** What is answered for a workspace or registry that is not there, and for one that is not for who asks. */
export function noWorkspace(name: string): UserError {
  const registry = registryKeptAs(name);
  if (registry !== undefined) return noRegistry(registry);
  const shown = name.slice(0, 100);
  return new UserError(
    'NotFound',
    `There is no workspace "${shown}" here.`,
    `Use "${defaultWorkspace.workspace}", or let that name stand for it: updraft env --azure --workspace ${shown}`,
  );
}

/** Azure does not tell large letters of a workspace's name from small ones. */
async function inAnotherCase(list: WorkspaceStore, name: string): Promise<StoredResource | undefined> {
  const lower = name.toLowerCase();
  return (await list.resources('workspaces', undefined, 0, 100_000)).find((each) => each.name.toLowerCase() === lower);
}

/** Names of all workspaces of the plane, without the further names that they were given. */
export async function ownWorkspaces(store: Store): Promise<string[]> {
  const list = await store.in(workspaceList, thePlane).resources('workspaces', undefined, 0, 100_000);
  return list
    .filter(({ properties }) => (properties.properties as { nameOf?: string } | undefined)?.nameOf === undefined)
    .map(({ name }) => name);
}

/** Names of workspaces that were deleted and are not purged yet. Some have jobs and deployments still that are being ended: `isStopping`. */
async function deletedNames(store: Store): Promise<{ name: string; isStopping: boolean }[]> {
  const found = await store.in(workspaceList, thePlane).resources('deletedWorkspaces', undefined, 0, 100_000);
  return found.map(({ name, properties }) => ({ name, isStopping: properties.isStopping === true }));
}

/** As `ownWorkspaces`, with those that were deleted and in which something goes on until it has ended. */
export const workspacesAtWork = async (store: Store): Promise<string[]> => [
  ...(await ownWorkspaces(store)),
  ...(await deletedNames(store)).filter(({ isStopping }) => isStopping).map(({ name }) => name),
];

/** As `ownWorkspaces`, with those that were deleted and can be recovered. */
export const keptWorkspaces = async (store: Store): Promise<string[]> => [
  ...(await ownWorkspaces(store)),
  ...(await deletedNames(store)).map(({ name }) => name),
];

/** As `workspaceNamed`, also for those in which something is being ended: for who does it. */
export async function workspaceAtWork(store: Store, name: string): Promise<string> {
  const found = await store.in(workspaceList, thePlane).resource('deletedWorkspaces', name, '');
  return found?.properties.isStopping === true ? name : workspaceNamed(store, name);
}

/** What lies in a workspace: ARM, Azure's data plane, and MLflow as Azure mounts it. The path of the workspace itself is none of it: that may be about to be made. */
const workspacePath =
  /^(?:\/(?:history|data|modelregistry|mlflow|mferp)\/[^/]+)?\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)\/./i;
/** What lies in a registry, and in a few of our own routes. Of the registry itself, what only reads it. */
const inRegistries = String.raw`^(?:/mferp/[^/]+)?/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/registries/([^/]+)`;
const registryPath = new RegExp(`${inRegistries}(?:/|$)`, 'i');
const withinRegistry = new RegExp(`${inRegistries}/.`, 'i');
const ownRegistryPath = /^\/updraft\/registries\/([^/]+)\/./;
/** Where every path names its workspace. */
const withinWorkspaces = /^\/(?:history|data|modelregistry|mlflow|mferp)\//i;

/** The name of the workspace that a request is about, as its client has it. A job that names none means its own. */
export const askedWorkspace = (request: Request, principal: Principal): string =>
  namedWorkspace(request) ?? (principal.kind === 'job' ? principal.workspace : defaultWorkspace.workspace);

/** The workspace that a request names; undefined where it names none. */
export function namedWorkspace(request: Request): string | undefined {
  const { pathname } = new URL(request.url);
  // What makes or ends a registry is about none yet, or none any more.
  const registry = request.method === 'PUT' || request.method === 'DELETE' ? withinRegistry.exec(pathname) : registryPath.exec(pathname);
  const inRegistry = (registry ?? ownRegistryPath.exec(pathname))?.[1];
  if (inRegistry !== undefined) return storeOfRegistry(decoded(inRegistry));
  const inPath = workspacePath.exec(pathname)?.[1];
  if (inPath !== undefined) return decoded(inPath);
  if (withinWorkspaces.test(pathname) && !registryPath.test(pathname))
    throw new UserError('NotFound', `The path ${pathname.slice(0, 300)} names no workspace.`);
  const named = request.headers.get(workspaceHeader) ?? undefined;
  // A registry is asked for by its path alone: what is not meant for registries does not find one.
  if (named !== undefined && registryKeptAs(named) !== undefined)
    throw new UserError('NotFound', `There is no workspace "${named.slice(0, 100)}" here.`);
  return named;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
}
