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
  'registry',
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
  'localModel',
  'agentCall',
  'endpointRequest',
  'promptCase',
  'member',
  'personalToken',
  'runnerToken',
  'roleAssignment',
  'roleDefinition',
  'audit',
  'comment',
  'mention',
  'mentionRead',
  'webhook',
  'notice',
  'delivery',
  'quota',
  'sharedFields',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

const fields = {
  seq: Type.Integer(),
  id: Type.String(),
  op: Type.Enum(['put', 'delete']),
  at: Type.String(),
  workspace: Type.Optional(Type.String()),
  principal: Type.Optional(Type.String()),
  parent: Type.Optional(Type.String()),
  keys: Type.Optional(Type.Array(Type.String())),
};

/**
 * One line of the change log, as the feed sends it. `seq` grows by at least 1 and never repeats. `id` is the job's name for `job`, `metric`,
 * `log` and `artifact`, `name` or `name:version` for assets, `jobs/NAME` or `models/NAME` for `comment`. A `mention`, and that it was read, is told to the person alone whom it mentions,
 * in whatever workspace; its `id` is `MEMBER/COMMENT`. The `id` of `sharedFields` is the name of a job: another plane has sent values of its tags, name or description, or two planes wrote different ones. `keys` names the metric keys that got points, unless there are too many of them: ask
 * `mayConcern`. The points themselves are asked for. `parent` is the pipeline of a step's job, `principal` who made the change. `at` is ISO-8601. To a reader that asks for
 * metrics and logs every so many milliseconds, those of a job are one change, in the place of the last and without a principal.
 */
export const Change = Type.Object({ ...fields, kind: Type.Enum([...changeKinds]) });
export type Change = Static<typeof Change>;

/** A change as it comes from outside: a newer plane has kinds that this program does not know. */
export const SentChange = Type.Object({ ...fields, kind: Type.String() });
export type SentChange = Static<typeof SentChange>;

const known: ReadonlySet<string> = new Set(changeKinds);
export const isKnown = (change: SentChange): change is Change => known.has(change.kind);

/** Whether a metric may have got points. A change of many keys does not name them: without `keys`, any key may have. */
export const mayConcern = ({ kind, keys }: Pick<Change, 'kind' | 'keys'>, key: string): boolean =>
  kind === 'metric' && (keys === undefined || keys.includes(key));

/**
 * A place in the change log of one plane (`plane` is its `id`, as in `/health`); the number alone means nothing. `epoch` tells apart the log before and after the
 * plane was restored from an older copy, which gives the same numbers to other changes. The feed's first event has the place: `start` continues from the reader's own, `reset`
 * means that there may be a gap before it. A `reset` may also come later. `passed` moves the reader on, to another epoch or past changes that are not its own.
 */
export const FeedCursor = Type.Object({ plane: Type.String(), epoch: Type.Optional(Type.String()), seq: Type.Integer() });
export type FeedCursor = Static<typeof FeedCursor>;

/** Header of the answer to a write: the newest change that the answer knows of. */
export const asOfHeader = 'x-updraft-as-of';
