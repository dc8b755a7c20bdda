import { defaultWorkspace } from '../../protocol/arm.ts';
import { type DeletedWorkspace, retentionDays } from '../../protocol/deletedWorkspace.ts';
import { type Principal, thePlane } from '../../protocol/principal.ts';
import type { Lease } from '../../store/leases.ts';
import type { Store, StoredResource, StoreReader, StoreWriter } from '../../store/store.ts';
import { workspaceList } from '../workspaceNames.ts';

const most = 100_000;
const dayMs = 86_400_000;

/**
 * A deleted workspace, as the store keeps it. `workspace`: its entry of the list of workspaces, which comes back when it is recovered. Times are ms since 1970. `isStopping`: some of its jobs and
 * deployments may not have ended yet. `isPurging`: its content is being removed for good, and nobody else writes in it any more.
 */
export interface KeptDeletedWorkspace {
  name: string;
  resourceGroup: string;
  workspace: Record<string, unknown>;
  deletedAt: number;
  deletedBy: string;
  purgeAt: number;
  isStopping: boolean;
  isPurging: boolean;
}

const keptOf = ({ kind, name, properties }: StoredResource): KeptDeletedWorkspace => ({
  ...(properties as Omit<KeptDeletedWorkspace, 'name' | 'isPurging'>),
  name,
  isPurging: kind === 'purgedWorkspaces',
});

/** All workspaces that were deleted and are not gone yet. */
export async function readDeletedWorkspaces(list: StoreReader): Promise<KeptDeletedWorkspace[]> {
  const [deleted, purged] = await Promise.all([
    list.resources('deletedWorkspaces', undefined, 0, most),
    list.resources('purgedWorkspaces', undefined, 0, most),
  ]);
  return [...deleted, ...purged].map(keptOf);
}

export const deletedWorkspaces = (store: Store): Promise<KeptDeletedWorkspace[]> =>
  readDeletedWorkspaces(store.in(workspaceList, thePlane));

/** The one of this name, in any case. */
export async function deletedWorkspaceNamed(store: Store, name: string): Promise<KeptDeletedWorkspace | undefined> {
  const lower = name.toLowerCase();
  return (await deletedWorkspaces(store)).find((each) => each.name.toLowerCase() === lower);
}

/** Takes a workspace from the list. Answers false where it is not there any more. With `isForGood` it can't be recovered. */
export function deleteWorkspace(store: Store, name: string, by: Principal, now: number, isForGood: boolean): Promise<boolean> {
  return store.in(workspaceList, by).write(async (writer) => {
    const found = await writer.resource('workspaces', name, '');
    if (!found) return false;
    const { resourceGroup = defaultWorkspace.resourceGroup } = (found.properties.properties ?? {}) as { resourceGroup?: string };
    await writer.deleteResource('workspaces', name, '');
    await put(writer, {
      name,
      resourceGroup,
      workspace: found.properties,
      deletedAt: now,
      deletedBy: by.name,
      purgeAt: isForGood ? now : now + retentionDays * dayMs,
      isStopping: true,
    });
    return true;
  });
}

/** Puts a workspace back into the list, as it was. Answers false where it is too late. */
export function recoverWorkspace(store: Store, name: string, by: Principal, now: number): Promise<boolean> {
  return store.in(workspaceList, by).write(async (writer) => {
    const found = await writer.resource('deletedWorkspaces', name, '');
    if (!found || keptOf(found).purgeAt <= now) return false;
    await writer.deleteResource('deletedWorkspaces', name, '');
    await writer.putResource({ kind: 'workspaces', name, version: '', properties: keptOf(found).workspace });
    return true;
  });
}

/** From now on it can't be recovered, as if it had been deleted for good. */
export async function purgeSoon(store: Store, name: string, by: Principal): Promise<void> {
  await store.in(workspaceList, by).write(async (writer) => {
    const found = await writer.resource('deletedWorkspaces', name, '');
    if (found) await put(writer, { ...keptOf(found), purgeAt: keptOf(found).deletedAt });
  });
}

/** Nothing of it goes on any more. */
export async function noteStopped(store: Store, name: string, lease: Lease | undefined): Promise<void> {
  await store.in(workspaceList, thePlane, lease).write(async (writer) => {
    const found = await writer.resource('deletedWorkspaces', name, '');
    if (found) await put(writer, { ...keptOf(found), isStopping: false });
  });
}

/** From now on nobody writes in it but who removes what is in it. Answers false where it was recovered meanwhile. */
export function beginPurge(store: Store, name: string, now: number, lease: Lease | undefined): Promise<boolean> {
  return store.in(workspaceList, thePlane, lease).write(async (writer) => {
    const found = await writer.resource('deletedWorkspaces', name, '');
    if (!found || keptOf(found).isStopping || keptOf(found).purgeAt > now) return false;
    await writer.deleteResource('deletedWorkspaces', name, '');
    await writer.putResource({ ...found, kind: 'purgedWorkspaces' });
    return true;
  });
}

const put = (writer: StoreWriter, { name, isPurging: _isPurging, ...properties }: Partial<KeptDeletedWorkspace> & { name: string }) =>
  writer.putResource({ kind: 'deletedWorkspaces', name, version: '', properties });

/** As the API shows it. */
export const shownDeleted = ({
  name,
  resourceGroup,
  deletedAt,
  deletedBy,
  purgeAt,
  isStopping,
  isPurging,
}: KeptDeletedWorkspace): DeletedWorkspace => ({
  name,
  resourceGroup,
  deletedAt: new Date(deletedAt).toISOString(),
  deletedBy,
  purgeAt: new Date(purgeAt).toISOString(),
  state: isPurging || purgeAt <= deletedAt ? 'Purging' : isStopping ? 'Stopping' : 'Deleted',
});
