import { UserError } from '../base/userError.ts';
import { defaultWorkspace, workspaceHeader } from '../protocol/arm.ts';
import { type Principal, thePlane } from '../protocol/principal.ts';
import type { Store, StoredResource, WorkspaceStore } from '../store/store.ts';

/** The list of workspaces is kept in the workspace without a name. */
export const workspaceList = '';

/**
 * The workspace that a client's name for it stands for: a workspace's own name, or a further name that it was given, so that a script which says its cloud's workspace
 * runs unchanged. Throws `NotFound` for any other name.
 */
export async function workspaceNamed(store: Store, name: string): Promise<string> {
  const own = defaultWorkspace.workspace;
  if (name === own) return own;
  const list = store.in(workspaceList, thePlane);
  const found = (await list.resource('workspaces', name, '')) ?? (await inAnotherCase(list, name));
  if (found) return (found.properties.properties as { nameOf?: string } | undefined)?.nameOf ?? found.name;
  throw noWorkspace(name);
}

/** What is answered for a workspace that is not there, and for one that is not for who asks. */
export function noWorkspace(name: string): UserError {
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

/** What lies in a workspace: ARM, Azure's data plane, and MLflow as Azure mounts it. The path of the workspace itself is none of it: that may be about to be made. */
const workspacePath =
  /^(?:\/(?:history|data|modelregistry|mlflow|mferp)\/[^/]+)?\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)\/./i;
/** Where every path names its workspace. */
const withinWorkspaces = /^\/(?:history|data|modelregistry|mlflow|mferp)\//i;

/** The name of the workspace that a request is about, as its client has it. A job that names none means its own. */
export const askedWorkspace = (request: Request, principal: Principal): string =>
  namedWorkspace(request) ?? (principal.kind === 'job' ? principal.workspace : defaultWorkspace.workspace);

/** The workspace that a request names; undefined where it names none. */
export function namedWorkspace(request: Request): string | undefined {
  const { pathname } = new URL(request.url);
  const inPath = workspacePath.exec(pathname)?.[1];
  if (inPath === undefined) {
    if (withinWorkspaces.test(pathname)) throw new UserError('NotFound', `The path ${pathname.slice(0, 300)} names no workspace.`);
    return request.headers.get(workspaceHeader) ?? undefined;
  }
  try {
    return decodeURIComponent(inPath);
  } catch {
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
}
