import { UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { mostAheadMs } from '../../protocol/hybridClock.ts';
import { isTerminal, type Job } from '../../protocol/job.ts';
import { hasChildren } from '../../protocol/jobTypes.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import type { Pair } from '../pair.ts';
import { JobCopy } from './jobCopy.ts';
import { addTo, isNothing, nothing, type Sent } from './sent.ts';

/** Times that a copy is completed before it is given up: a job that has ended gets little more. */
const mostRounds = 3;

/**
 * Sends a job that has ended, with its steps, assets, files, logs and metrics, under its own name. Only what is missing there travels, and afterwards both are
 * compared again, until nothing is missing: whatever was cut off, done twice or done with the answer lost, the copy is whole in the end. Throws `Conflict` for a job
 * that runs (`followJob` is for those), or where another job has its name.
 */
export async function copyJob(pair: Pair, name: string): Promise<Sent> {
  const root = await wholeJob(pair, name);
  const { status } = root.properties;
  if (!status || !isTerminal(status)) throw new UserError('Conflict', `${name} has not ended yet.`, 'Send it when it has.');
  const jobs = [root, ...(await partsOf(pair, root))];
  const total = nothing();
  for (let round = 0; round < mostRounds; round++) {
    const missing = nothing();
    // Steps share environments, data and code: each is looked at once.
    const assets = new Set<string>();
    const ahead: string[] = [];
    for (const { name: each } of jobs) {
      const copy = new JobCopy(pair, each, assets);
      addTo(missing, await copy.sendAll());
      ahead.push(...copy.ahead.map((field) => `${field} of ${each}`));
    }
    if (isNothing(missing)) {
      if (ahead.length > 0) throw clocksDiffer(pair, ahead);
      return total;
    }
    addTo(total, missing);
  }
  throw new UserError(
    'RemoteError',
    `${name} is not the same in ${to(pair)}, though all of it was sent.`,
    'Send it again. If it stays so, look at the log of the control plane there.',
  );
}

const to = (pair: Pair): string => pair.to.http.url;

const clocksDiffer = (pair: Pair, fields: string[]): UserError =>
  new UserError(
    'Conflict',
    `The clocks of the control planes at ${pair.from.http.url} and ${to(pair)} differ by more than ${mostAheadMs / 60_000} minutes, so not taken over: ${fields.slice(0, 10).join(', ')}.`,
    'Everything else was. Set the clock right that is ahead, and write these anew there.',
  );

/** A job that can be sent. Throws `Conflict` for a part of one. */
export async function wholeJob({ from, signal }: Pair, name: string): Promise<Job> {
  const job = await withRetries(() => from.getJob(name, signal), { signal });
  const { parentJobName } = job.properties;
  if (parentJobName !== undefined)
    throw new UserError('Conflict', `${name} is a part of ${parentJobName}, and goes with it.`, `Send ${parentJobName}.`);
  return job;
}

/** The steps or trials of a job, and theirs, each after the one that it is a part of. */
export async function partsOf(pair: Pair, job: Job): Promise<Job[]> {
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
