import type { SweepJobProperties } from '../protocol/job.ts';
import { duration, given } from './armParts.ts';

/** The order in which ARM has the numbers of a distribution, by the words of the YAML. */
export const searchParameters: Record<string, string[]> = {
  choice: ['values'],
  randint: ['upper'],
  uniform: ['min_value', 'max_value'],
  loguniform: ['min_value', 'max_value'],
  quniform: ['min_value', 'max_value', 'q'],
  qloguniform: ['min_value', 'max_value', 'q'],
  normal: ['mu', 'sigma'],
  lognormal: ['mu', 'sigma'],
  qnormal: ['mu', 'sigma', 'q'],
  qlognormal: ['mu', 'sigma', 'q'],
};
const policies: Record<string, string> = {
  bandit: 'Bandit',
  median_stopping: 'MedianStopping',
  truncation_selection: 'TruncationSelection',
};
const algorithms: Record<string, string> = { random: 'Random', grid: 'Grid', bayesian: 'Bayesian' };

/** What a sweep is apart from its trial, in ARM's shape. */
export type SweepSettings = Pick<SweepJobProperties, 'searchSpace' | 'samplingAlgorithm' | 'objective' | 'limits' | 'earlyTermination'>;

/**
 * The settings of a sweep's YAML, or of a sweep step of a pipeline, which has the YAML's words on the wire too. Nothing is checked here: what is wrong
 * is found by the check of what comes out.
 */
export function sweepToArm(value: Record<string, any>): SweepSettings {
  const { search_space: space = {}, sampling_algorithm: algorithm = 'random', objective = {}, limits, early_termination: policy } = value;
  const sampling = typeof algorithm === 'string' ? { type: algorithm } : algorithm;
  return {
    searchSpace: Object.fromEntries(
      Object.entries(space as Record<string, any>).map(([name, each]) => [
        name,
        [each?.type, (searchParameters[each?.type] ?? []).map((key) => each[key])],
      ]),
    ) as SweepSettings['searchSpace'],
    samplingAlgorithm: given({
      samplingAlgorithmType: algorithms[sampling.type] ?? sampling.type,
      rule: sampling.rule,
      seed: sampling.seed,
    }) as SweepSettings['samplingAlgorithm'],
    objective: { goal: objective.goal, primaryMetric: objective.primary_metric },
    ...(limits
      ? {
          limits: given({
            jobLimitsType: 'Sweep',
            maxTotalTrials: limits.max_total_trials,
            maxConcurrentTrials: limits.max_concurrent_trials,
            timeout: seconds(limits.timeout),
            trialTimeout: seconds(limits.trial_timeout),
          }) as SweepSettings['limits'],
        }
      : {}),
    ...(policy
      ? {
          earlyTermination: given({
            policyType: policies[policy.type] ?? policy.type,
            slackFactor: policy.slack_factor,
            slackAmount: policy.slack_amount,
            truncationPercentage: policy.truncation_percentage,
            excludeFinishedJobs: policy.exclude_finished_jobs,
            evaluationInterval: policy.evaluation_interval,
            delayEvaluation: policy.delay_evaluation,
          }) as SweepSettings['earlyTermination'],
        }
      : {}),
  } as SweepSettings;
}

const seconds = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : duration(value as number | string);
