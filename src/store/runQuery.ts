import type { JobStatus } from '../protocol/job.ts';
import type { StoredJob } from './store.ts';

/** What a search may ask of a run. Attributes go by MLflow's names (`run_id`, `start_time`, …); datasets have `name`, `digest` and `context`. */
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

/** Runs that pass every test, by `order`; NaN after every number, what is missing last, then newest first, then by id. */
export interface RunQuery {
  experimentIds: string[];
  /** undefined: deleted ones too. */
  deleted: boolean | undefined;
  tests: RunTest[];
  order: RunOrder[];
  limit: number;
  /** Where the page before ended; undefined for the first one. */
  after?: RunPlace | undefined;
  /** MLflow's word for a status, by which it is filtered and sorted. */
  statusName: (status: JobStatus) => string;
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
