import { UserError } from '../base/userError.ts';
import { allPages } from '../client/planeClient.ts';
import { artifactContainer, blobContainer } from '../protocol/asset.ts';
import type { CopiedJob } from '../protocol/copiedJob.ts';
import { isTerminal, type Job } from '../protocol/job.ts';
import { artifactFolder } from '../protocol/jobPlaces.ts';
import { hasChildren } from '../protocol/jobTypes.ts';
import { withRetries } from '../transfer/withRetries.ts';
import { copyAssets } from './copyAssets.ts';
import { copyFiles } from './copyFiles.ts';
import { copyLogs } from './copyLogs.ts';
import { copyMetrics } from './copyMetrics.ts';
import type { Pair } from './pair.ts';
import { inWorkspace } from './references.ts';

/** What there was to send of a job and its steps; all 0 when the copy was the same already. */
export interface Sent {
  jobs: number;
  files: number;
  bytes: number;
  points: number;
}

/** Times that a copy is completed before it is given up: a job that has ended gets little more. */
const mostRounds = 3;

/**
 * Sends a job that has ended, with its steps, assets, files, logs and metrics, under its own name. Only what is missing there travels, and afterwards both are
 * compared again, until nothing is missing: whatever was cut off, done twice or done with the answer lost, the copy is whole in the end. Throws `Conflict` for a job
 * that runs, or where another job has its name.
 */
export async function copyJob(pair: Pair, name: string): Promise<Sent> {
  const { from, to, signal } = pair;
  const [root, { id: plane }] = await withRetries(() => Promise.all([from.getJob(name, signal), from.health()]), { signal });
  const { parentJobName, status } = root.properties;
  if (parentJobName !== undefined)
    throw new UserError('Conflict', `${name} is a part of ${parentJobName}, and goes with it.`, `Send ${parentJobName}.`);
  if (!status || !isTerminal(status)) throw new UserError('Conflict', `${name} has not ended yet.`, 'Send it when it has.');
  const jobs = [root, ...(await partsOf(pair, root))];
  const total: Sent = { jobs: 0, files: 0, bytes: 0, points: 0 };
  for (let round = 0; round < mostRounds; round++) {
    const missing: Sent = { jobs: 0, files: 0, bytes: 0, points: 0 };
    // Steps share environments, data and code: each is looked at once.
    const assets = new Set<string>();
    for (const job of jobs) add(missing, await sendMissing(pair, job, plane, assets));
    if (Object.values(missing).every((count) => count === 0)) return total;
    add(total, missing);
  }
  throw new UserError(
    'RemoteError',
    `${name} is not the same in ${to.http.url}, though all of it was sent.`,
    'Send it again. If it stays so, look at the log of the control plane there.',
  );
}

function add(total: Sent, more: Sent): void {
  for (const key of Object.keys(more) as (keyof Sent)[]) total[key] += more[key];
}

/** The steps or trials of a job, and theirs, each after the one that it is a part of. */
async function partsOf(pair: Pair, job: Job): Promise<Job[]> {
  if (!hasChildren(job)) return [];
  const { from, signal } = pair;
  const parts = await withRetries(
    () => Array.fromAsync(allPages((next) => from.listJobs({ parent: job.name, listViewType: 'All', top: 500 }, next))),
    { signal },
  );
  const all: Job[] = [];
  for (const part of parts) all.push(part, ...(await partsOf(pair, part)));
  return all;
}

async function sendMissing(pair: Pair, job: Job, plane: string, assets: Set<string>): Promise<Sent> {
  const { from, to, signal } = pair;
  const { name } = job;
  const { run } = await withRetries(() => from.getRun(name), { signal });
  const { metrics = [], params = [], tags = [] } = run.data;
  await copyAssets(pair, job.properties, assets);
  const copy: CopiedJob = {
    origin: { plane, workspace: from.workspace.workspace },
    createdAt: job.systemData?.createdAt ?? new Date(Number(run.info.start_time)).toISOString(),
    properties: inWorkspace(job.properties, from.workspace, to.workspace),
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    params,
  };
  const { changed } = await withRetries(() => to.putCopy(name, copy, signal), { signal });
  const artifacts = await copyFiles(pair, artifactContainer, artifactFolder(name));
  const outputs = await copyFiles(pair, blobContainer, `azureml/${name}`);
  const keys = [...new Set(metrics.map(({ key }) => key))];
  return {
    jobs: changed ? 1 : 0,
    files: artifacts.files + outputs.files,
    bytes: artifacts.bytes + outputs.bytes + (await copyLogs(pair, name)),
    points: await copyMetrics(pair, name, keys),
  };
}
