import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Emitter } from '../../base/event.ts';
import type { FoundRuns, RunQuery } from '../runQuery.ts';
import type { Point, Store, StoreWriter } from '../store.ts';
import { GroupCommit } from './groupCommit.ts';
import { type PyramidSizes, usualSizes } from './metrics/extent.ts';
import { Metrics } from './metrics/metrics.ts';
import { PointBatch } from './metrics/pointBatch.ts';
import { migrate } from './migrations.ts';
import { SqliteReader } from './reader.ts';
import { RunSearch } from './search/runSearch.ts';
import { Sql } from './sql.ts';
import { SqliteWriter } from './writer.ts';

/** A run that got no points for this long is sealed. */
const quietMs = 10_000;
const sealsAtOnce = 50;
/** Newest changes that a feed can still start from; one that is further behind starts anew. */
const changesKept = 100_000;
const pagesAtOnce = 2000;

/** Opens (and makes, or brings up to date) the database of a data folder. `sizes` are for a new series; those of a store should stay. */
export function openSqliteStore(dataFolder: string, sizes: PyramidSizes = usualSizes): Store {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = path.join(dataFolder, 'updraft.db');
  const db = new DatabaseSync(file);
  // FULL: an answered write is on the disk, not only handed to the system. Pages of what was deleted are given back bit by bit (auto_vacuum).
  db.exec(
    `PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;
     PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 8388608;`,
  );
  migrate(db, dataFolder);
  const sql = new Sql(db);
  const search = new RunSearch(sql);
  return new SqliteStore(sql, new Metrics(sql, search, sizes), search, file);
}

class SqliteStore extends SqliteReader implements Store {
  private readonly file: string;
  private readonly writer: SqliteWriter;
  private readonly group: GroupCommit;
  private readonly batch: PointBatch;
  private readonly commits = new Emitter<number>();
  private readonly upkeep: NodeJS.Timeout;
  private seenByUpkeep = 0;
  readonly onDidCommit = this.commits.event;

  constructor(sql: Sql, metrics: Metrics, search: RunSearch, file: string) {
    super(sql, metrics, search);
    this.file = file;
    this.writer = new SqliteWriter(sql, metrics, search);
    this.batch = new PointBatch(this.writer, metrics);
    let seen = this.seq();
    this.group = new GroupCommit(sql.db, {
      begin: () => {
        search.begin();
        metrics.begin();
        this.writer.begin();
      },
      beforeCommit: () => {
        this.writer.begin();
        this.batch.write();
      },
      afterCommit: () => {
        search.commit();
        for (const run of metrics.takeFull()) this.seal(run);
        const seq = this.seq();
        if (seq === seen) return;
        seen = seq;
        this.commits.fire(seq);
      },
      undone: (all) => {
        search.undo();
        this.writer.begin();
        metrics.undone(all);
      },
      failed: () => {
        search.rollback();
        this.batch.clear();
      },
    });
    this.upkeep = setInterval(() => this.keepUp(), quietMs / 2).unref();
  }

  write<T>(work: (writer: StoreWriter) => T): Promise<T> {
    return this.group.run(() => work(this.writer));
  }

  override searchRuns(query: RunQuery): FoundRuns {
    // The latest values that only the write-ahead part has yet go into their table first.
    if (this.metrics.latest.isBehind) this.group.now(() => this.metrics.latest.follow());
    return super.searchRuns(query);
  }

  logPoints(job: string, points: Point[]): Promise<void> {
    return this.group.run(() => this.batch.add(job, points), true);
  }

  async maintain(what: 'seal' | 'compact'): Promise<void> {
    const runs = what === 'seal' ? this.metrics.quiet(0) : this.all('SELECT serial FROM jobs').map(({ serial }) => serial as number);
    // A few at a time: one flush to disk serves them, and requests come in between.
    for (let i = 0; i < runs.length; i += sealsAtOnce)
      await this.group.run(() => {
        for (const run of runs.slice(i, i + sealsAtOnce)) this.metrics[what](run);
      });
    if (what === 'seal') return;
    await this.group.run(() => this.sql.run('DELETE FROM metric_keys WHERE id NOT IN (SELECT key FROM latest)'));
    this.metrics.directory.forgetAll();
    this.sql.db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  }

  size(): number {
    return ['', '-wal'].reduce((sum, end) => sum + (statSync(`${this.file}${end}`, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  /** What fails here (a full disk) leaves the points in the write-ahead part, where they are as safe; the next upkeep tries again. */
  private seal(run: number): void {
    this.group.run(() => this.metrics.seal(run)).catch(() => {});
  }

  /** Between requests, a little at a time. */
  private keepUp(): void {
    for (const run of this.metrics.quiet(quietMs).slice(0, sealsAtOnce)) this.seal(run);
    const seq = this.seq();
    if (this.oldestSeq() < seq - 1.1 * changesKept)
      this.group.run(() => this.sql.run('DELETE FROM changes WHERE seq <= ?', seq - changesKept)).catch(() => {});
    if (seq !== this.seenByUpkeep) {
      this.seenByUpkeep = seq;
      return;
    }
    // Nothing was written since the last time: pages of what was deleted go back to the disk, then the write-ahead log does.
    try {
      if (this.one('PRAGMA freelist_count')!.freelist_count > 0) this.sql.db.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
      this.sql.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk, or a reader in the way: the next time is as good.
    }
  }

  async close(): Promise<void> {
    clearInterval(this.upkeep);
    await this.group.end();
    this.commits.dispose();
    if (this.sql.db.isOpen) this.sql.db.close();
  }
}
