import { copyHeartbeatMs, originOf, placeOfOrigin } from '../../protocol/copiedJob.ts';
import { isTerminal } from '../../protocol/job.ts';
import type { StoredJob } from '../../store/store.ts';
import type { Services } from '../services.ts';
import { heardAt } from './news.ts';

/** Milliseconds without a word after which a copy says so: two words may get lost. */
const silentAfterMs = 3 * copyHeartbeatMs;
/** Steps within steps that are looked through: runs may be written so that they lie below each other in a circle. */
const mostAbove = 20;

/** Of the copy of a job that has not ended: since when nobody has told how the job is, in one line; undefined while it is told. */
export async function silenceOf(job: StoredJob, { store, clock }: Services): Promise<string | undefined> {
  const origin = originOf(job.properties);
  if (origin === undefined || isTerminal(job.status)) return undefined;
  // Steps are told of when they change; that all is well is said of the whole alone.
  let root = job;
  for (let above = 0; root.parent !== null && above < mostAbove; above++) {
    const parent = await store.job(root.parent);
    if (!parent) break;
    root = parent;
  }
  const at = heardAt(root.properties);
  if (!(clock.now() - at >= silentAfterMs)) return undefined;
  return `Last heard of on ${new Date(at).toISOString().slice(0, 16).replace('T', ' at ')} UTC. It runs in ${placeOfOrigin(origin)}.`;
}
