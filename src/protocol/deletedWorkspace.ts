/**
 * Days for which a workspace that was deleted can be recovered. It is Azure's number: https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
 */
export const retentionDays = 14;

/**
 * A workspace that was deleted, as those see it who may delete it. Times in ISO 8601. `Stopping`: its jobs and deployments are being ended. `Deleted`: it can be recovered until `purgeAt`. `Purging`: all that was in
 * it is being removed for good.
 */
export interface DeletedWorkspace {
  name: string;
  resourceGroup: string;
  deletedAt: string;
  /** Name of who deleted it. */
  deletedBy: string;
  purgeAt: string;
  state: 'Stopping' | 'Deleted' | 'Purging';
}

/** Where they are listed, and recovered: Azure's API has no list of them that is documented. */
export const deletedWorkspacesPath = '/updraft/deleted-workspaces';
