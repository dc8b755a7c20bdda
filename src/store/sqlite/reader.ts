import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import type { JobStatus } from '../../protocol/job.ts';
import type { KeyValue, MetricSeries } from '../../protocol/mlflow.ts';
import { noPoints, type Points } from '../metrics/points.ts';
import type { FoundRuns, RunQuery } from '../runQuery.ts';
import type {
  Claim,
  JobFilter,
  Point,
  ResourceKind,
  SeriesRange,
  StoredBlob,
  StoredExperiment,
  StoredJob,
  StoredResource,
  StoreReader,
  WaitingJobs,
} from '../store.ts';
import { SqliteEntityReader } from './entities/sqliteEntities.ts';
import { SqliteLineageReader } from './entities/sqliteLineage.ts';
import { SqliteSpanReader } from './entities/sqliteSpans.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { RunSearch } from './search/runSearch.ts';
import type { Row, Sql } from './sql.ts';

const jobColumns = 'j.*, e.name AS experiment_name, e.artifact_location FROM jobs j JOIN experiments e ON e.id = j.experiment_id';

/** The reading half of the SQLite store. Every statement is prepared once. */
export class SqliteReader implements StoreReader {
  protected readonly sql: Sql;
  protected readonly metrics: Metrics;
  protected readonly search: RunSearch;
  protected readonly prepared = (sql: string): StatementSync => this.prepare(sql);
  readonly entities: SqliteEntityReader = new SqliteEntityReader(this.prepared);
  readonly lineage: SqliteLineageReader = new SqliteLineageReader(this.prepared);
  readonly spans: SqliteSpanReader = new SqliteSpanReader(this.prepared);

  constructor(sql: Sql, metrics: Metrics, search: RunSearch) {
    this.sql = sql;
    this.metrics = metrics;
    this.search = search;
  }

  private serial(job: string): number {
    return this.metrics.directory.run(job)?.serial ?? -1;
  }

  protected prepare(sql: string): StatementSync {
    return this.sql.prepare(sql);
  }

