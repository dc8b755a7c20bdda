import { useMemo } from 'react';
import type { UserError } from '../../src/base/userError.ts';
import type { Job } from '../../src/protocol/job.ts';
import { useDescendants } from '../shared/live/descendants.ts';
import { useLive } from '../shared/live/useLive.ts';

export interface LiveJob {
  job?: Job;
  error?: UserError;
  parent?: Job;
  /** Its steps or trials, and theirs, by name. Undefined until they are read. */
  descendants?: ReadonlyMap<string, Job>;
  /** The same, as they were made. */
  steps?: readonly Job[];
}

/** A job with those around it, live. */
export function useJob(name: string): LiveJob {
  const { value: job, error } = useLive(
    `job ${name}`,
    (client) => client.getJob(name),
    (change) => change.kind === 'job' && change.id === name,
  );
  const parentName = job?.properties.parentJobName;
  const { value: parent } = useLive(
    `parent ${parentName ?? ''}`,
    async (client) => (parentName ? client.getJob(parentName) : undefined),
    (change) => change.kind === 'job' && change.id === parentName,
  );
  const descendants = useDescendants(job);
  const steps = useMemo(() => descendants && inOrder([...descendants.values()]), [descendants]);
  return {
    ...(job ? { job } : {}),
    ...(error ? { error } : {}),
    ...(parent ? { parent } : {}),
    ...(descendants ? { descendants } : {}),
    ...(steps ? { steps } : {}),
  };
}

const inOrder = (jobs: Job[]): Job[] =>
  jobs.sort((a, b) => (a.systemData?.createdAt ?? '').localeCompare(b.systemData?.createdAt ?? '') || a.name.localeCompare(b.name));
