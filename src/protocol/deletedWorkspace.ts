/**
 * Days for which a workspace that was deleted can be recovered. It is Azure's number: https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
 */
export const retentionDays = 14;

/**
 * A deleted workspace, as the API shows it to people who may delete workspaces. Times are ISO 8601. State `Stopping`: its jobs and deployments are being ended. `Deleted`: it can be recovered until
 * `purgeAt`. `Purging`: its content is being removed for good.
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
