import type { Change, ChangeKind } from '../protocol/change.ts';
import type { ResourceKind } from './store.ts';

/** A change to be written. `run` is the row of the job that it is about: readers of this database refresh by it what they remember. */
export interface NewChange extends Pick<Change, 'kind' | 'id' | 'op'> {
  workspace: string;
  /** Its id. */
  principal: string;
  parent?: string | null | undefined;
  keys?: string[] | undefined;
  run?: number | undefined;
}

/** A change of more metric keys than this does not name them: any may have points. */
const mostKeysTold = 40;

/** The keys of a change as they are stored. */
export const keysToTell = (keys: string[] | undefined): string | null =>
  keys && keys.length <= mostKeysTold ? JSON.stringify(keys) : null;

/** As what kind of change a resource is told. */
export const changeKindOf: Record<ResourceKind, ChangeKind> = {
  codes: 'code',
  components: 'component',
  data: 'data',
  environments: 'environment',
  models: 'model',
  prompts: 'prompt',
  datastores: 'datastore',
  computes: 'compute',
  workspaces: 'workspace',
  deletedWorkspaces: 'workspace',
  purgedWorkspaces: 'workspace',
  registries: 'registry',
  connections: 'connection',
  schedules: 'schedule',
  onlineEndpoints: 'endpoint',
  onlineDeployments: 'deployment',
  batchEndpoints: 'endpoint',
  batchDeployments: 'deployment',
  members: 'member',
  personalTokens: 'personalToken',
  runnerTokens: 'runnerToken',
  roleAssignments: 'roleAssignment',
  roleDefinitions: 'roleDefinition',
  quotas: 'quota',
};

/** A line of the change log as it is told. */
export const changeOf = (row: Record<string, any>): Change => ({
  seq: row.seq,
  kind: row.kind as ChangeKind,
  id: row.id,
  op: row.op,
  at: row.at,
  ...(row.workspace ? { workspace: row.workspace } : {}),
  ...(row.principal ? { principal: row.principal } : {}),
  ...(row.parent ? { parent: row.parent } : {}),
  ...(row.keys ? { keys: JSON.parse(row.keys) } : {}),
});
