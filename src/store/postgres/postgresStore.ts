import type { JobStatus } from '../../protocol/job.ts';
import type { Principal } from '../../protocol/principal.ts';
import type { Lease, Leases } from '../leases.ts';
import type { Logs } from '../logs.ts';
import { type PyramidSizes, usualSizes } from '../metrics/extent.ts';
import type { MetricStore } from '../metrics/metricStore.ts';
import { fullAt } from '../metrics/sealing.ts';
import { claimOf } from '../rows.ts';
import type { Claim, JobOwner, Store, StoreWriter, WorkspaceStore } from '../store.ts';
import type { WrongTries } from '../wrongTries.ts';
import { ChangeLog } from './changeLog.ts';
import { CommitNews } from './commitNews.ts';
import { connect, type PostgresPlace } from './connection.ts';
import { hashOf } from './joinPlane.ts';
import { MetricKeys } from './metrics/metricKeys.ts';
import type { Appended } from './metrics/pointBatch.ts';
import { PostgresMetricStore } from './metrics/postgresMetricStore.ts';
import { sealRun } from './metrics/sealRun.ts';
import { mustBeKnown } from './migrations.ts';
import { PostgresLeases } from './postgresLeases.ts';
import { PostgresLogs } from './postgresLogs.ts';
import { PostgresWrongTries } from './postgresWrongTries.ts';
import { claimColumns, jobsBySerial } from './reader.ts';
import { Reading } from './reading.ts';
import { PostgresRunSearch } from './search/postgresRunSearch.ts';
import { whileAway } from './whileAway.ts';
import { PostgresWorkspaceStore } from './workspaceStore.ts';
import { WriteGroups, type Written } from './writeGroups.ts';
import { PostgresWriter } from './writer.ts';

/** A run that got no points for this long is sealed. */
const quietMs = 10_000;
const sealsAtOnce = 50;
/** How often what other processes left unsealed is looked for. */
const recountMs = 60_000;
/** Newest changes that a feed can still start from; one that is further behind starts anew. */
const changesKept = 100_000;

export interface PostgresStores {
  store: Store;
  metrics: MetricStore;
  logs: Logs;
  leases: Leases;
  wrongTries: WrongTries;
  /** Settles when the database has answered, and its schema is up to date; rejects with what keeps it from that. */
  ready(): Promise<void>;
  /** Whether the token of the plane is still this one. */
  hasToken(token: string): Promise<boolean>;
  /** Asks the database; throws where it does not answer, or a later Updraft has written it. */
  look(): Promise<void>;
  /** Bytes that the schema takes in the database. */
  size(): Promise<number>;
}

/** The rows and metrics of a plane in PostgreSQL. Connections are made when they are needed. `sizes` are for a new series; those of a store should stay. */
export function openPostgresStore(place: PostgresPlace, sizes: PyramidSizes = usualSizes): PostgresStores {
  const store = new PostgresStore(place, sizes);
  return {
    store,
    metrics: store.metrics,
    logs: store.logs,
    leases: store.leases,
    wrongTries: store.wrongTries,
    ready: () => store.ready(),
    hasToken: (token) => store.hasToken(token),
    look: () => store.look(),
    size: () => store.size(),
  };
}

/** What of a run waits to be sealed, as far as this process knows. */
interface Logged {
  records: number;
  points: number;
  /** `performance.now()` of the last write. */
  at: number;
}

class PostgresStore implements Store {
  readonly metrics: PostgresMetricStore;
  readonly logs: PostgresLogs;
  readonly leases: PostgresLeases;
  readonly wrongTries: PostgresWrongTries;
  readonly onDidCommit: Store['onDidCommit'];
  private readonly place: PostgresPlace;
  private readonly sizes: PyramidSizes;
  private readonly groups: WriteGroups;
  private readonly reading: Reading;
  private readonly log: ChangeLog;
  private readonly news: CommitNews;
  private readonly runs: PostgresRunSearch;
  private readonly keys = new MetricKeys();
  private readonly logged = new Map<number, Logged>();
  private readonly upkeep: NodeJS.Timeout;
  private countedAt = performance.now();
  private opened: Promise<void> | undefined;

