import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';
import { asDiskFull } from '../diskFull.ts';
import { whileBusy } from './whileBusy.ts';

interface Waiting {
  work: () => unknown | Promise<unknown>;
  /** Waits for nothing, and throws before its first write or never, so it needs no savepoint. */
  isSimple: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export interface GroupHooks {
  /** A write begins that may be taken back alone. */
  begin(): void;
  /** The transaction has begun. */
  begun(): void;
  /** Last writes of the transaction. */
  beforeCommit(): void;
  afterCommit(): void;
  /** The write that began last, or all of them, was taken back. */
  undone(all: boolean): void;
  /** The whole transaction was taken back. */
  failed(): void;
}

/** The part of a transaction's time that is worth to be waited for its companions, and the most, in ms. */
const patience = 0.15;
const mostPatience = 10;

/** The write whose work is running. Before Node 24 knowing it would slow down every promise of the process. */
const current =
  Number.parseInt(process.versions.node, 10) >= 24 ? new AsyncLocalStorage<{ group: GroupCommit; isOver: boolean }>() : undefined;

/**
 * Collects writes that arrive together into one transaction, so that one flush to disk serves them all. They run one after the other, each with a savepoint of its own: one
 * that throws is undone alone. A write that is begun by the work of another would wait for itself, so it is refused (on Node 24 and later).
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private readonly db: DatabaseSync;
  private readonly hooks: GroupHooks;
  private readonly statements: Record<'begin' | 'commit' | 'savepoint' | 'release', StatementSync>;
  private idle: (() => void)[] = [];
  private outside: (() => void)[] = [];
  private ending = false;
  private isCommitting = false;
  /** How many writes the last transaction had, and how long it took. */
  private last = { writers: 0, ms: 0 };
  private began = 0;

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

  run<T>(work: () => T | Promise<T>, isSimple = false): Promise<T> {
    if (this.ending)
      return Promise.reject(new UserError('PlaneUnreachable', 'The control plane is ending; nothing of this request was kept.'));
    const around = current?.getStore();
    if (around?.group === this && !around.isOver)
      return Promise.reject(new Error('A write inside a write would wait for itself: use the writer that the outer one was given.'));
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, isSimple, resolve: resolve as (value: unknown) => void, reject });
      if (this.waiting.length === 1 && !this.isCommitting) this.begin();
    });
  }

  /** After the input that is ready now was read: whatever it asks for joins the same transaction. */
  private begin(): void {
    const since = performance.now();
    setImmediate(() => this.gather(since));
  }

  /**
   * Writers who wait for their answers send their next writes together, a moment after each other. Where a flush is slow, a little patience lets one serve all those
   * that the last one did; a writer who is alone never waits.
   */
  private gather(since: number): void {
    if (this.waiting.length < this.last.writers && performance.now() - since < Math.min(this.last.ms * patience, mostPatience))
      setImmediate(() => this.gather(since));
    // What fails is told to those whose writes they are.
    else this.commit().catch(() => {});
  }

  /** Takes no more; settles when nothing waits. */
  end(): Promise<void> {
    this.ending = true;
    return this.waiting.length === 0 && !this.isCommitting ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  /** Runs what SQLite does in no transaction when none is open. */
  between<T>(work: () => T): Promise<T> {
    return whileBusy(async () => {
      if (this.isCommitting) await new Promise<void>((resolve) => this.outside.push(resolve));
      return work();
    });
  }

  /** What fails is told to those whose writes they are. */
  private async commit(): Promise<void> {
    const group = this.waiting;
    this.waiting = [];
    this.isCommitting = true;
    try {
      // A full disk (or a failed read) makes SQLite undo the whole transaction, not one savepoint: then each write has one of its own.
      if (!(await this.inOneTransaction(group))) for (const each of group) await this.inOneTransaction([each]);
    } finally {
      this.last = { writers: group.length, ms: performance.now() - this.began };
      this.isCommitting = false;
      for (const resolve of this.outside.splice(0)) resolve();
      if (this.waiting.length > 0) this.begin();
      else for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  /** Commits a group and settles its writes. False, with nothing settled, when SQLite undid the transaction because of one of them. */
  private async inOneTransaction(group: Waiting[]): Promise<boolean> {
    const { commit, savepoint, release } = this.statements;
    const settle: (() => void)[] = [];
    // A write that is alone is taken back with its transaction.
    const isAlone = group.length === 1;
    try {
      await this.beginTransaction();
      this.hooks.begun();
      for (const { work, isSimple, resolve, reject } of group) {
        const isMarked = !isSimple && !isAlone;
        if (isMarked) savepoint.run();
        if (!isSimple) this.hooks.begin();
        const write = { group: this, isOver: false };
        try {
          const value = isSimple ? work() : await (current ? current.run(write, work) : work());
          if (isMarked) release.run();
          settle.push(() => resolve(value));
        } catch (error) {
          if (isAlone) throw error;
          if (!this.db.isTransaction) {
            this.hooks.undone(true);
            this.hooks.failed();
            return false;
          }
          if (isMarked) {
            this.db.exec('ROLLBACK TO one; RELEASE one');
            this.hooks.undone(false);
          }
          settle.push(() => reject(lost(error)));
        } finally {
          write.isOver = true;
        }
      }
      this.hooks.beforeCommit();
      commit.run();
    } catch (error) {
      try {
        if (this.db.isTransaction) this.db.exec('ROLLBACK');
        this.hooks.undone(!isAlone);
        this.hooks.failed();
      } finally {
        for (const { reject } of group) reject(lost(error));
      }
      return true;
    }
    for (const done of settle) done();
    this.hooks.afterCommit();
    return true;
  }

  private async beginTransaction(): Promise<void> {
    await whileBusy(() => this.statements.begin.run());
    this.began = performance.now();
  }
}

const lost = (error: unknown): unknown => asDiskFull(error, 'nothing of this request was kept');
