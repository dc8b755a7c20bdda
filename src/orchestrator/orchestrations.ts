import { isPipeline, isSweep, type Job } from '../protocol/job.ts';
import type { Orchestration, OrchestrationContext } from './orchestration.ts';
import { PipelineRun } from './pipeline/pipelineRun.ts';
import { SweepRun } from './sweep/sweepRun.ts';

/** What makes jobs out of a job, by the name that `protocol/claims.ts` has for it. Undefined for a job that is none of its. */
export const orchestrations: Record<string, (context: OrchestrationContext, job: Job) => Orchestration | undefined> = {
  pipeline: (context, job) => (isPipeline(job) ? new PipelineRun(context, job) : undefined),
  sweep: (context, job) => (isSweep(job) ? new SweepRun(context, job) : undefined),
};
