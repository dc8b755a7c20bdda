import { type Job, type JobProperties, jobProperty } from '../protocol/job.ts';
import { newJobName } from './jobName.ts';
import type { PlaneClient } from './planeClient.ts';

/** What a run has learnt about itself, none of it part of what was asked for. */
const ofTheRun = [
  'status',
  'startedAt',
  'endedAt',
  'progress',
  'error',
  'services',
  'parentJobName',
  'nodeName',
  'isArchived',
  'computeId',
] as const;
const recorded: string[] = [jobProperty.isReused, jobProperty.reusedFrom, jobProperty.reuseKey];

/** Runs a job again under a new name: the same code snapshot, environment and inputs. A pipeline's step becomes a job of its own. */
export function resubmit(client: PlaneClient, job: Job): Promise<Job> {
  const properties: JobProperties = structuredClone(job.properties);
  for (const key of ofTheRun) delete properties[key];
  if (job.properties.computeId && !job.properties.parentJobName) properties.computeId = job.properties.computeId;
  for (const output of Object.values(properties.outputs ?? {})) {
    // The place where the first run put it; the new one gets its own.
    if (output.uri?.includes(`/${job.name}/`)) delete output.uri;
  }
  properties.properties = Object.fromEntries(Object.entries(properties.properties ?? {}).filter(([key]) => !recorded.includes(key)));
  return client.putJob(newJobName(), properties);
}
