import { useLayoutEffect, useState } from 'react';
import { isNotFound } from '../../../src/client/feed/lookUps.ts';
import { allPages } from '../../../src/client/planeClient.ts';
import type { Job } from '../../../src/protocol/job.ts';
import { hasChildren } from '../../../src/protocol/jobTypes.ts';
import { useHost } from '../host/host.ts';
import { liveReading } from './liveReading.ts';
import { localLink } from './localLink.ts';

const none: ReadonlyMap<string, Job> = new Map();
/** With more changes than this at once the whole list is read again instead of single jobs. */
const fewChanges = 12;

/** The steps of a pipeline or the trials of a sweep, and theirs where a step is made of jobs itself, live; by name. Undefined until read; empty for other jobs. */
export function useDescendants(root: Job | undefined): ReadonlyMap<string, Job> | undefined {
  const { client, feed } = useHost();
  const [jobs, setJobs] = useState<ReadonlyMap<string, Job>>();
  const name = root && hasChildren(root) ? root.name : undefined;

  useLayoutEffect(() => {
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
    const readOne = async (each: string): Promise<void> => {
      try {
        const job = await client.getJob(each);
        known.set(each, job);
        if (hasChildren(job) && !parents.has(each)) await list(each);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        known.delete(each);
      }
    };
    const reading = liveReading(feed, {
      restMs: 150,
      concerns(change) {
        if (change.kind !== 'job' || change.parent === undefined || !parents.has(change.parent)) return false;
        changed.add(change.id);
        return true;
      },
      onReset() {
        readAll = true;
      },
      async read() {
        const names = [...changed];
        const isAll = readAll || names.length > fewChanges;
        changed.clear();
        readAll = false;
        try {
          if (isAll) {
            known.clear();
            await list(name);
          } else await Promise.all(names.map(readOne));
        } catch (error) {
          // The page itself says that the plane is gone.
          readAll = true;
          throw error;
        } finally {
          if (isCurrent && !readAll) setJobs(new Map(known));
        }
      },
    });
    return () => {
      isCurrent = false;
      reading.dispose();
    };
  }, [client, feed, name]);

  return name === undefined && root ? none : jobs;
}
