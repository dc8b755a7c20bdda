import type pg from 'pg';
import { UserError } from '../../base/userError.ts';
import type { NewChange } from '../changes.ts';
import type { Lease } from '../leases.ts';
import { ClientRows, isAway, isCrossed } from './connection.ts';
import { PointBatch } from './metrics/pointBatch.ts';
import type { Value } from './rows.ts';

/** Statements of the transaction that is open in a connection, and the changes that it is going to tell. */
export class Transaction extends ClientRows {
  readonly changes: NewChange[] = [];
  /** Done once it is committed. */
  readonly afterwards: (() => void)[] = [];
  /** Points that wait for its end. */
  readonly points: PointBatch = new PointBatch(this);
  /** Of the workspaces that are written in: those that were deleted, and those that are being purged. */
  deleted: ReadonlySet<string> = new Set();
  purged: ReadonlySet<string> = new Set();
  /** How many writes of rows it has had: what was read before may have changed with each. */
  writes = 0;
  /** Without these it must not be committed. */
  readonly leases: Lease[] = [];
  private isMarked = false;
  /** Why the transaction, or the part of it since the last savepoint, can't be committed. */
  failure: unknown;

  protected override async send(sql: string, values: readonly Value[]): Promise<pg.QueryResult> {
    try {
      return await super.send(sql, values);
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }

  /** From here on `undo` takes back what is written. */
  async mark(): Promise<void> {
    const sql = this.isMarked ? 'RELEASE SAVEPOINT one; SAVEPOINT one' : 'SAVEPOINT one';
    try {
      await this.client.query(sql);
      this.isMarked = true;
    } catch (error) {
      // The mark that is there is that of a write before.
      this.isMarked = false;
      this.failure ??= error;
      throw error;
    }
  }

  /** Throws where another process has taken the lease. Whether it does so before the commit is asked again then. */
  async mustHave(lease: Lease): Promise<void> {
    const found = await this.one('SELECT 1 AS x FROM leases WHERE name = $1 AND term = $2', lease.name, lease.term);
    if (!found)
      throw new UserError(
        'PlaneUnreachable',
        `Another server of the control plane has taken over (${lease.name}); nothing of this request was kept.`,
        'Ask that one.',
      );
    if (!this.leases.some(({ name, term }) => name === lease.name && term === lease.term)) this.leases.push(lease);
  }

  /** Takes back what was written since `mark`, and why that could not be committed. Where there is no mark, the whole transaction can't be. */
  async undo(): Promise<void> {
    if (!this.isMarked) return;
    this.failure = undefined;
    await this.client.query('ROLLBACK TO SAVEPOINT one').catch((error) => {
      this.failure = error;
    });
  }

  /** Nothing is wrong with the work: the transaction as a whole has to be done anew. */
  get isLost(): boolean {
    return this.failure !== undefined && (isAway(this.failure) || isCrossed(this.failure));
  }
}
