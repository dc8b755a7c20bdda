import path from 'node:path';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { isPipeline, type Job, jobProperty } from '../../protocol/job.ts';
import { type JobView, jobText } from '../../spec/jobText.ts';
import { jobParts } from './jobParts.ts';

/** Jobs that are looked through for the last run of a file. */
const lookBack = 2000;

/** The newest job that was submitted from a file; undefined when there is none among the last 2000. */
export async function lastRunOf(client: PlaneClient, file: string): Promise<Job | undefined> {
  const absolute = path.resolve(file);
  let count = 0;
  for await (const job of allPages((next) => client.listJobs({ listViewType: 'All', top: 200 }, next))) {
    if (job.properties.properties?.[jobProperty.submittedFile] === absolute) return job;
    if (++count >= lookBack) break;
  }
  return undefined;
}

/** A run as YAML, in the form of `previewJob`, so that the two can be compared. */
export async function runText(client: PlaneClient, job: Job): Promise<string> {
  const view = await viewOfRun(client, job);
  return jobText(view, await jobParts(client, view));
}

async function viewOfRun(client: PlaneClient, job: Job): Promise<JobView> {
  const steps = new Map<string, JobView>();
  if (isPipeline(job))
    for await (const child of allPages((next) => client.listJobs({ parent: job.name, listViewType: 'All', top: 1000 }, next)))
      if (child.properties.nodeName) steps.set(child.properties.nodeName, await viewOfRun(client, child));
  return { name: job.name, properties: job.properties, steps };
}
