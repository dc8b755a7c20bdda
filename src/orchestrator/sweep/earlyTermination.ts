import type { EarlyTermination } from '../../protocol/sweep.ts';

/** What a policy looks at. `reported` are a trial's values of the primary metric, in the order of their steps. */
export interface Contender {
  name: string;
  isRunning: boolean;
  reported: number[];
}

/** A trial to end, and why, for people. */
export interface Termination {
  name: string;
  why: string;
}

/**
 * The running trials that a policy ends. Each is looked at at the last of its own intervals at which the policy applies, and compared with what the others had reported by
 * that interval. Source: https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters#early-termination
 */
export function terminations(policy: EarlyTermination, goal: 'minimize' | 'maximize', trials: Contender[]): Termination[] {
  // From here on, greater is better.
  const sign = goal === 'maximize' ? 1 : -1;
  const scores = trials.map((trial) => ({
    ...trial,
    reported: trial.reported.filter((value) => !Number.isNaN(value)).map((value) => value * sign),
  }));
  const show = (score: number) => String(Number((score * sign).toPrecision(6)));
  return scores.flatMap((trial) => {
    const interval = trial.isRunning ? lastInterval(policy, trial.reported.length) : undefined;
    if (interval === undefined) return [];
    const others = scores.filter((other) => other.name !== trial.name && other.reported.length >= interval);
    if (others.length === 0) return [];
    const own = best(trial.reported, interval);
    const why = (against: string) => [
      { name: trial.name, why: `${policy.policyType}: ${show(own)} after ${interval} reports, against ${against}` },
    ];
    if (policy.policyType === 'Bandit') {
      const leader = Math.max(own, ...others.map((other) => best(other.reported, interval)));
      const factor = policy.slackFactor ?? 0;
      const slack = policy.slackAmount ?? Math.abs(leader) * (goal === 'maximize' ? factor / (1 + factor) : factor);
      return own < leader - slack ? why(`${show(leader)} of the best with a slack of ${Number(slack.toPrecision(6))}`) : [];
    }
    if (policy.policyType === 'MedianStopping') {
      const middle = median([trial, ...others].map((each) => mean(each.reported, interval)));
      return own < middle ? why(`the median of the averages, ${show(middle)}`) : [];
    }
    const field = [trial, ...others.filter((other) => other.isRunning || !policy.excludeFinishedJobs)].sort(
      (a, b) => best(a.reported, interval) - best(b.reported, interval),
    );
    const cut = Math.floor((field.length * policy.truncationPercentage) / 100);
    const isLow = field.slice(0, cut).some((each) => each.name === trial.name);
    return isLow ? why(`the lowest ${policy.truncationPercentage} % of ${field.length} trials`) : [];
  });
}

/** The last interval up to `count` at which the policy applies; undefined when there was none yet. */
function lastInterval({ evaluationInterval, delayEvaluation }: EarlyTermination, count: number): number | undefined {
  const every = Math.max(1, evaluationInterval ?? 1);
  const last = Math.floor(count / every) * every;
  return last >= Math.max(1, delayEvaluation ?? 0) ? last : undefined;
}

const best = (reported: number[], interval: number): number => Math.max(...reported.slice(0, interval));
const mean = (reported: number[], interval: number): number =>
  reported.slice(0, interval).reduce((sum, value) => sum + value, 0) / interval;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
