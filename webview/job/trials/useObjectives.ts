import { mayConcern } from '../../../src/protocol/change.ts';
import type { Job, SweepJob } from '../../../src/protocol/job.ts';
import { type Live, useLive } from '../../shared/live/useLive.ts';
import { goalOf } from './trialRows.ts';

/** The best value of the primary metric that each trial has reported, by the trial's name; live. */
export function useObjectives(sweep: SweepJob, trials: readonly Job[]): Live<ReadonlyMap<string, number>> {
  const { primaryMetric } = sweep.properties.objective;
  const goal = goalOf(sweep);
  const names = trials.filter((job) => job.properties.parentJobName === sweep.name).map(({ name }) => name);
  return useLive(
    `objectives ${sweep.name} ${primaryMetric} ${names.length > 0}`,
    async (client) => {
      const found = new Map<string, number>();
      if (names.length === 0) return found;
      // A series that is reduced to few points still has its extremes.
      for await (const { job, values } of client.series({ jobs: names.slice(0, 1000), keys: [primaryMetric], points: 4 }))
        for (const value of values) {
          const best = found.get(job);
          if (!Number.isNaN(value) && (best === undefined || (goal === 'maximize' ? value > best : value < best))) found.set(job, value);
        }
      return found;
    },
    // A trial may have reported before the page knew of it: its own changes count too, and that the page knows of more trials than before.
    (change) => change.parent === sweep.name && (change.kind === 'job' || mayConcern(change, primaryMetric)),
    500,
    names.length,
  );
}
