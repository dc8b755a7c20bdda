import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Everything that can change on a plane. */
export const changeKinds = [
  'job',
  'metric',
  'log',
  'artifact',
  'blob',
  'experiment',
  'model',
  'data',
  'environment',
  'component',
  'code',
  'datastore',
  'compute',
  'workspace',
  'connection',
  'schedule',
  'endpoint',
  'deployment',
  'prompt',
  'loggedModel',
  'trace',
  'evaluationDataset',
  'scorer',
  'issue',
  'gateway',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/**
 * One line of the change log, as the feed sends it. `seq` grows by at least 1 and never repeats. `id` is the job's name for `job`, `metric`,
 * `log` and `artifact`, `name` or `name:version` for assets. `keys` names the metric keys that got points; the points themselves are asked for.
 * `principal` says who wrote it. `parent` is the pipeline of a step's job. `at` is ISO-8601.
 */
export const Change = Type.Object({
  seq: Type.Integer(),
  kind: Type.Enum([...changeKinds]),
  id: Type.String(),
  op: Type.Enum(['put', 'delete']),
  at: Type.String(),
  workspace: Type.Optional(Type.String()),
  principal: Type.Optional(Type.String()),
  parent: Type.Optional(Type.String()),
  keys: Type.Optional(Type.Array(Type.String())),
});
export type Change = Static<typeof Change>;
