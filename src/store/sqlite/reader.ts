import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import type { JobStatus } from '../../protocol/job.ts';
import type { KeyValue } from '../../protocol/mlflow.ts';
import type { JobFilter, ResourceKind, StoredBlob, StoredExperiment, StoredJob, StoredResource, StoreReader } from '../store.ts';
import { SqliteEntityReader } from './entities/sqliteEntities.ts';
import { SqliteLineageReader } from './entities/sqliteLineage.ts';
import { SqliteSpanReader } from './entities/sqliteSpans.ts';
import type { MetricDirectory } from './metrics/directory.ts';
import type { Row, Sql } from './sql.ts';

const jobColumns = 'j.*, e.name AS experiment_name, e.artifact_location FROM jobs j JOIN experiments e ON e.id = j.experiment_id';

/** Reads rows over one connection. Every statement is prepared once; each method runs to its end before anything else does, so it is one look at the database. */
export class SqliteReader implements StoreReader {
  protected readonly sql: Sql;
  protected readonly directory: MetricDirectory;
  protected readonly prepared = (sql: string): StatementSync => this.prepare(sql);
  readonly entities: SqliteEntityReader = new SqliteEntityReader(this.prepared);
  readonly lineage: SqliteLineageReader = new SqliteLineageReader(this.prepared);
  readonly spans: SqliteSpanReader = new SqliteSpanReader(this.prepared);

  constructor(sql: Sql, directory: MetricDirectory) {
    this.sql = sql;
    this.directory = directory;
  }

  /** The row of a job; -1 when there is none. */
  protected serial(job: string): number {
    return this.directory.run(job)?.serial ?? -1;
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

  async seq(): Promise<number> {
    return this.one('SELECT seq FROM sqlite_sequence WHERE name = ?', 'changes')?.seq ?? 0;
  }

  async oldestSeq(): Promise<number> {
    return this.one('SELECT min(seq) AS seq FROM changes')?.seq ?? 0;
  }

  async changes(since: number, limit: number): Promise<Change[]> {
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

  async resource(workspace: string, kind: ResourceKind, name: string, version: string): Promise<StoredResource | undefined> {
    return resourceOf(
      this.one('SELECT * FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version = ?', workspace, kind, name, version),
    );
  }

  async resources(
    workspace: string,
    kind: ResourceKind,
    name: string | undefined,
    offset: number,
    limit: number,
  ): Promise<StoredResource[]> {
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

  async latestVersion(workspace: string, kind: ResourceKind, name: string): Promise<StoredResource | undefined> {
    return (await this.resources(workspace, kind, name, 0, 1))[0];
  }

  async codeByHash(workspace: string, hash: string): Promise<StoredResource | undefined> {
    return resourceOf(this.one("SELECT * FROM resources WHERE workspace = ? AND kind = 'codes' AND hash = ? LIMIT 1", workspace, hash));
  }

  async job(name: string): Promise<StoredJob | undefined> {
    return jobOf(this.one(`SELECT ${jobColumns} WHERE j.name = ?`, name));
  }

  async jobs(workspace: string, filter: JobFilter, offset: number, limit: number): Promise<StoredJob[]> {
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

  async jobsNamed(names: string[]): Promise<StoredJob[]> {
    return this.all(`SELECT ${jobColumns} WHERE j.name IN (SELECT value FROM json_each(?))`, JSON.stringify(names)).map(
      (row) => jobOf(row)!,
    );
  }

  async jobsByReuseKey(workspace: string, reuseKeys: string[]): Promise<StoredJob[]> {
    return this.all(
      `SELECT ${jobColumns} WHERE j.serial IN (SELECT max(serial) FROM jobs WHERE reuse_key IN (SELECT value FROM json_each(?)) AND workspace = ?
       AND status = 'Completed' AND is_deleted = 0 GROUP BY reuse_key)`,
      JSON.stringify(reuseKeys),
      workspace,
    ).map((row) => jobOf(row)!);
  }

  async countJobs(statuses: JobStatus[]): Promise<number> {
    return this.one(`SELECT count(*) AS n FROM jobs WHERE status IN (${statuses.map(() => '?').join(',')})`, ...statuses)!.n;
  }

  async tags(job: string): Promise<Record<string, string>> {
    return this.sql.look(() =>
      Object.fromEntries(this.all('SELECT key, value FROM tags WHERE run = ?', this.serial(job)).map((row) => [row.key, row.value])),
    );
  }

  async params(job: string): Promise<KeyValue[]> {
    return this.sql.look(() =>
      this.all('SELECT key, value FROM params WHERE run = ?', this.serial(job)).map((row) => ({ key: row.key, value: row.value })),
    );
  }

  async experiment(workspace: string, by: { id: string } | { name: string }): Promise<StoredExperiment | undefined> {
    const row =
      'id' in by
        ? this.one('SELECT * FROM experiments WHERE id = ? AND workspace = ?', by.id, workspace)
        : this.one('SELECT * FROM experiments WHERE workspace = ? AND name = ?', workspace, by.name);
    return experimentOf(row);
  }

  async experiments(workspace: string, offset: number, limit: number, deleted = false): Promise<StoredExperiment[]> {
    return this.all(
      'SELECT * FROM experiments WHERE workspace = ? AND is_deleted = ? ORDER BY modified_at DESC, id DESC LIMIT ? OFFSET ?',
      workspace,
      deleted ? 1 : 0,
      limit,
      offset,
    ).map((row) => experimentOf(row)!);
  }

  async blob(container: string, path: string): Promise<StoredBlob | undefined> {
    const row = this.one('SELECT * FROM blobs WHERE container = ? AND path = ?', container, path);
    return row && blobOf(row);
  }

  async blobsFrom(container: string, prefix: string, after: string, limit: number): Promise<StoredBlob[]> {
    return this.all(
      'SELECT * FROM blobs WHERE container = ? AND path >= ? AND path < ? AND path > ? ORDER BY path LIMIT ?',
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
    for (const row of this.prepare('SELECT * FROM blobs WHERE container = ? AND path >= ? AND path < ? ORDER BY path').iterate(
      container,
      root,
      end,
    ) as Iterable<Row>) {
      const relative = (row.path as string).slice(root.length);
      const slash = relative.indexOf('/');
      if (recursive || slash < 0) entries.set(relative, { path: relative, isFolder: false, size: row.size, sha256: row.sha256 });
      // A blob may have the name of a folder.
      else entries.set(relative.slice(0, slash + 1), { path: relative.slice(0, slash), isFolder: true });
    }
    return [...entries.values()];
  }

  async hasContent(sha256: string): Promise<boolean> {
    return this.one('SELECT 1 AS x FROM blobs WHERE sha256 = ? LIMIT 1', sha256) !== undefined;
  }
}

/** A job by its row, which is there. */
export const jobBySerial = (sql: Sql, serial: number): StoredJob => jobOf(sql.one(`SELECT ${jobColumns} WHERE j.serial = ?`, serial))!;

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