  protected one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.sql.one(sql, ...values);
  }

  protected all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.sql.all(sql, ...values);
  }

  seq(): number {
    return this.one('SELECT seq FROM sqlite_sequence WHERE name = ?', 'changes')?.seq ?? 0;
  }

  oldestSeq(): number {
    return this.one('SELECT min(seq) AS seq FROM changes')?.seq ?? 0;
  }

  changes(since: number, limit: number): Change[] {
    return this.all('SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?', since, limit).map((row) => ({
      seq: row.seq,
      kind: row.kind as ChangeKind,
      id: row.id,
      op: row.op,
      at: row.at,
      ...(row.workspace ? { workspace: row.workspace } : {}),
      ...(row.parent ? { parent: row.parent } : {}),
      ...(row.keys ? { keys: JSON.parse(row.keys) } : {}),
    }));
  }

  resource(workspace: string, kind: ResourceKind, name: string, version: string): StoredResource | undefined {
    return resourceOf(
      this.one('SELECT * FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version = ?', workspace, kind, name, version),
    );
  }

  resources(workspace: string, kind: ResourceKind, name: string | undefined, offset: number, limit: number): StoredResource[] {
    const rows =
      name === undefined
        ? this.all(
            "SELECT * FROM resources WHERE workspace = ? AND kind = ? AND version = '' ORDER BY name LIMIT ? OFFSET ?",
            workspace,
            kind,
            limit,
            offset,
          )
        : this.all(
            "SELECT * FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version <> '' ORDER BY serial DESC LIMIT ? OFFSET ?",
            workspace,
            kind,
            name,
            limit,
            offset,
          );
    return rows.map((row) => resourceOf(row)!);
  }

  latestVersion(workspace: string, kind: ResourceKind, name: string): StoredResource | undefined {
    return this.resources(workspace, kind, name, 0, 1)[0];
  }

  codeByHash(workspace: string, hash: string): StoredResource | undefined {
    return resourceOf(this.one("SELECT * FROM resources WHERE workspace = ? AND kind = 'codes' AND hash = ? LIMIT 1", workspace, hash));
  }

  job(name: string): StoredJob | undefined {
    return jobOf(this.one(`SELECT ${jobColumns} WHERE j.name = ?`, name));
  }

  jobs(workspace: string, filter: JobFilter, offset: number, limit: number): StoredJob[] {
    const where = ['j.workspace = ?'];
    const values: SQLInputValue[] = [workspace];
    const add = (sql: string, ...more: SQLInputValue[]) => {
      where.push(sql);
      values.push(...more);
    };
    if (filter.parent === undefined) where.push('j.parent IS NULL');
    else if (filter.parent !== null) add('j.parent = ?', filter.parent);
    if (filter.experiment !== undefined) add('e.name = ?', filter.experiment);
    if (filter.status?.length) add(`j.status IN (${filter.status.map(() => '?').join(',')})`, ...filter.status);
    if (filter.archived !== undefined) add('j.is_archived = ?', filter.archived ? 1 : 0);
    if (filter.deleted !== undefined) add('j.is_deleted = ?', filter.deleted ? 1 : 0);
    if (filter.search) {
      const pattern = `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
      add("(j.name LIKE ? ESCAPE '\\' OR j.display_name LIKE ? ESCAPE '\\')", pattern, pattern);
    }
    if (filter.tag) {
      add(
        `EXISTS (SELECT 1 FROM tags t WHERE t.run = j.serial AND t.key = ?${filter.tag.value === undefined ? '' : ' AND t.value = ?'})`,
        filter.tag.key,
        ...(filter.tag.value === undefined ? [] : [filter.tag.value]),
      );
    }
    return this.all(
      `SELECT ${jobColumns} WHERE ${where.join(' AND ')} ORDER BY j.serial DESC LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    ).map((row) => jobOf(row)!);
  }

  jobsNamed(names: string[]): StoredJob[] {
    return this.all(`SELECT ${jobColumns} WHERE j.name IN (SELECT value FROM json_each(?))`, JSON.stringify(names)).map(
      (row) => jobOf(row)!,
    );
  }

  jobsByReuseKey(workspace: string, reuseKeys: string[]): StoredJob[] {
    return this.all(
      `SELECT ${jobColumns} WHERE j.serial IN (SELECT max(serial) FROM jobs WHERE reuse_key IN (SELECT value FROM json_each(?)) AND workspace = ?
       AND status = 'Completed' AND is_deleted = 0 GROUP BY reuse_key)`,
      JSON.stringify(reuseKeys),
      workspace,
    ).map((row) => jobOf(row)!);
  }

  countJobs(statuses: JobStatus[]): number {
    return this.one(`SELECT count(*) AS n FROM jobs WHERE status IN (${statuses.map(() => '?').join(',')})`, ...statuses)!.n;
  }

  claims(runner?: string): Claim[] {
    const columns = 'name, status, claimed_by, lease_until FROM jobs WHERE lease_until IS NOT NULL';
    const rows = runner === undefined ? this.all(`SELECT ${columns}`) : this.all(`SELECT ${columns} AND claimed_by = ?`, runner);
    return rows.map(({ name, status, claimed_by, lease_until }) => ({ name, status, claimedBy: claimed_by, leaseUntil: lease_until }));
  }

  waitingJobs(query: WaitingJobs, limit: number): StoredJob[] {
    // The words of the index. An orchestration that lost its claim waits in whatever state it is.
    const waits = "j.claimed_by IS NULL AND j.status NOT IN ('Completed', 'Failed', 'Canceled') AND j.is_deleted = 0";
    if (query.for === 'orchestrator')
      return this.all(`SELECT ${jobColumns} WHERE j.claimant = 'orchestrator' AND ${waits} ORDER BY j.serial LIMIT ?`, limit).map(
        (row) => jobOf(row)!,
      );
    const [word, computes] = 'computes' in query ? ['IN', query.computes] : ['NOT IN', query.computesOtherThan];
    return this.all(
      `SELECT ${jobColumns} WHERE j.claimant = 'runner' AND ${waits} AND j.status IN ('NotStarted', 'Queued')
       AND j.compute ${word} (SELECT value FROM json_each(?)) ORDER BY j.serial LIMIT ?`,
      JSON.stringify(computes),
      limit,
    ).map((row) => jobOf(row)!);
  }

  tags(job: string): Record<string, string> {
    return Object.fromEntries(this.all('SELECT key, value FROM tags WHERE run = ?', this.serial(job)).map((row) => [row.key, row.value]));
  }

  params(job: string): KeyValue[] {
    return this.all('SELECT key, value FROM params WHERE run = ?', this.serial(job)).map((row) => ({ key: row.key, value: row.value }));
  }

  searchRuns(query: RunQuery): FoundRuns {
    return this.search.search(query, (serial) => jobOf(this.one(`SELECT ${jobColumns} WHERE j.serial = ?`, serial))!);
  }

  latestMetrics(job: string): Point[] {
    const run = this.metrics.directory.run(job);
    return run ? this.metrics.latest.of(run.serial) : [];
  }

  metricKeys(job: string): string[] {
    return this.latestMetrics(job).map(({ key }) => key);
  }

  metricHistory(job: string, key: string, offset: number, limit: number): Points {
    const run = this.metrics.directory.run(job);
    return run ? this.metrics.history(run, key, offset, limit) : noPoints;
  }

  metricSample(job: string, key: string, most: number, range: { from?: number; to?: number } = {}): Points {
    const run = this.metrics.directory.run(job);
    return run ? this.metrics.sample(run, key, most, range) : noPoints;
  }

  metricSeries(job: string, key: string, points: number, range: SeriesRange = {}): MetricSeries {
    const run = this.metrics.directory.run(job);
    return run ? this.metrics.reduced(run, key, points, range) : { key, total: 0, steps: [], values: [], times: [] };
  }

  experiment(workspace: string, by: { id: string } | { name: string }): StoredExperiment | undefined {
    const row =
      'id' in by
        ? this.one('SELECT * FROM experiments WHERE id = ?', by.id)
        : this.one('SELECT * FROM experiments WHERE workspace = ? AND name = ?', workspace, by.name);
    return experimentOf(row);
  }

  experiments(workspace: string, offset: number, limit: number, deleted = false): StoredExperiment[] {
    return this.all(
      'SELECT * FROM experiments WHERE workspace = ? AND is_deleted = ? ORDER BY modified_at DESC, id DESC LIMIT ? OFFSET ?',
      workspace,
      deleted ? 1 : 0,
      limit,
      offset,
    ).map((row) => experimentOf(row)!);
  }

  blob(container: string, path: string): StoredBlob | undefined {
    const row = this.one('SELECT * FROM blobs WHERE container = ? AND path = ?', container, path);
    return row && blobOf(row);
  }

  blobsFrom(container: string, prefix: string, after: string, limit: number): StoredBlob[] {
    return this.all(
      'SELECT * FROM blobs WHERE container = ? AND path >= ? AND path < ? AND path > ? ORDER BY path LIMIT ?',
      container,
      prefix,
      `${prefix}\u{10FFFF}`,
      after,
      limit,
    ).map(blobOf);
  }

  blobs(container: string, prefix: string, recursive: boolean): { path: string; isFolder: boolean; size?: number; sha256?: string }[] {
    const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    const entries = new Map<string, { path: string; isFolder: boolean; size?: number; sha256?: string }>();
    // '0' follows '/' in the order of bytes, so this range is just what lies below the folder.
    const end = root === '' ? '\u{10FFFF}' : `${root.slice(0, -1)}0`;
    for (const row of this.prepare('SELECT * FROM blobs WHERE container = ? AND path >= ? AND path < ? ORDER BY path').iterate(
      container,
      root,
      end,
    ) as Iterable<Row>) {
      const relative = (row.path as string).slice(root.length);
      const slash = relative.indexOf('/');
      if (recursive || slash < 0) entries.set(relative, { path: relative, isFolder: false, size: row.size, sha256: row.sha256 });
      else entries.set(relative.slice(0, slash), { path: relative.slice(0, slash), isFolder: true });
    }
    return [...entries.values()];
  }

  hasContent(sha256: string): boolean {
    return this.one('SELECT 1 AS x FROM blobs WHERE sha256 = ? LIMIT 1', sha256) !== undefined;
  }
}

