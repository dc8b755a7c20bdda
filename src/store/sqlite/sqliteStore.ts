import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import type { JobStatus } from '../../protocol/job.ts';
import { type Principal, thePlane } from '../../protocol/principal.ts';
import { changeOf } from '../changes.ts';
import { type PyramidSizes, usualSizes } from '../metrics/extent.ts';
import type { MetricStore } from '../metrics/metricStore.ts';
import { claimOf } from '../rows.ts';
import type { Claim, JobOwner, Store, WorkspaceStore } from '../store.ts';
import { ChangeLog } from './changeLog.ts';
import { CommitNews } from './commitNews.ts';
import { Epochs } from './epochs.ts';
import { GroupCommit } from './groupCommit.ts';
import { MetricReader } from './metrics/metricReader.ts';
import { MetricWriter } from './metrics/metricWriter.ts';
import { PointBatch } from './metrics/pointBatch.ts';
import { SqliteMetricStore } from './metrics/sqliteMetricStore.ts';
import { migrate } from './migrations.ts';
import { ReadCaches } from './readCaches.ts';
import { claimColumns, jobBySerial } from './reader.ts';
import { SqliteRunSearch } from './search/sqliteRunSearch.ts';
import { Sql } from './sql.ts';
import { SqliteWorkspaceStore } from './workspaceStore.ts';
import { SqliteWriter } from './writer.ts';

/** A run that got no points for this long is sealed. */
const quietMs = 10_000;
const sealsAtOnce = 50;
/** Newest changes that a feed can still start from; one that is further behind starts anew. */
const changesKept = 100_000;
const pagesAtOnce = 2000;

export interface SqliteStores {
  store: Store;
  metrics: MetricStore;
  /** Bytes of the database on the disk. */
  size(): number;
}

