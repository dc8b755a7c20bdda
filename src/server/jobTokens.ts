import { createHmac } from 'node:crypto';
import { UserError } from '../base/userError.ts';
import { isTerminal } from '../protocol/job.ts';
import { type JobPrincipal, jobPrincipal } from '../protocol/principal.ts';
import type { JobOwner, Store, StoredJob } from '../store/store.ts';
import { isSameSecret } from './isSameSecret.ts';

const prefix = 'job.';

/**
 * The tokens of jobs: `job.NAME.MADE.CLAIM.SIGNATURE`, signed with a key derived from the plane's token. `MADE` is when the job was created, so the token does not open a later job of the same name;
 * `CLAIM` is the number of the claim that it was made for. Tokens are not stored. A token is valid until its job ends, or until the job is taken from the runner that claimed it; it survives a restart of the
 * plane. When a job is taken from its runner, the command may still run for a while; its token is refused from then on.
 */
export class JobTokens {
  private readonly key: Buffer;
  private readonly store: Pick<Store, 'ownerOfJob'>;

  constructor(token: string, store: Pick<Store, 'ownerOfJob'>) {
    this.key = createHmac('sha256', token).update('job tokens').digest();
    this.store = store;
  }

  issue({ name, createdAt, claim }: Pick<StoredJob, 'name' | 'createdAt' | 'claim'>): string {
    const subject = `${name}.${createdAt}.${claim}`;
    return `${prefix}${subject}.${this.signature(subject)}`;
  }

  /** The job whose token this is; undefined for any other text. Throws `Unauthorized` when the job has ended, is gone, or was taken from the runner whose claim this was. */
  async principalOf(token: string): Promise<JobPrincipal | undefined> {
    const [, name, made, number, signature] = /^job\.(.+)\.(\d+)\.(\d+)\.([\w-]+)$/.exec(token) ?? [];
    if (name === undefined || !isSameSecret(signature!, this.signature(`${name}.${made}.${number}`))) return undefined;
    const claim = Number(number);
    const found = await this.store.ownerOfJob(name);
    const end = String(found?.createdAt) === made ? whyOver(name, claim, found) : whyOver(name, claim);
    if (end !== undefined) throw over(end);
    return jobPrincipal(name, claim, found!.workspace, found!.user);
  }

  /** Throws as `principalOf` does, where a job's token is not good any more. */
  async check({ job, claim }: JobPrincipal): Promise<void> {
    const end = await this.endOf(job, claim);
    if (end !== undefined) throw over(end);
  }

  /** Why a claim of a job, and what was signed in its name, is good no more; undefined while it is. */
  async endOf(job: string, claim: number): Promise<string | undefined> {
    return whyOver(job, claim, await this.store.ownerOfJob(job));
  }

  private signature(subject: string): string {
    return createHmac('sha256', this.key).update(subject).digest('base64url');
  }
}

const over = (end: string) => new UserError('Unauthorized', `${end}, and this token with it.`);

function whyOver(name: string, claim: number, found?: JobOwner): string | undefined {
  if (!found || isTerminal(found.status)) return `The job ${name} has ended`;
  return found.claim === claim && found.claimedBy !== null ? undefined : `The job ${name} was taken from its runner`;
}
