import { laterPart } from '../base/laterPart.ts';
import { isPipeline, isSweep, type Job } from '../protocol/job.ts';
import type { Orchestration, OrchestrationContext } from './orchestration.ts';
import { PipelineRun } from './pipeline/pipelineRun.ts';

const sweeps = laterPart(() => import('./sweep/sweepRun.ts'));

/** What makes jobs out of a job, by the name that `protocol/claims.ts` has for it. Undefined for a job that is none of its. */
export const orchestrations: Record<string, (context: OrchestrationContext, job: Job) => Promise<Orchestration | undefined>> = {
  pipeline: async (context, job) => (isPipeline(job) ? new PipelineRun(context, job) : undefined),
  sweep: async (context, job) => (isSweep(job) ? new (await sweeps()).SweepRun(context, job) : undefined),
};
