import { createHmac } from 'node:crypto';
import { UserError } from '../base/userError.ts';
import { isTerminal } from '../protocol/job.ts';
import { jobPrincipal, type Principal } from '../protocol/principal.ts';
import type { Store } from '../store/store.ts';
import { isSameSecret } from './isSameSecret.ts';

const prefix = 'job.';

/**
 * The tokens of jobs: `job.NAME.MADE.SIGNATURE`, signed with a key derived from the plane's token. `MADE` is when the job was created, so the token does not open a later job of the same name.
 * Tokens are not stored. A token is valid until its job ends, also after a restart of the plane.
 */
export class JobTokens {
  private readonly key: Buffer;
  private readonly store: Pick<Store, 'ownerOfJob'>;

  constructor(token: string, store: Pick<Store, 'ownerOfJob'>) {
    this.key = createHmac('sha256', token).update('job tokens').digest();
    this.store = store;
  }

  issue({ name, createdAt }: { name: string; createdAt: number }): string {
    const subject = `${name}.${createdAt}`;
    return `${prefix}${subject}.${this.signature(subject)}`;
  }

  /** The job whose token this is; undefined for any other text. Throws `Unauthorized` when the job has ended or is gone. */
  async principalOf(token: string): Promise<Principal | undefined> {
    const [, name, made, signature] = /^job\.(.+)\.(\d+)\.([\w-]+)$/.exec(token) ?? [];
    if (name === undefined || !isSameSecret(signature!, this.signature(`${name}.${made}`))) return undefined;
    const found = await this.store.ownerOfJob(name);
    if (!found || String(found.createdAt) !== made || isTerminal(found.status))
      throw new UserError('Unauthorized', `The job ${name} has ended, and with it its token.`);
    return jobPrincipal(name, found.workspace, found.user);
  }

  /** Whether there is such a job, and it has not ended. */
  async isOpen(job: string): Promise<boolean> {
    const found = await this.store.ownerOfJob(job);
    return found !== undefined && !isTerminal(found.status);
  }

  private signature(subject: string): string {
    return createHmac('sha256', this.key).update(subject).digest('base64url');
  }
}
