import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { jobProperty } from '../../protocol/job.ts';
import type { KeyValue } from '../../protocol/mlflow.ts';
import type { Principal } from '../../protocol/principal.ts';
import { blobOf, claimOf, endingOf, experimentOf, jobOf, resourceOf } from '../rows.ts';
import {
  type Claim,
  type JobFilter,
  largeBlob,
  type ResourceKind,
  type StoredBlob,
  type StoredExperiment,
  type StoredJob,
  type StoredResource,
  type StoreReader,
} from '../store.ts';
import { SqliteEntityReader } from './entities/sqliteEntities.ts';
import { SqliteLineageReader } from './entities/sqliteLineage.ts';
import { SqliteQueueReader } from './entities/sqliteQueue.ts';
import { SqliteSpanReader } from './entities/sqliteSpans.ts';
import type { MetricDirectory } from './metrics/directory.ts';
import type { Row, Sql } from './sql.ts';
import { isWholeNumber } from './versionNumbers.ts';

export const claimColumns =
  'SELECT name, workspace, status, claimed_by, lease_until, rank, started_at FROM jobs WHERE lease_until IS NOT NULL';

const jobColumns = 'j.*, e.name AS experiment_name, e.artifact_location FROM jobs j JOIN experiments e ON e.id = j.experiment_id';

/** Reads rows of one workspace over one connection. Every statement is prepared once; each method runs to its end before anything else does, so it is one look at the database. */
export class SqliteReader implements StoreReader {
  protected readonly sql: Sql;
  protected readonly directory: MetricDirectory;
  protected readonly prepared = (sql: string): StatementSync => this.prepare(sql);
  readonly workspace: string;
  readonly principal: Principal;
  readonly entities: SqliteEntityReader;
  readonly lineage: SqliteLineageReader;
  readonly spans: SqliteSpanReader;
  readonly queue: SqliteQueueReader;

  constructor(sql: Sql, directory: MetricDirectory, workspace: string, principal: Principal) {
    this.sql = sql;
    this.directory = directory;
    this.workspace = workspace;
    this.principal = principal;
    this.entities = new SqliteEntityReader(this.prepared, workspace);
    this.lineage = new SqliteLineageReader(this.prepared, workspace);
    this.spans = new SqliteSpanReader(this.prepared, workspace);
    this.queue = new SqliteQueueReader(this.prepared, workspace);
  }

  protected prepare(sql: string): StatementSync {
    return this.sql.prepare(sql);
  }

