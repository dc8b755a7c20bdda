import { createHmac } from 'node:crypto';
import { UserError } from '../base/userError.ts';
import { isTerminal } from '../protocol/job.ts';
import { jobPrincipal, type Principal } from '../protocol/principal.ts';
import type { Store } from '../store/store.ts';
import { sameText } from './sameText.ts';

const prefix = 'job.';

/**
 * The tokens that jobs get instead of the plane's: `job.NAME.SIGNATURE`, signed with a key that follows from the plane's own token. Nothing is kept of them: one is good as long as
 * its job has not ended, over restarts of the plane too.
 */
export class JobTokens {
  private readonly key: Buffer;
  private readonly store: Pick<Store, 'ownerOfJob'>;

  constructor(token: string, store: Pick<Store, 'ownerOfJob'>) {
    this.key = createHmac('sha256', token).update('job tokens').digest();
    this.store = store;
  }

  issue(job: string): string {
    return `${prefix}${job}.${this.signature(job)}`;
  }

  /** The job whose token this is; undefined for any other text. Throws `Unauthorized` when the job has ended or is gone. */
  async principalOf(token: string): Promise<Principal | undefined> {
    const end = token.lastIndexOf('.');
    if (!token.startsWith(prefix) || end <= prefix.length) return undefined;
    const job = token.slice(prefix.length, end);
    if (!sameText(token.slice(end + 1), this.signature(job))) return undefined;
    const found = await this.store.ownerOfJob(job);
    if (!found || isTerminal(found.status)) throw new UserError('Unauthorized', `The job ${job} has ended, and with it its token.`);
    return jobPrincipal(job, found.workspace, found.user);
  }

  private signature(job: string): string {
    return createHmac('sha256', this.key).update(job).digest('base64url');
  }
}
