import type { JobStatus } from '../protocol/job.ts';
import type { StoredJob } from './store.ts';

/**
 * What a search may ask of a run. Attributes go by MLflow's names (`run_id`, `start_time`, …), and `experiment`, `parent`, `job_type`, `duration` (ms, of a run that has
 * ended); datasets have `name`, `digest` and `context`.
 */
export interface RunField {
  of: 'attribute' | 'metric' | 'param' | 'tag' | 'dataset';
  key: string;
}

/** One comparison of a filter. A run without the field passes `IS NULL` alone; a NaN passes `!=` alone, as in MLflow. */
export type RunTest = RunField &
  (
    | { operator: '=' | '!=' | '<' | '<=' | '>' | '>='; value: number | string }
    | { operator: 'LIKE' | 'ILIKE'; value: string }
    | { operator: 'IN' | 'NOT IN'; value: string[] }
    | { operator: 'IS NULL' | 'IS NOT NULL' }
  );

export interface RunOrder extends RunField {
  descending: boolean;
  /** Texts that are numbers come first, in the order of these; else texts are compared as such. */
  asNumbers?: boolean | undefined;
}

/** Which runs there are to choose from. */
export interface RunScopeQuery {
  /** undefined: all of the workspace. */
  experimentIds: string[] | undefined;
  /** undefined: deleted ones too. */
  deleted: boolean | undefined;
  /** undefined: all; null: those in no other one; a name: the steps of this pipeline, or the trials of this sweep. */
  parent?: string | null | undefined;
  /** Names of runs, in whose order they come where no other is asked for; undefined: all. */
  ids?: string[] | undefined;
}

/** Runs that pass every test. */
export interface RunChoice extends RunScopeQuery {
  tests: RunTest[];
  /** Lists of which a run must pass one as well. */
  anyOf?: RunTest[][] | undefined;
  /** MLflow's word for a status, by which it is filtered and sorted. */
  statusName: (status: JobStatus) => string;
  /** Whether a test may name a status by the jobs' own word too. */
  ownStatuses?: boolean | undefined;
}

/** Runs by `order`; NaN after every number, what is missing last, then newest first, then by id. */
export interface RunQuery extends Omit<RunChoice, 'ids'> {
  order: RunOrder[];
  limit: number;
  /** Where the page before ended; undefined for the first one. */
  after?: RunPlace | undefined;
}

/** Of a metric the last value, or the smallest or greatest one that is finite, or the step where that is first. */
export interface MetricColumn extends RunField {
  value?: 'last' | 'min' | 'max' | 'minStep' | 'maxStep' | undefined;
}

/** Where a series is smallest and greatest: the first point each, of those that are finite. */
export interface Extremes {
  min: { value: number; step: number };
  max: { value: number; step: number };
}

/** Some rows of the table of all runs that are chosen, in the order of a `RunQuery`. */
export interface RunTableQuery extends RunChoice {
  order: RunOrder[];
  columns: MetricColumn[];
  offset: number;
  limit: number;
}

export interface FoundTable {
  /** Runs that are chosen, in all. */
  total: number;
  /** Names of the runs of these rows. */
  runs: string[];
  /** As asked for, a value a row; statuses are the jobs' own. */
  columns: (number | string | undefined)[][];
}

/** What groups are sorted by: a value of theirs (`index` of `by`), the number of their runs, or a figure of a metric (`index` of `metrics`). */
export type GroupOrder = { descending: boolean } & (
  | { of: 'value'; index: number }
  | { of: 'runs' }
  | { of: 'metric'; index: number; stat: keyof MetricSummary }
);

/** Some of the groups of the runs that are chosen, each of which has the same values in all of `by`. */
export interface RunGroupQuery extends RunChoice {
  by: RunField[];
  /** Keys. */
  metrics: string[];
  /** Where groups are equal, by their values. Texts that are numbers come first. */
  order: GroupOrder[];
  offset: number;
  limit: number;
}

/** A metric over some runs, calculated from the last value of each: how many values are finite and how many are not. The other figures are of the finite values alone. The standard deviation is that of a sample, so it needs two. */
export interface MetricSummary {
  count: number;
  notFinite: number;
  mean?: number;
  deviation?: number;
  min?: number;
  max?: number;
}

export interface FoundGroups {
  total: number;
  groups: { values: (number | string | undefined)[]; runs: number; metrics: MetricSummary[] }[];
}

/** The keys that runs have, by name. */
export interface RunKeys {
  metrics: string[];
  params: string[];
  tags: string[];
  /** There are more than are told of: 100,000 of a kind. */
  isCut?: boolean;
}

/** The values by which a run was sorted, its start (ms since 1970) and its id: where it stands, even when it is gone since. */
export interface RunPlace {
  values: (number | string | null)[];
  start: number;
  id: string;
}

export interface FoundRuns {
  jobs: StoredJob[];
  /** Where the next page starts; undefined when this was the last. */
  next: RunPlace | undefined;
}
