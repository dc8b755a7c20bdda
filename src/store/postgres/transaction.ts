import type pg from 'pg';
import type { NewChange } from '../changes.ts';
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
  /** How many writes of rows it has had: what was read before may have changed with each. */
  writes = 0;
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

  /** Nothing is wrong with the work: the transaction as a whole has to be done anew. */
  get isLost(): boolean {
    return this.failure !== undefined && (isAway(this.failure) || isCrossed(this.failure));
  }
}
