import type { ChangeKind } from '../protocol/change.ts';

/**
 * Kinds of things that are kept as whole JSON: what MLflow has beside runs and registered models, and what the plane has of its own. Each entity has a `scope`, which says what it belongs to; '' where it belongs to nothing:
 * - a logged model or a trace: its experiment; an assessment: its trace; a record of a dataset: the dataset
 * - a measured speed or a hash of a file: the name of the model on this machine
 * - a call of an agent: the agent; a request to an endpoint: the endpoint; a line of the audit log: its day
 * - a conflict of two planes over a field: its job
 * - a comment: its job or model; a mention: the member who is mentioned; a delivery: its webhook or notice
 */
export const entityKinds = [
  'loggedModel',
  'trace',
  'assessment',
  'traceLink',
  'evaluationDataset',
  'datasetRecord',
  'scorer',
  'issue',
  'gatewaySecret',
  'gatewayModel',
  'gatewayEndpoint',
  'gatewayBinding',
  'modelDownload',
  'modelSpeed',
  'fileHash',
  'agentCall',
  'endpointRequest',
  'promptCase',
  'auditLine',
  'auditEnds',
  'comment',
  'mention',
  'mentionRead',
  'webhook',
  'notice',
  'pendingDelivery',
  'delivery',
  'logoutToken',
  'sharedFields',
  'fieldConflict',
] as const;
export type EntityKind = (typeof entityKinds)[number];

/** Entities of a scope are sorted by `at`, in milliseconds since 1970. The `body` of MLflow's kinds is MLflow's own JSON. The shapes of other kinds are in `protocol/` (calls of agents, requests, test cases, the audit log) and in `server/comments/`, `server/deliveries/` and `server/sharedFields/`. */
export interface StoredEntity {
  kind: EntityKind;
  id: string;
  scope: string;
  at: number;
  body: Record<string, any>;
}

export interface EntityReader {
  get(kind: EntityKind, id: string): Promise<StoredEntity | undefined>;
  /** Of one scope, or of all; the newest (greatest `at`) first. */
  list(kind: EntityKind, scope?: string, offset?: number, limit?: number): Promise<StoredEntity[]>;
  count(kind: EntityKind, scope: string): Promise<number>;
}

export interface EntityWriter extends EntityReader {
  /** Creates or replaces, and leaves its change. */
  put(entity: StoredEntity): Promise<void>;
  /** True when there was one. */
  delete(kind: EntityKind, id: string): Promise<boolean>;
  /** All of a scope. */
  deleteAll(kind: EntityKind, scope: string): Promise<number>;
}

/** How an entity's change is told: parts are told as the whole they belong to. */
export const announcedAs: Record<EntityKind, { kind: ChangeKind; by: 'id' | 'scope' }> = {
  loggedModel: { kind: 'loggedModel', by: 'id' },
  trace: { kind: 'trace', by: 'id' },
  assessment: { kind: 'trace', by: 'scope' },
  traceLink: { kind: 'trace', by: 'scope' },
  evaluationDataset: { kind: 'evaluationDataset', by: 'id' },
  datasetRecord: { kind: 'evaluationDataset', by: 'scope' },
  scorer: { kind: 'scorer', by: 'id' },
  issue: { kind: 'issue', by: 'id' },
  gatewaySecret: { kind: 'gateway', by: 'id' },
  gatewayModel: { kind: 'gateway', by: 'id' },
  gatewayEndpoint: { kind: 'gateway', by: 'id' },
  gatewayBinding: { kind: 'gateway', by: 'scope' },
  modelDownload: { kind: 'localModel', by: 'id' },
  modelSpeed: { kind: 'localModel', by: 'scope' },
  fileHash: { kind: 'localModel', by: 'scope' },
  agentCall: { kind: 'agentCall', by: 'id' },
  endpointRequest: { kind: 'endpointRequest', by: 'scope' },
  promptCase: { kind: 'promptCase', by: 'id' },
  auditLine: { kind: 'audit', by: 'scope' },
  auditEnds: { kind: 'audit', by: 'scope' },
  comment: { kind: 'comment', by: 'scope' },
  mention: { kind: 'mention', by: 'id' },
  mentionRead: { kind: 'mentionRead', by: 'id' },
  webhook: { kind: 'webhook', by: 'id' },
  notice: { kind: 'notice', by: 'id' },
  pendingDelivery: { kind: 'delivery', by: 'scope' },
  delivery: { kind: 'delivery', by: 'scope' },
  logoutToken: { kind: 'personalToken', by: 'id' },
  sharedFields: { kind: 'sharedFields', by: 'id' },
  fieldConflict: { kind: 'sharedFields', by: 'scope' },
};
