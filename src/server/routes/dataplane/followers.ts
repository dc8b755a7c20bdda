import { isTerminal, type JobStatus } from '../../../protocol/job.ts';
import type { StoredJob } from '../../../store/store.ts';

/** A run that ended longer ago is nobody's to follow. */
const recentMs = 60_000;
/** Who has not asked again after that has stopped to follow. */
const absentMs = 120_000;

/**
 * Clients that follow runs by asking for their details again and again. Azure's SDK prints the log between two questions, and nothing of a run that has ended at the first. So who asks
 * first after the end is told that the run is *Finalizing*, and what it has become only when they ask again.
 */
export class Followers {
  /** When each client that will ask again has asked last, by client and run, the oldest first. */
  private readonly asking = new Map<string, number>();

  /** The status to tell this client, now that it asks. */
  told({ name, status, endedAt }: Pick<StoredJob, 'name' | 'status' | 'endedAt'>, client: string, now = Date.now()): JobStatus {
    const key = `${client} ${name}`;
    for (const [other, at] of this.asking) {
      if (now - at < absentMs) break;
      this.asking.delete(other);
    }
    const isFollowing = this.asking.delete(key);
    const isEnd = isTerminal(status);
    if (isEnd && (isFollowing || endedAt === null || now - endedAt > recentMs)) return status;
    this.asking.set(key, now);
    return isEnd ? 'Finalizing' : status;
  }
}
