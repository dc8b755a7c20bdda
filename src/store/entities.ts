import type { ChangeKind } from '../protocol/change.ts';

/**
 * What MLflow knows beside runs and registered models, and what the plane keeps beside that: downloads, speeds and hashes of models on this machine, the record of what agents changed, requests that people
 * sent to endpoints, prompts that they kept as test cases, the audit log, comments with whom they mention, webhooks and notices with their deliveries; as whole JSON. `scope` is what an entity belongs to: the experiment of a logged model or a trace, the trace of an assessment, the dataset of a record, the name of a model whose
 * speed was measured or whose file was hashed, the agent of a call, the endpoint of a request, the day of a line of the audit log, the job or model of a comment, the member whom one mentions, the webhook or notice of a delivery; '' when it belongs to nothing.
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
] as const;
export type EntityKind = (typeof entityKinds)[number];

/** `at` orders entities of a scope, milliseconds since 1970. `body` is in MLflow's own JSON, or as `protocol/agentCall.ts`, `protocol/endpointRequest.ts`, `protocol/promptCase.ts` and `protocol/audit.ts` have it; of comments as `server/comments/` keeps them. */
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
};
