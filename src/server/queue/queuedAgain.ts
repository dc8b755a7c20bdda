import { jobProperty } from '../../protocol/job.ts';
import type { StoredJob } from '../../store/store.ts';

/** The job as it waits for its turn again after it gave way. Its log goes on, and says why. */
export function queuedAgain({ properties, status }: StoredJob): StoredJob['properties'] {
  const { [jobProperty.givesWayTo]: to, [jobProperty.gaveWay]: before, ...facts } = properties.properties ?? {};
  // What was only made ready has lost nothing.
  const gaveWay = Number(before ?? 0) + (status === 'Running' || status === 'Finalizing' ? 1 : 0);
  return {
    ...properties,
    properties: { ...facts, [jobProperty.gaveWay]: String(gaveWay) },
    progress: `Gave way to ${to}, a job of a higher tier: it waits for its turn again.`,
  } as StoredJob['properties'];
}
