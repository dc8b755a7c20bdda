import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';

interface Waiting {
  work: () => unknown;
  /** Throws before its first write or never, so it needs no savepoint. */
  isSimple: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export interface GroupHooks {
  /** Last writes of the transaction. */
  beforeCommit(): void;
  afterCommit(): void;
  /** One write, or all of them, was taken back. */
  undone(): void;
  /** The whole transaction was taken back. */
  failed(): void;
}

/**
 * Collects writes that arrive together into one transaction, so that one flush to disk serves them all. Each has a savepoint of its own: one that throws is undone alone.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private readonly db: DatabaseSync;
  private readonly hooks: GroupHooks;
  private readonly statements: Record<'begin' | 'commit' | 'savepoint' | 'release', StatementSync>;
  private idle: (() => void)[] = [];

  constructor(db: DatabaseSync, hooks: GroupHooks) {
    this.db = db;
    this.hooks = hooks;
    this.statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      savepoint: db.prepare('SAVEPOINT one'),
      release: db.prepare('RELEASE one'),
    };
  }

  run<T>(work: () => T, isSimple = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, isSimple, resolve: resolve as (value: unknown) => void, reject });
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
    const { begin, commit, savepoint, release } = this.statements;
    const settle: (() => void)[] = [];
    try {
      begin.run();
      for (const { work, isSimple, resolve, reject } of group) {
        if (!isSimple) savepoint.run();
        try {
          const value = work();
          if (!isSimple) release.run();
          settle.push(() => resolve(value));
        } catch (error) {
          if (!isSimple) {
            this.db.exec('ROLLBACK TO one; RELEASE one');
            this.hooks.undone();
          }
          settle.push(() => reject(asUserError(error)));
        }
      }
      this.hooks.beforeCommit();
      commit.run();
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      this.hooks.undone();
      this.hooks.failed();
      for (const { reject } of group) reject(asUserError(error));
      this.settleIdle();
      return;
    }
    for (const done of settle) done();
    this.hooks.afterCommit();
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
