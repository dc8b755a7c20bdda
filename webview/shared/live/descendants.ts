import { useEffect, useState } from 'react';
import { allPages } from '../../../src/client/planeClient.ts';
import type { Job } from '../../../src/protocol/job.ts';
import { hasChildren } from '../../../src/protocol/jobTypes.ts';
import { useHost } from '../host/host.ts';
import { gathered } from './gathered.ts';
import { localLink } from './localLink.ts';

const none: ReadonlyMap<string, Job> = new Map();
/** With more changes than this at once the whole list is read again instead of single jobs. */
const fewChanges = 12;

/** The steps of a pipeline or the trials of a sweep, and theirs where a step is made of jobs itself, live; by name. Undefined until read; empty for other jobs. */
export function useDescendants(root: Job | undefined): ReadonlyMap<string, Job> | undefined {
  const { client, feed } = useHost();
  const [jobs, setJobs] = useState<ReadonlyMap<string, Job>>();
  const name = root && hasChildren(root) ? root.name : undefined;

  useEffect(() => {
    setJobs(undefined);
    if (name === undefined) return;
    let isCurrent = true;
    const known = new Map<string, Job>();
    const parents = new Set<string>();
    const changed = new Set<string>();
    let readAll = true;

    const list = async (parent: string): Promise<void> => {
      parents.add(parent);
      const pages = allPages<Job>((next) => client.listJobs({ parent, listViewType: 'All', top: 500 }, next && localLink(next)));
      for await (const job of pages) {
        known.set(job.name, job);
        if (hasChildren(job)) await list(job.name);
      }
    };
    const reading = gathered(async () => {
      const names = [...changed];
      changed.clear();
      try {
        if (readAll || names.length > fewChanges) {
          readAll = false;
          await list(name);
        } else
          await Promise.all(
            names.map(async (each) => {
              const job = await client.getJob(each);
              known.set(each, job);
              if (hasChildren(job) && !parents.has(each)) await list(each);
            }),
          );
      } catch {
        // The feed's reconnect, or the step's next change, brings it again; the page itself says that the plane is gone.
        readAll = true;
      }
      if (isCurrent) setJobs(new Map(known));
    }, 150);
    reading.ask();
    const subscriptions = [
      feed.onDidChange((change) => {
        if (change.kind !== 'job' || change.parent === undefined || !parents.has(change.parent)) return;
        if (change.op === 'delete') known.delete(change.id);
        else changed.add(change.id);
        reading.ask();
      }),
      feed.onDidReset(() => {
        readAll = true;
        reading.ask();
      }),
    ];
    return () => {
      isCurrent = false;
      reading.dispose();
      for (const subscription of subscriptions) subscription.dispose();
    };
  }, [client, feed, name]);

  return name === undefined && root ? none : jobs;
}