/** Opens (and makes, or brings up to date) the database of a data folder. `sizes` are for a new series; those of a store should stay. */
export function openSqliteStore(dataFolder: string, sizes: PyramidSizes = usualSizes): SqliteStores {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = path.join(dataFolder, 'updraft.db');
  const db = new DatabaseSync(file, { timeout: 10_000 });
  // Pages of what was deleted are given back bit by bit. Asked of a database that is there, this would be a write, and wait for those of other processes.
  if (db.prepare('PRAGMA page_count').get()!.page_count === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  // FULL: an answered write is on the disk, not only handed to the system.
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
     PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 8388608;`,
  );
  migrate(db, dataFolder);
  // From here on `whileBusy` waits for other processes.
  db.exec('PRAGMA busy_timeout = 0');
  // A connection of its own sees what is committed, and nothing else.
  const reading = new DatabaseSync(file, { readOnly: true });
  reading.exec('PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8000');
  const store = new SqliteStore(new Sql(db), new Sql(reading), sizes);
  return { store, metrics: store.metrics, size: () => sizeOf(file) };
}

const sizeOf = (file: string): number =>
  ['', '-wal'].reduce((sum, end) => sum + (statSync(`${file}${end}`, { throwIfNoEntry: false })?.size ?? 0), 0);

class SqliteStore implements Store {
  readonly metrics: SqliteMetricStore;
  private readonly writing: Sql;
  private readonly reading: Sql;
  private readonly reader: MetricReader;
  private readonly points: MetricWriter;
  private readonly log: ChangeLog;
  private readonly epochs: Epochs;
  private hasBegunEpoch = false;
  private readonly search: SqliteRunSearch;
  private readonly caches: ReadCaches;
  private readonly group: GroupCommit;
  private readonly commits: CommitNews;
  private readonly upkeep: NodeJS.Timeout;
  private seenByUpkeep = 0;
  /** SQLite's mark of the last transaction of another process that `points` knows of. */
  private version: number;
  readonly onDidCommit: Store['onDidCommit'];

  constructor(writing: Sql, reading: Sql, sizes: PyramidSizes) {
    this.writing = writing;
    this.reading = reading;
    this.reader = new MetricReader(reading, sizes);
    this.points = new MetricWriter(writing, sizes);
    this.log = new ChangeLog(writing);
    this.epochs = new Epochs(writing, reading);
    this.search = new SqliteRunSearch(reading, (run, key) => this.reader.extremes(run, key));
    this.caches = new ReadCaches(reading, this.reader, this.search);
    const batch = new PointBatch(this.points, this.log);
    this.commits = new CommitNews(() => this.seqRead());
    this.onDidCommit = this.commits.event;
    let seq = this.seqWritten();
    this.version = this.versionWritten();
    this.group = new GroupCommit(writing.db, {
      begin: () => this.points.begin(),
      begun: () => {
        if (!this.hasBegunEpoch) this.epochs.begin();
        // Another process has written: what is remembered may be wrong.
        const now = this.versionWritten();
        if (now === this.version) return;
        this.version = now;
        this.points.others();
      },
      beforeCommit: () => {
        batch.write();
        seq = this.seqWritten();
      },
      afterCommit: () => {
        this.hasBegunEpoch = true;
        for (const run of this.points.takeFull()) this.seal(run);
        this.commits.tell(seq, this.log.takeKinds());
      },
      undone: (all) => this.points.undone(all),
      failed: () => batch.clear(),
    });
    this.metrics = new SqliteMetricStore(this.reader, this.caches, {
      append: (asked, job, points) => this.group.run(() => batch.add(asked, job, points), true),
      maintain: (what) => this.maintain(what),
    });
    this.upkeep = setInterval(() => this.keepUp(), quietMs / 2).unref();
  }

  in(workspace: string, principal: Principal): WorkspaceStore {
    return new SqliteWorkspaceStore(this.reading, this.reader.directory, workspace, principal, {
      write: (work) => this.write(workspace, principal, work),
      writeAsOf: (work) => this.write(workspace, principal, async (writer) => ({ answer: await work(writer), seq: writer.newest() })),
      searchRuns: (query) =>
        this.overRuns(workspace, query, (ours) => {
          const { runs, next } = this.search.search(ours);
          return { jobs: runs.map((run) => jobBySerial(this.reading, run)), next };
        }),
      runTable: (query) => this.overRuns(workspace, query, (ours) => this.search.table(ours)),
      runGroups: (query) => this.overRuns(workspace, query, (ours) => this.search.groups(ours)),
      runKeys: (scope) => this.overRuns(workspace, scope, (ours) => this.search.keys(ours)),
    });
  }

  async seq(): Promise<number> {
    return this.seqRead();
  }

  async oldestSeq(): Promise<number> {
    return this.reading.one('SELECT min(seq) AS seq FROM changes')?.seq ?? 0;
  }

  async epoch(): Promise<string> {
    return this.epochs.newest();
  }

  async hasPlace(epoch: string, seq: number): Promise<boolean> {
    return this.epochs.has(epoch, seq);
  }

  async changes(since: number, limit: number, kinds?: readonly ChangeKind[]): Promise<Change[]> {
    const rows = kinds
      ? this.reading.all(
          'SELECT * FROM changes WHERE seq > ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?',
          since,
          JSON.stringify(kinds),
          limit,
        )
      : this.reading.all('SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?', since, limit);
    return rows.map(changeOf);
  }

  async countJobs(statuses: readonly JobStatus[]): Promise<number> {
    return this.reading.one(
      `SELECT count(*) AS n FROM jobs WHERE status IN (${statuses.map(() => '?').join(',')}) AND claimant IS NOT 'origin'`,
      ...statuses,
    )!.n;
  }

  async countOpenRuns(statuses: readonly JobStatus[], since = 0): Promise<number> {
    return this.reading.one(
      `SELECT count(*) AS n FROM jobs WHERE status IN (${statuses.map(() => '?').join(',')}) AND claimed_by IS NULL
       AND claimant IS NULL AND json_extract(properties, '$.jobType') = 'Command' AND json_extract(properties, '$.command') = '' AND created_at >= ?`,
      ...statuses,
      since,
    )!.n;
  }

  async claims(): Promise<Claim[]> {
    return this.reading.all(claimColumns).map(claimOf);
  }

  async ownerOfJob(name: string): Promise<JobOwner | undefined> {
    return this.reading.one(
      'SELECT workspace, user, status, created_at AS createdAt, claimed_by AS claimedBy, claim FROM jobs WHERE name = ?',
      name,
    ) as JobOwner | undefined;
  }

  async hasContent(sha256: string): Promise<boolean> {
    return this.reading.one('SELECT 1 AS x FROM blobs WHERE sha256 = ? LIMIT 1', sha256) !== undefined;
  }

  private write<T>(workspace: string, principal: Principal, work: (writer: SqliteWriter) => Promise<T>): Promise<T> {
    return this.group.run(async () => {
      const writer = new SqliteWriter(this.writing, this.points, this.log, workspace, principal);
      try {
        return await work(writer);
      } finally {
        writer.end();
      }
    });
  }

  /** One look at the runs of the experiments that are this workspace's own. */
  private async overRuns<Q extends { experimentIds: string[] | undefined }, T>(
    workspace: string,
    query: Q,
    work: (ours: Q & { experimentIds: string[] }) => T,
  ): Promise<T> {
    // The latest values that only the write-ahead part has yet go into their table first. Another process may have brought some.
    const isBehind = this.points.isBehind || this.versionWritten() !== this.version;
    const followed = isBehind ? await this.group.run(() => this.points.follow()) : [];
    return this.reading.look(() => {
      this.caches.refresh();
      for (const run of followed) this.search.note(run);
      const experimentIds = this.reading
        .all(
          'SELECT id FROM experiments WHERE workspace = ?1 AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))',
          workspace,
          query.experimentIds ? JSON.stringify(query.experimentIds) : null,
        )
        .map(({ id }) => String(id));
      return work({ ...query, experimentIds });
    });
  }

  async close(): Promise<void> {
    clearInterval(this.upkeep);
    await this.group.end();
    this.commits.dispose();
    for (const { db } of [this.reading, this.writing]) if (db.isOpen) db.close();
  }

  private async maintain(what: 'seal' | 'compact'): Promise<void> {
    const runs = what === 'seal' ? this.points.quiet(0) : this.writing.all('SELECT serial FROM jobs').map(({ serial }) => serial as number);
    // A few at a time: one flush to disk serves them, and requests come in between.
    for (let i = 0; i < runs.length; i += sealsAtOnce)
      await this.group.run(() => {
        for (const run of runs.slice(i, i + sealsAtOnce)) {
          this.points[what](run);
          this.tellMoved(run);
        }
      });
    if (what === 'seal') return;
    await this.group.between(() => this.writing.db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  /** What fails here (a full disk) leaves the points in the write-ahead part, where they are as safe; the next upkeep tries again. */
  private seal(run: number): void {
    this.group
      .run(() => {
        this.points.seal(run);
        this.tellMoved(run);
      })
      .catch(() => {});
  }

  /** A change without keys: whoever remembers points of the run by where they lie reads them anew. */
  private tellMoved(run: number): void {
    const job = this.writing.one('SELECT name, workspace, parent FROM jobs WHERE serial = ?', run);
    if (job)
      this.log.add({
        kind: 'metric',
        id: job.name,
        op: 'put',
        workspace: job.workspace,
        parent: job.parent,
        keys: [],
        run,
        principal: thePlane.id,
      });
  }

  /** Between requests, a little at a time. */
  private keepUp(): void {
    for (const run of this.points.quiet(quietMs).slice(0, sealsAtOnce)) this.seal(run);
    const seq = this.seqWritten();
    const oldest = this.writing.one('SELECT min(seq) AS seq FROM changes')?.seq ?? 0;
    if (oldest < seq - 1.1 * changesKept) this.group.run(() => this.log.prune(changesKept)).catch(() => {});
    if (seq !== this.seenByUpkeep) {
      this.seenByUpkeep = seq;
      return;
    }
    // What runs here would become part of an open write.
    if (this.writing.db.isTransaction) return;
    // Nothing was written since the last time: pages of what was deleted go back to the disk, then the write-ahead log does.
    try {
      if (this.writing.one('PRAGMA freelist_count')!.freelist_count > 0) this.writing.db.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
      this.writing.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk, or a reader in the way: the next time is as good.
    }
  }

  private seqRead(): number {
    return this.reading.one("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")?.seq ?? 0;
  }

  private seqWritten(): number {
    return this.writing.one('SELECT seq FROM sqlite_sequence WHERE name = ?', 'changes')?.seq ?? 0;
  }

  private versionWritten(): number {
    return this.writing.one('PRAGMA data_version')!.data_version;
  }
}
