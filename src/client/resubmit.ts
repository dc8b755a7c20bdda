import type { Job } from '../protocol/job.ts';
import { rerunDefinition } from '../protocol/rerunDefinition.ts';
import { newJobName } from './jobName.ts';
import type { PlaneClient } from './planeClient.ts';

/** Runs a job again under a new name. */
export const resubmit = (client: PlaneClient, job: Job): Promise<Job> => client.putJob(newJobName(), rerunDefinition(job));
