import { wait } from '../base/backOff.ts';
import { plural } from '../base/text.ts';
import { UserError } from '../base/userError.ts';
import { workspacePath } from '../protocol/arm.ts';
import { type DeletedWorkspace, deletedWorkspacesPath, retentionDays } from '../protocol/deletedWorkspace.ts';
import type { PlaneClient } from './planeClient.ts';

/** How a workspace is deleted. `isForGood`: it can't be recovered. `endsJobs`: what goes on in it is ended; else a workspace in which something goes on is not deleted. */
export interface WorkspaceDeletion {
  isForGood?: boolean;
  endsJobs?: boolean;
}

/** More jobs than these are not counted. */
const mostCounted = 1000;
/** Milliseconds between two looks whether a deletion is done. */
const lookEvery = 500;

/**
 * Deletes a workspace; on the plane of one person, a further name of the only one. Answers whether there was one, and a promise that settles when its jobs and deployments have ended, or with
 * a purge when its content is gone. Throws `Conflict` where jobs or deployments still run.
 */
export async function deleteWorkspace(
  client: PlaneClient,
  name: string,
  { isForGood = false, endsJobs = false }: WorkspaceDeletion = {},
): Promise<{ wasThere: boolean; done: () => Promise<void> }> {
  const { http } = client.onPlane();
  const query = new URLSearchParams({ ...(isForGood ? { forceToPurge: 'true' } : {}), ...(endsJobs ? { cancelJobs: 'true' } : {}) });
  const response = await http.send(
    'DELETE',
    `${workspacePath({ ...client.workspace, workspace: name })}${query.size > 0 ? `?${query}` : ''}`,
  );
  const followed = response.headers.get('azure-asyncoperation');
  // The plane may say another address than the one that it is reached at.
  const address = followed === null ? undefined : new URL(followed);
  const isGoingOn = async (): Promise<boolean> => {
    try {
      return (
        address !== undefined && (await http.json<{ status: string }>('GET', address.pathname + address.search)).status === 'InProgress'
      );
    } catch (error) {
      // A token that was for this workspace alone goes with it.
      if (isForGood && error instanceof UserError && error.code === 'Unauthorized') return false;
      throw error;
    }
  };
  const done = async () => {
    while (await isGoingOn()) await wait(lookEvery);
  };
  return { wasThere: response.status !== 204, done };
}

/** What is told before a workspace is deleted: how many jobs and models it has, and for how long it can be recovered. */
export async function whatIsLost(client: PlaneClient): Promise<string> {
  const [jobs, models] = await Promise.all([
    client.listJobs({ listViewType: 'All', top: mostCounted }),
    client.listContainers('models', { listViewType: 'All' }),
  ]);
  const counted = [
    countText(jobs.value.length, jobs.nextLink !== undefined, 'job'),
    countText(models.value.length, models.nextLink !== undefined, 'model'),
  ];
  return `It has ${counted.join(' and ')}. Everybody loses sight of it at once. It can be recovered for ${retentionDays} days; then all that is in it is removed for good.`;
}

const countText = (count: number, hasMore: boolean, noun: string): string =>
  hasMore ? `more than ${plural(count, noun)}` : plural(count, noun);

/** The workspaces that were deleted and are not purged yet, of those that who asks may delete. */
export const listDeletedWorkspaces = async (client: PlaneClient): Promise<DeletedWorkspace[]> =>
  (await client.onPlane().http.json<{ value: DeletedWorkspace[] }>('GET', deletedWorkspacesPath)).value;

/** Brings a workspace back that was deleted. Throws `NotFound` where there is none, and `Conflict` when it is too late. */
export const recoverWorkspace = (client: PlaneClient, name: string): Promise<DeletedWorkspace> =>
  client.onPlane().http.json('POST', `${deletedWorkspacesPath}/${encodeURIComponent(name)}/recover`);
