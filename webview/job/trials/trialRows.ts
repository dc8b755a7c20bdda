import { isTerminal, type Job, jobProperty, type SweepJob } from '../../../src/protocol/job.ts';
import type { Cell } from '../../../src/protocol/runTable.ts';

/** A trial of a sweep as its table shows it. */
export interface TrialRow {
  job: Job;
  label: string;
  /** Values of the hyperparameters, in the order of the search space; null where the trial has none. */
  values: Cell[];
  /** The best value of the primary metric that it has reported, as the sweep counts it. */
  objective: number | undefined;
  /** Whether the sweep takes it for the best. */
  isBest: boolean;
  /** Why it ended before its time; undefined where it did not. */
  why: string | undefined;
  /** Milliseconds it has run; undefined before it began. */
  duration: number | undefined;
}

export type Goal = 'minimize' | 'maximize';
export const goalOf = ({ properties }: SweepJob): Goal => properties.objective.goal.toLowerCase() as Goal;
export const hyperparametersOf = ({ properties }: SweepJob): string[] => Object.keys(properties.searchSpace);

const logarithmic = new Set(['loguniform', 'qloguniform', 'lognormal', 'qlognormal']);
/** Whether the axis of a hyperparameter is logarithmic; undefined where the search space does not tell. */
export function isLogarithmic({ properties }: SweepJob, name: string): boolean | undefined {
  const kind = properties.searchSpace[name]?.[0];
  return kind === undefined || kind === 'choice' ? undefined : logarithmic.has(kind);
}

/** The trials of a sweep in the order of their numbers. `objectives` are by the name of the trial, `now` in ms since 1970. */
export function trialRows(sweep: SweepJob, jobs: readonly Job[], objectives: ReadonlyMap<string, number>, now: number): TrialRow[] {
  const best = sweep.properties.properties?.[jobProperty.bestTrial];
  const names = hyperparametersOf(sweep);
  return jobs
    .filter((job) => job.properties.parentJobName === sweep.name)
    .map((job) => {
      const { startedAt, endedAt } = job.properties;
      const values = valuesOf(job);
      return {
        job,
        label: job.properties.displayName ?? job.properties.nodeName ?? job.name,
        values: names.map((name) => values.get(name) ?? null),
        objective: objectives.get(job.name),
        isBest: job.name === best,
        why: whyEnded(job),
        duration: startedAt ? Math.max(0, (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt)) : undefined,
      };
    })
    .sort((a, b) => byNumber(a, b));
}

/** What the sweep noted of a trial's values, else its inputs. */
function valuesOf({ properties }: Job): Map<string, Cell> {
  const values = new Map<string, Cell>(
    Object.entries(properties.inputs ?? {}).flatMap(([name, input]) =>
      input.jobInputType === 'literal' && input.value !== undefined ? [[name, input.value]] : [],
    ),
  );
  for (const [name, value] of Object.entries(noted(properties.properties?.hyperparameters)))
    if (typeof value === 'number' || typeof value === 'string') values.set(name, value);
    else if (typeof value === 'boolean') values.set(name, String(value));
  return values;
}

function noted(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function whyEnded({ properties: { status, tags, error } }: Job): string | undefined {
  if (error) return error.message;
  return tags?.early_termination ?? (status === 'Canceled' ? 'Canceled' : undefined);
}

const byNumber = (a: TrialRow, b: TrialRow) => a.job.name.localeCompare(b.job.name, 'en', { numeric: true });

/** What a table of trials is sorted by: a column, and which way. */
export interface TrialOrder {
  /** `objective`, `trial`, `status`, `duration`, or `param NAME`. */
  by: string;
  isDescending: boolean;
}

/** The best first. */
export const bestFirst = (goal: Goal): TrialOrder => ({ by: 'objective', isDescending: goal === 'maximize' });

/** Sorted; what has no value comes last either way, and equal ones stay in the order of their numbers. */
export function sortedTrials(rows: readonly TrialRow[], names: readonly string[], { by, isDescending }: TrialOrder): TrialRow[] {
  const place = by.startsWith('param ') ? names.indexOf(by.slice('param '.length)) : -1;
  const key = (row: TrialRow): Cell | undefined => {
    if (place >= 0) return row.values[place];
    if (by === 'duration') return row.duration;
    if (by === 'status') return row.job.properties.status;
    if (by === 'trial') return undefined;
    return row.objective;
  };
  if (by === 'trial') return isDescending ? [...rows].reverse() : [...rows];
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => {
      const [noA, noB] = [a.key ?? undefined, b.key ?? undefined].map((value) => value === undefined);
      if (noA || noB) return Number(noA) - Number(noB);
      return (isDescending ? -1 : 1) * compare(a.key!, b.key!);
    })
    .map(({ row }) => row);
}

const compare = (a: Cell, b: Cell): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });

/** How many trials are where: in words, such as `9 completed, 2 running, 1 stopped early`. */
export function tally(rows: readonly TrialRow[]): string {
  const counts = new Map<string, number>();
  for (const { job } of rows) {
    const { status = 'NotStarted', tags } = job.properties;
    const word = !isTerminal(status)
      ? status === 'NotStarted' || status === 'Queued'
        ? 'waiting'
        : 'running'
      : status === 'Canceled' && tags?.early_termination
        ? 'stopped early'
        : status.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const order = ['completed', 'running', 'waiting', 'stopped early', 'failed', 'canceled'];
  return order.flatMap((word) => (counts.has(word) ? [`${counts.get(word)} ${word}`] : [])).join(', ');
}
