import { formatNumber } from '../../base/numberText.ts';
import { isSweep, type Job, jobProperty, literalInputs } from '../../protocol/job.ts';
import type { Figures } from '../state/jobFigures.ts';

type Fact = readonly [name: string, value: string];

/** The key metrics of a job with their last values, the most telling first; of a sweep, the best one that it has found. */
export function metricFacts(job: Job, figures: Figures | undefined): Fact[] {
  const own = (figures?.metrics ?? []).map(([key, value]): Fact => [key, typeof value === 'number' ? formatNumber(value) : value]);
  const best = job.properties.properties?.[jobProperty.bestScore];
  if (!isSweep(job) || !best || !Number.isFinite(Number(best))) return own;
  return [[`best ${job.properties.objective.primaryMetric}`, formatNumber(Number(best))], ...own];
}

/** What a job was given, and what its script says that it used. */
const paramsOf = (job: Job, figures: Figures | undefined): Record<string, string> => ({
  ...figures?.params,
  ...Object.fromEntries(literalInputs(job)),
});

/** The parameters of a job that have another value in one of the jobs that it stands among. */
export function changedParams(job: Job, siblings: readonly Job[], figuresOf: (name: string) => Figures | undefined): Fact[] {
  const others = siblings.filter(({ name }) => name !== job.name).map((each) => paramsOf(each, figuresOf(each.name)));
  return Object.entries(paramsOf(job, figuresOf(job.name))).filter(([name, value]) =>
    others.some((params) => params[name] !== undefined && params[name] !== value),
  );
}
