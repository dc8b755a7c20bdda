import { codeIdOf } from '../../../src/client/codeFiles.ts';
import { isSweep, type Job } from '../../../src/protocol/job.ts';
import { type Live, useLive } from '../../shared/live/useLive.ts';
import { type ComparedRun, environmentIdOf, type RunFiles, readFiles, readRun } from './comparedRun.ts';
import type { Goal } from './delta.ts';

/** Runs as they are now, in the order of their ids; live. */
export function useCompared(ids: readonly string[]): Live<ComparedRun[]> {
  return useLive(
    `compared ${ids.join(' ')}`,
    (client) => Promise.all(ids.map((id) => readRun(client, id))),
    (change) => (change.kind === 'job' || change.kind === 'metric') && ids.includes(change.id),
    500,
  );
}

/** Files and environments of the runs, by their ids; live. */
export function useRunFiles(runs: readonly ComparedRun[]): Live<ReadonlyMap<string, RunFiles>> {
  const jobs = runs.flatMap(({ job }) => job ?? []);
  return useLive(
    `files ${jobs.map((job) => [job.name, codeIdOf(job), environmentIdOf(job)].join(' ')).join('\n')}`,
    async (client) => new Map(await Promise.all(jobs.map(async (job) => [job.name, await readFiles(client, job)] as const))),
    (change) => change.kind === 'artifact' && jobs.some(({ name }) => name === change.id),
    2000,
  );
}

/** What the sweeps that runs belong to want of their primary metric: which way is better is known for these alone. */
export function useSweepGoals(runs: readonly ComparedRun[]): ReadonlyMap<string, Goal> {
  const parents = [...new Set(runs.flatMap(({ job }) => job?.properties.parentJobName ?? []))];
  const { value } = useLive(
    `goals ${parents.join(' ')}`,
    async (client) => {
      const found = await Promise.all(parents.map((name) => client.getJob(name).catch((): Job | undefined => undefined)));
      return new Map(
        found.flatMap((job) => {
          if (!job || !isSweep(job)) return [];
          const { primaryMetric, goal } = job.properties.objective;
          return [[primaryMetric, goal.toLowerCase() as Goal] as const];
        }),
      );
    },
    () => false,
  );
  return value ?? none;
}

const none: ReadonlyMap<string, Goal> = new Map();