  constructor(place: PostgresPlace, sizes: PyramidSizes) {
    this.place = place;
    this.sizes = sizes;
    this.groups = new WriteGroups(place, {
      beforeCommit: async (transaction) => {
        const appended = await transaction.points.write(this.keys);
        transaction.afterwards.push(() => this.noteAppended(appended));
      },
      committed: (seq, kinds) => this.news.tell(seq, kinds),
    });
    this.reading = new Reading(place, () => this.ready());
    this.log = new ChangeLog(this.reading);
    this.news = new CommitNews(place, this.groups.id, () => this.log.seq());
    this.onDidCommit = this.news.event;
    this.runs = new PostgresRunSearch(this.reading, sizes);
    this.metrics = new PostgresMetricStore(this.reading, sizes, {
      append: async (asked, job, points) => {
        await this.groups.run(undefined, (transaction) => transaction.points.add(asked, job, points), { isSimple: true });
      },
      maintain: (what) => this.maintain(what),
    });
    this.logs = new PostgresLogs(place.schema, this.reading, this.groups);
    this.leases = new PostgresLeases(place);
    this.wrongTries = new PostgresWrongTries(place);
    this.upkeep = setInterval(() => this.keepUp().catch(() => {}), quietMs / 2).unref();
  }

  ready(): Promise<void> {
    if (!this.opened) {
      this.opened = this.groups.open();
      this.opened.catch(() => {
        // The next one tries again.
        this.opened = undefined;
      });
    }
    return this.opened;
  }

  in(workspace: string, principal: Principal, lease?: Lease): WorkspaceStore {
    return new PostgresWorkspaceStore(this.reading, workspace, principal, {
      write: async (work) => (await this.write(workspace, principal, lease, work)).answer,
      writeAsOf: (work) => this.write(workspace, principal, lease, work),
      searchRuns: (query) =>
        this.runs.search(workspace, query, async (rows, runs, next) => ({ jobs: await jobsBySerial(rows, runs), next })),
      runTable: (query) => this.runs.table(workspace, query),
      runGroups: (query) => this.runs.groups(workspace, query),
      runKeys: (scope) => this.runs.keys(workspace, scope),
    });
  }

  seq: Store['seq'] = () => this.log.seq();
  oldestSeq: Store['oldestSeq'] = () => this.log.oldestSeq();
  epoch: Store['epoch'] = () => this.log.epoch();
  hasPlace: Store['hasPlace'] = (epoch, seq) => this.log.hasPlace(epoch, seq);
  changes: Store['changes'] = (since, limit, kinds) => this.log.changes(since, limit, kinds);

  async countJobs(statuses: readonly JobStatus[]): Promise<number> {
    return (await this.reading.one(
      "SELECT count(*) AS n FROM jobs WHERE status = ANY($1) AND claimant IS DISTINCT FROM 'origin'",
      statuses,
    ))!.n;
  }

  async countOpenRuns(statuses: readonly JobStatus[], since = 0): Promise<number> {
    const found = await this.reading.one(
      'SELECT count(*) AS n FROM jobs WHERE status = ANY($1) AND claimed_by IS NULL AND claimant IS NULL AND is_open = 1 AND created_at >= $2',
      statuses,
      since,
    );
    return found!.n;
  }

  async claims(): Promise<Claim[]> {
    return (await this.reading.all(claimColumns)).map(claimOf);
  }

  async ownerOfJob(name: string): Promise<JobOwner | undefined> {
    return (await this.reading.one(
      'SELECT workspace, "user", status, created_at AS "createdAt", claimed_by AS "claimedBy", claim FROM jobs WHERE name = $1',
      name,
    )) as JobOwner | undefined;
  }

  async hasContent(sha256: string): Promise<boolean> {
    return (await this.reading.one('SELECT 1 AS x FROM blobs WHERE sha256 = $1 LIMIT 1', sha256)) !== undefined;
  }

