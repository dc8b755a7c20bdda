import { parseDuration } from '../../base/duration.ts';
import { isTerminal, type JobError, type JobStatus, type SweepJob } from '../../protocol/job.ts';
import { type Termination, terminations } from './earlyTermination.ts';

/** A trial as the sweep sees it. `reported` are its values of the primary metric, in the order of their steps. */
export interface Trial {
  index: number;
  name: string;
  status: JobStatus;
  reported: number[];
  error?: JobError | undefined;
}

/** What a sweep does next: create these trials, end those, and end itself when `finish` says how. */
export interface NextTrials {
  create: number[];
  stop: Termination[];
  finish?: { status: 'Completed' | 'Failed' | 'Canceled'; error?: JobError };
}

/** Trials at the same time where the job does not say. */
const usuallyConcurrent = 4;
/** Failed trials after which a sweep without a single good one gives up. */
const patience = 3;

/** The best value that a trial has reported; undefined when there is none. */
export function scoreOf({ reported }: Pick<Trial, 'reported'>, goal: 'minimize' | 'maximize'): number | undefined {
  const known = reported.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  return goal === 'maximize' ? Math.max(...known) : Math.min(...known);
}

export const goalOf = ({ properties }: SweepJob): 'minimize' | 'maximize' =>
  properties.objective.goal.toLowerCase() as 'minimize' | 'maximize';

/** The completed trial with the best score, the earlier one of two alike. */
export function bestOf(trials: Trial[], goal: 'minimize' | 'maximize'): { trial: Trial; score: number } | undefined {
  let best: { trial: Trial; score: number } | undefined;
  for (const trial of [...trials].sort((a, b) => a.index - b.index)) {
    const score = trial.status === 'Completed' ? scoreOf(trial, goal) : undefined;
    if (score !== undefined && (!best || (goal === 'maximize' ? score > best.score : score < best.score))) best = { trial, score };
  }
  return best;
}

/** How long a sweep may run, in milliseconds; undefined for no limit. */
export const timeoutOf = ({ properties }: SweepJob): number | undefined => parseDuration(properties.limits?.timeout);

/** How many trials a sweep has in all. `size` is the number of different ones, if that is limited. */
export function totalOf({ properties }: SweepJob, size: number | undefined): number {
  return Math.min(properties.limits?.maxTotalTrials ?? 1000, size ?? Number.POSITIVE_INFINITY);
}

/**
 * Decides from the sweep and its trials alone, so that it gives the same answer after any restart. `now` is in milliseconds since 1970.
 */
export function nextTrials(sweep: SweepJob, trials: Trial[], size: number | undefined, now: number): NextTrials {
  const { status, limits, earlyTermination, objective, startedAt } = sweep.properties;
  const goal = goalOf(sweep);
  const running = trials.filter((trial) => !isTerminal(trial.status));
  const timeout = timeoutOf(sweep);
  const isLate = timeout !== undefined && startedAt !== undefined && now >= Date.parse(startedAt) + timeout;
  if (status === 'CancelRequested' || isLate) {
    const stop = running
      .filter((trial) => trial.status !== 'CancelRequested')
      .map(({ name }) => ({ name, why: isLate ? 'limits.timeout of the sweep' : 'The sweep was canceled' }));
    if (running.length) return { create: [], stop };
    const error: JobError = {
      code: 'TimedOut',
      message: `The sweep ran longer than limits.timeout allows (${limits!.timeout}); its trials were ended.`,
      hint: 'Raise limits.timeout, or try fewer trials.',
    };
    return { create: [], stop, finish: { status: 'Canceled', ...(isLate && status !== 'CancelRequested' ? { error } : {}) } };
  }
  const stop = earlyTermination
    ? terminations(
        earlyTermination,
        goal,
        trials.map(({ name, status: own, reported }) => ({ name, reported, isRunning: !isTerminal(own) && own !== 'CancelRequested' })),
      )
    : [];
  const completed = trials.filter((trial) => trial.status === 'Completed');
  const failed = trials.filter((trial) => trial.status === 'Failed');
  const isHopeless = completed.length === 0 && failed.length >= patience && running.length === 0;
  const total = isHopeless ? trials.length : totalOf(sweep, size);
  const room = Math.min(limits?.maxConcurrentTrials ?? usuallyConcurrent, total) - running.length;
  const taken = new Set(trials.map((trial) => trial.index));
  const mayCreate = completed.length > 0 || failed.length < patience;
  const create: number[] = [];
  for (let index = 0; mayCreate && index < total && create.length < room; index++) if (!taken.has(index)) create.push(index);
  if (create.length || running.length) return { create, stop };
  if (bestOf(trials, goal)) return { create, stop, finish: { status: 'Completed' } };
  if (completed.length)
    return {
      create,
      stop,
      finish: {
        status: 'Failed',
        error: {
          code: 'OutputMissing',
          message: `No trial has logged the primary metric "${objective.primaryMetric}", so there is no best one.`,
          hint: `Log it with mlflow.log_metric("${objective.primaryMetric}", …).`,
        },
      },
    };
  const cause = failed[0]?.error;
  return {
    create,
    stop,
    finish: {
      status: 'Failed',
      error: {
        code: 'StepFailed',
        message: failed.length
          ? `All ${failed.length} trials that ran failed; the first, ${failed[0]!.name}${cause ? `: ${cause.message}` : '.'}`
          : 'Every trial was ended before it completed.',
        ...(cause?.hint ? { hint: cause.hint } : {}),
        ...(failed[0] ? { step: failed[0].name } : {}),
      },
    },
  };
}
