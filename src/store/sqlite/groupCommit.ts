import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';

interface Waiting {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Collects writes that arrive together into one transaction, so that one flush to disk serves them all. Each has a savepoint of its own: one that throws is undone alone.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private readonly db: DatabaseSync;
  private readonly afterCommit: () => void;
  private idle: (() => void)[] = [];

  constructor(db: DatabaseSync, afterCommit: () => void) {
    this.db = db;
    this.afterCommit = afterCommit;
  }

  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      // After the input that is ready now was read: whatever it asks for joins the same transaction.
      if (this.waiting.length === 1) setImmediate(() => this.commit());
    });
  }

  /** Settles when nothing waits. */
  whenIdle(): Promise<void> {
    return this.waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  private commit(): void {
    const group = this.waiting;
    this.waiting = [];
    const settle: (() => void)[] = [];
    try {
      this.db.exec('BEGIN IMMEDIATE');
      for (const { work, resolve, reject } of group) {
        this.db.exec('SAVEPOINT one');
        try {
          const value = work();
          this.db.exec('RELEASE one');
          settle.push(() => resolve(value));
        } catch (error) {
          this.db.exec('ROLLBACK TO one; RELEASE one');
          settle.push(() => reject(asUserError(error)));
        }
      }
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      for (const { reject } of group) reject(asUserError(error));
      this.settleIdle();
      return;
    }
    for (const done of settle) done();
    this.afterCommit();
    this.settleIdle();
  }

  private settleIdle(): void {
    if (this.waiting.length === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}

/** SQLITE_FULL is 13: https://www.sqlite.org/rescode.html */
function asUserError(error: unknown): unknown {
  const code = (error as { errcode?: number }).errcode;
  return code === 13
    ? new UserError(
        'DiskFull',
        'The disk that holds the data folder is full; nothing of this request was kept.',
        'Free some space and try again.',
      )
    : error;
}
