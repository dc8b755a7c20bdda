import type { DatabaseSync } from 'node:sqlite';
import { asDiskFull } from '../diskFull.ts';

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
    // A full disk (or a failed read) makes SQLite undo the whole transaction, not one savepoint: then each write has one of its own.
    if (!this.inOneTransaction(group)) for (const each of group) this.inOneTransaction([each], true);
    this.afterCommit();
    if (this.waiting.length === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Commits a group and settles its writes. False, with nothing settled, when SQLite undid the transaction because of one of them. */
  private inOneTransaction(group: Waiting[], isAlone = false): boolean {
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
          if (!this.db.isTransaction) {
            if (!isAlone) return false;
            throw error;
          }
          this.db.exec('ROLLBACK TO one; RELEASE one');
          settle.push(() => reject(lost(error)));
        }
      }
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      for (const { reject } of group) reject(lost(error));
      return true;
    }
    for (const done of settle) done();
    return true;
  }
}

const lost = (error: unknown): unknown => asDiskFull(error, 'nothing of this request was kept');