  async hasToken(token: string): Promise<boolean> {
    return (await this.reading.one('SELECT token_hash FROM plane'))?.token_hash === hashOf(token);
  }

  async look(): Promise<void> {
    mustBeKnown((await this.reading.one('SELECT version FROM format'))!.version, this.place.schema);
  }

  async size(): Promise<number> {
    const found = await this.reading.one(
      "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) AS n FROM pg_class WHERE relkind = 'r' AND relnamespace = $1::regnamespace",
      this.place.schema,
    );
    return found!.n;
  }

  async close(): Promise<void> {
    clearInterval(this.upkeep);
    await this.groups.end();
    this.news.dispose();
    await this.leases.close();
    await this.wrongTries.close();
    await this.reading.close();
  }

  private write<T>(
    workspace: string,
    principal: Principal,
    lease: Lease | undefined,
    work: (writer: StoreWriter) => Promise<T>,
  ): Promise<Written<T>> {
    return this.groups.run(
      workspace,
      async (transaction) => {
        const writer = new PostgresWriter(transaction, workspace, principal);
        try {
          return await work(writer);
        } finally {
          writer.end();
        }
      },
      { lease },
    );
  }

  private noteAppended(appended: readonly Appended[]): void {
    const full: number[] = [];
    for (const { run, points } of appended) {
      const logged = this.logged.get(run) ?? { records: 0, points: 0, at: 0 };
      logged.records++;
      logged.points += points;
      logged.at = performance.now();
      this.logged.set(run, logged);
      if (logged.records >= fullAt.records || logged.points >= fullAt.points) full.push(run);
    }
    if (full.length > 0) this.seal(full).catch(() => {});
  }

  /** A few runs in each transaction: requests come in between. What fails leaves the points where they are as safe; the next upkeep tries again. */
  private async seal(runs: readonly number[], compact = false): Promise<void> {
    for (const run of runs) this.logged.delete(run);
    for (let i = 0; i < runs.length; i += sealsAtOnce)
      await this.groups.run(undefined, async (transaction) => {
        for (const run of runs.slice(i, i + sealsAtOnce)) await sealRun(transaction, this.place.schema, this.sizes, run, compact);
      });
  }

  private async maintain(what: 'seal' | 'compact'): Promise<void> {
    const runs = await this.reading.all(
      what === 'seal' ? 'SELECT DISTINCT run FROM metric_log' : 'SELECT run FROM metric_log UNION SELECT run FROM metric_chunks',
    );
    await this.seal(
      runs.map(({ run }) => run),
      what === 'compact',
    );
    if (what === 'compact') await this.giveBackSpace();
  }

  /** Over a connection of its own, since it is no transaction and takes its time. */
  private giveBackSpace(): Promise<void> {
    return whileAway(this.place, async () => {
      const client = await connect(this.place);
      try {
        await client.query('VACUUM metric_log, metric_packs, metric_chunks, metric_data, metric_tiles, latest');
      } finally {
        await client.end();
      }
    });
  }

  /** Between requests, a little at a time. */
  private async keepUp(): Promise<void> {
    const now = performance.now();
    if (now - this.countedAt > recountMs) await this.recount();
    const quiet = [...this.logged].filter(([, { at }]) => now - at >= quietMs).map(([run]) => run);
    await this.seal(quiet.slice(0, sealsAtOnce));
    const [seq, oldest] = [await this.log.seq(), await this.log.oldestSeq()];
    if (oldest < seq - 1.1 * changesKept)
      await this.groups.run(undefined, (transaction) => transaction.run('DELETE FROM changes WHERE seq <= $1', seq - changesKept), {
        isSimple: true,
      });
  }

  /** Points that a process left which is gone. */
  private async recount(): Promise<void> {
    this.countedAt = performance.now();
    for (const { run, records, points } of await this.reading.all(
      'SELECT run, count(*) AS records, sum(count) AS points FROM metric_log GROUP BY run',
    ))
      if (!this.logged.has(run)) this.logged.set(run, { records, points, at: this.countedAt });
  }
}
