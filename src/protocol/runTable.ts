import type { Static } from 'typebox';
import * as Type from 'typebox';

/**
 * A column of a table of runs. Attributes go by MLflow's names (`run_id`, `run_name`, `status`, `user_id`, `start_time`, `end_time`, `artifact_uri`), and
 * `experiment`, `parent`, `job_type` and `duration` (ms from start to end, of a run that has ended) of ours.
 */
export const RunColumn = Type.Object({
  of: Type.Enum(['attribute', 'metric', 'param', 'tag']),
  key: Type.String(),
  /** Of a metric: its last value where nothing is said, or its smallest or greatest one that is finite, or the step at which that first was. */
  value: Type.Optional(Type.Enum(['last', 'min', 'max', 'minStep', 'maxStep'])),
});
export type RunColumn = Static<typeof RunColumn>;

/** Runs that a scope may name. */
export const mostScopeIds = 1000;

/** Whose runs: each part leaves out some, and none leaves out nothing but deleted runs. */
export const RunScope = Type.Object({
  /** Names of experiments; absent: all. */
  experiments: Type.Optional(Type.Array(Type.String())),
  /** null: runs that are in no other one; a name: the steps of this pipeline, or the trials of this sweep. */
  parent: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /**
   * MLflow's filter, comparisons joined by AND; and of ours OR and parentheses, the attributes that a column may have, and a status by the job's word (`Completed`) as well as by
   * MLflow's (`FINISHED`).
   */
  filter: Type.Optional(Type.String({ maxLength: 100_000 })),
  /** Names of runs: only these, in this order where there is no `orderBy`. */
  ids: Type.Optional(Type.Array(Type.String(), { maxItems: mostScopeIds })),
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
  /**
   * MLflow's `order_by`: a field, then ASC or DESC; those that come first count more. The newest first where nothing else is said. Other than with MLflow, parameters and tags
   * that are numbers come first and are sorted as such. What is missing is last.
   */
  orderBy: Type.Optional(Type.Array(Type.String(), { maxItems: 10 })),
  columns: Type.Array(RunColumn, { maxItems: mostTableColumns }),
  offset: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 0, maximum: mostTableRows }),
  /** Texts come whole, as a file needs them. Where they are so long that an answer would be large, it has fewer rows than `limit`, at least one. */
  whole: Type.Optional(Type.Boolean()),
});
export type RunTableRequest = Static<typeof RunTableRequest>;

/** Characters of a text in a cell; a longer one is cut and ends in "…", unless whole texts are asked for. */
export const mostCellText = 1000;
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

/** Fields and metrics that one request for groups may name. */
export const mostGroupFields = 5;
export const mostGroupMetrics = 100;

/** A figure of a metric over a group, calculated from the last value of each run. `count` and `notFinite` are numbers of values; the others are of the finite values alone. The deviation is that of a sample. */
export const GroupStat = Type.Enum(['count', 'notFinite', 'mean', 'deviation', 'min', 'max']);
export type GroupStat = Static<typeof GroupStat>;

/** `POST /updraft/runs/groups`: runs in groups that have the same values. */
export const RunGroupsRequest = Type.Object({
  ...RunScope.properties,
  /** Fields by whose values the runs are grouped. Of a metric only the last value may be one. */
  by: Type.Array(RunColumn, { minItems: 1, maxItems: mostGroupFields }),
  metrics: Type.Array(Type.String(), { maxItems: mostGroupMetrics }),
  /** How groups are sorted: by a value (`index` in `by`), by the number of runs, or by a figure of a metric (`index` in `metrics`). The first entry counts most. Without entries they are sorted by their values. */
  order: Type.Optional(
    Type.Array(
      Type.Object({
        of: Type.Enum(['value', 'runs', 'metric']),
        index: Type.Optional(Type.Integer({ minimum: 0 })),
        stat: Type.Optional(GroupStat),
        descending: Type.Optional(Type.Boolean()),
      }),
      { maxItems: 10 },
    ),
  ),
  offset: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 0, maximum: mostTableRows }),
});
export type RunGroupsRequest = Static<typeof RunGroupsRequest>;

const Figures = Type.Array(Type.Union([Type.Number(), Type.Null()]));
export const RunGroups = Type.Object({
  /** Groups, in all; no more than 200,000 are made. */
  total: Type.Integer(),
  /** A list a field of `by`: a value a group; null: its runs have none. */
  by: Type.Array(Type.Array(Cell)),
  /** Runs of each group. */
  runs: Type.Array(Type.Integer()),
  /** A metric as asked for, each with a figure a group. Without a finite value there is no mean, without two no deviation. */
  metrics: Type.Array(Type.Object({ count: Figures, notFinite: Figures, mean: Figures, deviation: Figures, min: Figures, max: Figures })),
});
export type RunGroups = Static<typeof RunGroups>;

/** `POST /updraft/runs/keys` with a `RunScope`: what there is to ask for in it (its filter does not count), each list by name. */
export const RunKeys = Type.Object({
  metrics: Type.Array(Type.String()),
  params: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  /** There are more than are told of: 100,000 of a kind. */
  isCut: Type.Optional(Type.Boolean()),
});
export type RunKeys = Static<typeof RunKeys>;

/** Jobs and keys that one request for series may name. */
export const mostSeriesJobs = 1000;
export const mostSeriesKeys = 200;

/**
 * `POST /updraft/series`: series of many runs, M4-reduced to about `points` points each. The answer is a stream of `seriesParts` as they are read: the first key of each job in
 * the order of `jobs`, then the second, and so on. A run that has no such metric, or is not there, has none; one that has no points between `from` and `to` has an empty part.
 * A page that has a series up to a step asks for what came since with `from`: that step comes again.
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
