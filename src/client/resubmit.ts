import type { Job } from '../protocol/job.ts';
import { definitionOf } from '../protocol/jobDefinition.ts';
import { newJobName } from './jobName.ts';
import type { PlaneClient } from './planeClient.ts';

/** Runs a job again under a new name. */
export const resubmit = (client: PlaneClient, job: Job): Promise<Job> => client.putJob(newJobName(), definitionOf(job));
