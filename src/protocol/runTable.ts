import type { Static } from 'typebox';
import * as Type from 'typebox';

/**
 * A column of a table of runs. Attributes go by MLflow's names (`run_id`, `run_name`, `status`, `user_id`, `start_time`, `end_time`, `artifact_uri`), and
 * `experiment`, `parent` and `job_type` of ours.
 */
export const RunColumn = Type.Object({
  of: Type.Enum(['attribute', 'metric', 'param', 'tag']),
  key: Type.String(),
});
export type RunColumn = Static<typeof RunColumn>;

/** Whose runs: each part leaves out some, and none leaves out nothing but deleted runs. */
export const RunScope = Type.Object({
  /** Names of experiments; absent: all. */
  experiments: Type.Optional(Type.Array(Type.String())),
  /** null: runs that are in no other one; a name: the steps of this pipeline, or the trials of this sweep. */
  parent: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** MLflow's filter: comparisons joined by AND. */
  filter: Type.Optional(Type.String()),
  /** Which runs: absent for those that are not deleted. */
  view: Type.Optional(Type.Enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'])),
});
export type RunScope = Static<typeof RunScope>;

/** Rows and columns that one request may ask for. */
export const mostTableRows = 10_000;
export const mostTableColumns = 200;

/** `POST /updraft/runs/table`: a part of a table of runs, by columns. */
export const RunTableRequest = Type.Object({
  ...RunScope.properties,
  /** MLflow's `order_by`: a field, then ASC or DESC; those that come first count more. The newest first where nothing else is said. */
  orderBy: Type.Optional(Type.Array(Type.String(), { maxItems: 10 })),
  columns: Type.Array(RunColumn, { maxItems: mostTableColumns }),
  offset: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 0, maximum: mostTableRows }),
});
export type RunTableRequest = Static<typeof RunTableRequest>;

/** null: the run has no such value. A metric that is not finite is its word: NaN, Infinity, -Infinity. Times are ms since 1970. */
const Cell = Type.Union([Type.Number(), Type.String(), Type.Null()]);
export type Cell = Static<typeof Cell>;

export const RunTable = Type.Object({
  /** Runs that the scope has, in all. */
  total: Type.Integer(),
  /** Names (ids) of the runs of this part. */
  runs: Type.Array(Type.String()),
  /** A column as asked for, in that order: a cell a run. */
  columns: Type.Array(Type.Array(Cell)),
});
export type RunTable = Static<typeof RunTable>;

/** `POST /updraft/runs/keys`: what there is to ask for in a scope (whose filter does not count), each list by name. */
export const RunKeys = Type.Object({
  metrics: Type.Array(Type.String()),
  params: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
});
export type RunKeys = Static<typeof RunKeys>;

/** Jobs and keys that one request for series may name. */
export const mostSeriesJobs = 1000;
export const mostSeriesKeys = 200;

/**
 * `POST /updraft/series`: series of many runs, M4-reduced to about `points` points each. The answer is a stream of `seriesParts` as they are read, in any order;
 * a run that has no such metric, or is not there, has none.
 */
export const SeriesRequest = Type.Object({
  jobs: Type.Array(Type.String(), { maxItems: mostSeriesJobs }),
  keys: Type.Array(Type.String(), { maxItems: mostSeriesKeys }),
  points: Type.Integer({ minimum: 4, maximum: 100_000 }),
  axis: Type.Optional(Type.Enum(['step', 'time'])),
  /** Inclusive, on the axis: steps, or ms since 1970. */
  from: Type.Optional(Type.Number()),
  to: Type.Optional(Type.Number()),
});
export type SeriesRequest = Static<typeof SeriesRequest>;
