import type { JobStatus } from '../protocol/job.ts';
import type { StoredJob } from './store.ts';

/** What a search may ask of a run. Attributes go by MLflow's names (`run_id`, `start_time`, …), and `experiment`, `parent`, `job_type`; datasets have `name`, `digest` and `context`. */
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
}

/** Runs that pass every test. */
export interface RunChoice {
  /** undefined: all of the workspace. */
  experimentIds: string[] | undefined;
  /** undefined: deleted ones too. */
  deleted: boolean | undefined;
  /** undefined: all; null: those in no other one; a name: the steps of this pipeline, or the trials of this sweep. */
  parent?: string | null | undefined;
  tests: RunTest[];
  /** MLflow's word for a status, by which it is filtered and sorted. */
  statusName: (status: JobStatus) => string;
}

/** Runs by `order`; NaN after every number, what is missing last, then newest first, then by id. */
export interface RunQuery extends RunChoice {
  order: RunOrder[];
  limit: number;
  /** Where the page before ended; undefined for the first one. */
  after?: RunPlace | undefined;
}

/** Some rows of the table of all runs that are chosen, in the order of a `RunQuery`. */
export interface RunTableQuery extends RunChoice {
  order: RunOrder[];
  columns: RunField[];
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

/** The keys that runs have, by name. */
export interface RunKeys {
  metrics: string[];
  params: string[];
  tags: string[];
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