function resourceOf(row: Row | undefined): StoredResource | undefined {
  return (
    row && {
      workspace: row.workspace,
      kind: row.kind,
      name: row.name,
      version: row.version,
      properties: JSON.parse(row.properties),
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
    }
  );
}

function jobOf(row: Row | undefined): StoredJob | undefined {
  return (
    row && {
      name: row.name,
      workspace: row.workspace,
      experimentId: String(row.experiment_id),
      experimentName: row.experiment_name,
      properties: JSON.parse(row.properties),
      status: row.status,
      parent: row.parent,
      claimedBy: row.claimed_by,
      compute: row.compute,
      leaseUntil: row.lease_until,
      definition: row.definition,
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      user: row.user,
      isDeleted: row.is_deleted === 1,
      artifactLocation: row.artifact_location,
    }
  );
}

function experimentOf(row: Row | undefined): StoredExperiment | undefined {
  return (
    row && {
      id: String(row.id),
      workspace: row.workspace,
      name: row.name,
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
      isDeleted: row.is_deleted === 1,
      tags: JSON.parse(row.tags),
      artifactLocation: row.artifact_location,
    }
  );
}

const blobOf = (row: Row): StoredBlob => ({
  path: row.path,
  sha256: row.sha256,
  size: row.size,
  modifiedAt: row.modified_at,
  metadata: JSON.parse(row.metadata),
});