  protected one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  protected all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }

  async resource(kind: ResourceKind, name: string, version: string): Promise<StoredResource | undefined> {
    return resourceOf(
      this.one(
        'SELECT * FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version = ?',
        this.workspace,
        kind,
        name,
        version,
      ),
    );
  }

  async resourcesNamed(kind: ResourceKind, versions: readonly { name: string; version: string }[]): Promise<StoredResource[]> {
    // CROSS: one look-up for each of the versions, and not all of the workspace for each.
    return this.all(
      `SELECT r.* FROM json_each(?) asked CROSS JOIN resources r ON r.workspace = ? AND r.kind = ? AND r.name = asked.value ->> 0 AND r.version = asked.value ->> 1`,
      JSON.stringify(versions.map(({ name, version }) => [name, version])),
      this.workspace,
      kind,
    ).map((row) => resourceOf(row)!);
  }

  async resources(kind: ResourceKind, name: string | undefined, offset: number, limit: number): Promise<StoredResource[]> {
    const rows =
      name === undefined
        ? this.all(
            "SELECT * FROM resources WHERE workspace = ? AND kind = ? AND version = '' ORDER BY name LIMIT ? OFFSET ?",
            this.workspace,
            kind,
            limit,
            offset,
          )
        : this.all(
            "SELECT * FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version <> '' ORDER BY serial DESC LIMIT ? OFFSET ?",
            this.workspace,
            kind,
            name,
            limit,
            offset,
          );
    return rows.map((row) => resourceOf(row)!);
  }

  async latestVersion(kind: ResourceKind, name: string): Promise<StoredResource | undefined> {
    return (await this.resources(kind, name, 0, 1))[0];
  }

  async greatestVersion(kind: ResourceKind, name: string): Promise<number> {
    // Word for word the condition of the index `resources_number`, which then has the answer at its end.
    return (
      this.one(
        `SELECT max(CAST(version AS INTEGER)) AS n FROM resources WHERE workspace = ? AND kind = ? AND name = ?
         AND ${isWholeNumber}`,
        this.workspace,
        kind,
        name,
      )!.n ?? 0
    );
  }

  async codeByHash(hash: string): Promise<StoredResource | undefined> {
    return resourceOf(
      this.one("SELECT * FROM resources WHERE workspace = ? AND kind = 'codes' AND hash = ? LIMIT 1", this.workspace, hash),
    );
  }

  async job(name: string): Promise<StoredJob | undefined> {
    return jobOf(this.one(`SELECT ${jobColumns} WHERE j.name = ? AND j.workspace = ?`, name, this.workspace));
  }

  async jobs(filter: JobFilter, offset: number, limit: number): Promise<StoredJob[]> {
    // With a plus, SQLite does not go by it: the jobs of a schedule are found by their names.
    const plus = filter.schedule === undefined ? '' : '+';
    const where = [`${plus}j.workspace = ?`];
    const values: SQLInputValue[] = [this.workspace];
    const add = (sql: string, ...more: SQLInputValue[]) => {
      where.push(sql);
      values.push(...more);
    };
    if (filter.parent === undefined) where.push(`${plus}j.parent IS NULL`);
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
    if (filter.schedule !== undefined) {
      // Their names begin with the schedule's: of all others the properties need not be read.
      add('j.name >= ? AND j.name < ?', `${filter.schedule}-`, `${filter.schedule}.`);
      add(`json_extract(j.properties, '$.properties."${jobProperty.schedule}"') = ?`, filter.schedule);
    }
    return this.all(
      `SELECT ${jobColumns} WHERE ${where.join(' AND ')} ORDER BY j.serial DESC LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    ).map((row) => jobOf(row)!);
  }

  async jobsNamed(names: string[]): Promise<StoredJob[]> {
    // With a plus, SQLite looks by the names: else it would go through all jobs of the workspace.
    return this.all(
      `SELECT ${jobColumns} WHERE j.name IN (SELECT value FROM json_each(?)) AND +j.workspace = ?`,
      JSON.stringify(names),
      this.workspace,
    ).map((row) => jobOf(row)!);
  }

  async knownJobs(names: string[]): Promise<string[]> {
    return this.all(
      'SELECT j.name FROM json_each(?) n CROSS JOIN jobs j ON j.name = n.value WHERE j.workspace = ? GROUP BY j.name ORDER BY min(n.key)',
      JSON.stringify(names),
      this.workspace,
    ).map(({ name }) => name);
  }

  async jobsByReuseKey(reuseKeys: string[]): Promise<Pick<StoredJob, 'name' | 'properties'>[]> {
    return this.all(
      `SELECT name, properties FROM jobs WHERE serial IN (SELECT max(serial) FROM jobs WHERE reuse_key IN (SELECT value FROM json_each(?))
       AND reuse_key IS NOT NULL AND +workspace = ? AND +status = 'Completed' AND is_deleted = 0 GROUP BY reuse_key)`,
      JSON.stringify(reuseKeys),
      this.workspace,
    ).map(({ name, properties }) => ({ name, properties: JSON.parse(properties) }));
  }

  async tags(job: string): Promise<Record<string, string>> {
    return Object.fromEntries(this.ofRun('tags', job).map((row) => [row.key, row.value]));
  }

  async params(job: string): Promise<KeyValue[]> {
    return this.ofRun('params', job).map((row) => ({ key: row.key, value: row.value }));
  }

  /** In one statement, which sees one state of the database. */
  private ofRun(table: 'tags' | 'params', job: string): Row[] {
    return this.all(
      `SELECT key, value FROM ${table} WHERE run = (SELECT serial FROM jobs WHERE name = ? AND workspace = ?)`,
      job,
      this.workspace,
    );
  }

  async claims(runner: string): Promise<Claim[]> {
    return this.all(`${claimColumns} AND workspace = ? AND claimed_by = ?`, this.workspace, runner).map(claimOf);
  }

  async waitingOrchestrations(limit: number): Promise<StoredJob[]> {
    // The words of the index. One that lost its claim waits in whatever state it is.
    return this.all(
      `SELECT ${jobColumns} WHERE j.claimant = 'orchestrator' AND j.workspace = ? AND j.claimed_by IS NULL AND j.status NOT IN ('Completed', 'Failed', 'Canceled')
       AND j.is_deleted = 0 ORDER BY j.serial LIMIT ?`,
      this.workspace,
      limit,
    ).map((row) => jobOf(row)!);
  }

  async experiment(by: { id: string } | { name: string }): Promise<StoredExperiment | undefined> {
    const row =
      'id' in by
        ? this.one('SELECT * FROM experiments WHERE id = ? AND workspace = ?', by.id, this.workspace)
        : this.one('SELECT * FROM experiments WHERE workspace = ? AND name = ?', this.workspace, by.name);
    return experimentOf(row);
  }

  async experiments(offset: number, limit: number, deleted = false): Promise<StoredExperiment[]> {
    return this.all(
      'SELECT * FROM experiments WHERE workspace = ? AND is_deleted = ? ORDER BY used_at DESC, id DESC LIMIT ? OFFSET ?',
      this.workspace,
      deleted ? 1 : 0,
      limit,
      offset,
    ).map((row) => experimentOf(row)!);
  }

  async blob(container: string, path: string): Promise<StoredBlob | undefined> {
    const row = this.one('SELECT * FROM blobs WHERE workspace = ? AND container = ? AND path = ?', this.workspace, container, path);
    return row && blobOf(row);
  }

  async blobsFrom(container: string, prefix: string, after: string, limit: number): Promise<StoredBlob[]> {
    return this.all(
      'SELECT * FROM blobs WHERE workspace = ? AND container = ? AND path >= ? AND path < ? AND path > ? ORDER BY path LIMIT ?',
      this.workspace,
      container,
      prefix,
      `${prefix}\u{10FFFF}`,
      after,
      limit,
    ).map(blobOf);
  }

  async blobs(
    container: string,
    prefix: string,
    recursive: boolean,
  ): Promise<{ path: string; isFolder: boolean; size?: number; sha256?: string }[]> {
    const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    const entries = new Map<string, { path: string; isFolder: boolean; size?: number; sha256?: string }>();
    // '0' follows '/' in the order of bytes, so this range is just what lies below the folder.
    const end = root === '' ? '\u{10FFFF}' : `${root.slice(0, -1)}0`;
    for (const row of this.prepare(
      'SELECT * FROM blobs WHERE workspace = ? AND container = ? AND path >= ? AND path < ? ORDER BY path',
    ).iterate(this.workspace, container, root, end) as Iterable<Row>) {
      const relative = (row.path as string).slice(root.length);
      const slash = relative.indexOf('/');
      if (recursive || slash < 0) entries.set(relative, { path: relative, isFolder: false, size: row.size, sha256: row.sha256 });
      // A blob may have the name of a folder.
      else entries.set(relative.slice(0, slash + 1), { path: relative.slice(0, slash), isFolder: true });
    }
    return [...entries.values()];
  }

  async blobWithContent(sha256: string): Promise<StoredBlob | undefined> {
    const row = this.one(
      "SELECT * FROM blobs WHERE sha256 = ? AND workspace = ? AND container NOT LIKE '$%' LIMIT 1",
      sha256,
      this.workspace,
    );
    return row && blobOf(row);
  }

  async otherVersion(container: string, path: string): Promise<StoredBlob | undefined> {
    const ending = endingOf(path);
    const row = this.one(
      `SELECT * FROM blobs WHERE workspace = ? AND container = ? AND size >= ${largeBlob} AND substr('/' || path, -length(?)) = ?
        ORDER BY path = ? DESC, modified_at DESC LIMIT 1`,
      this.workspace,
      container,
      ending,
      ending,
      path,
    );
    return row && blobOf(row);
  }
}

/** A job by its row, which is there. */
export const jobBySerial = (sql: Sql, serial: number): StoredJob => jobOf(sql.one(`SELECT ${jobColumns} WHERE j.serial = ?`, serial))!;
