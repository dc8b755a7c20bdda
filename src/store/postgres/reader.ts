import type { KeyValue } from '../../protocol/mlflow.ts';
import type { Principal } from '../../protocol/principal.ts';
import { gathered } from '../gathered.ts';
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
import { PostgresEntityReader } from './entities/postgresEntities.ts';
import { PostgresLineageReader } from './entities/postgresLineage.ts';
import { PostgresQueueReader } from './entities/postgresQueue.ts';
import { PostgresSpanReader } from './entities/postgresSpans.ts';
import type { Row, Rows, Value } from './rows.ts';

export const claimColumns =
  'SELECT name, workspace, status, claimed_by, lease_until, rank, started_at FROM jobs WHERE lease_until IS NOT NULL';

const jobColumns = 'j.*, e.name AS experiment_name, e.artifact_location FROM jobs j JOIN experiments e ON e.id = j.experiment_id';

/** After every path: no text has this character. */
const afterAll = '\u{10FFFF}';

/** Reads rows of one workspace. Each method is one statement, so it is one look at the database. */
export class PostgresReader implements StoreReader {
  protected readonly rows: Rows;
  readonly workspace: string;
  readonly principal: Principal;
  readonly entities: PostgresEntityReader;
  readonly lineage: PostgresLineageReader;
  readonly spans: PostgresSpanReader;
  readonly queue: PostgresQueueReader;
  private readonly tagsOf = gathered((jobs: string[]) => this.ofRuns('tags', jobs));
  private readonly paramsOf = gathered((jobs: string[]) => this.ofRuns('params', jobs));

  constructor(rows: Rows, workspace: string, principal: Principal) {
    this.rows = rows;
    this.workspace = workspace;
    this.principal = principal;
    this.entities = new PostgresEntityReader(rows, workspace);
    this.lineage = new PostgresLineageReader(rows, workspace);
    this.spans = new PostgresSpanReader(rows, workspace);
    this.queue = new PostgresQueueReader(rows, workspace);
  }

  async resource(kind: ResourceKind, name: string, version: string): Promise<StoredResource | undefined> {
    return resourceOf(
      await this.rows.one(
        'SELECT * FROM resources WHERE workspace = $1 AND kind = $2 AND name = $3 AND version = $4',
        this.workspace,
        kind,
        name,
        version,
      ),
    );
  }

  async resourcesNamed(kind: ResourceKind, versions: readonly { name: string; version: string }[]): Promise<StoredResource[]> {
    return this.allResources(
      `SELECT r.* FROM (SELECT DISTINCT * FROM unnest($3::text[], $4::text[]) AS a (name, version)) asked
       JOIN resources r ON r.workspace = $1 AND r.kind = $2 AND r.name = asked.name AND r.version = asked.version`,
      this.workspace,
      kind,
      versions.map(({ name }) => name),
      versions.map(({ version }) => version),
    );
  }

  async resources(kind: ResourceKind, name: string | undefined, offset: number, limit: number): Promise<StoredResource[]> {
    return name === undefined
      ? this.allResources(
          "SELECT * FROM resources WHERE workspace = $1 AND kind = $2 AND version = '' ORDER BY name LIMIT $3 OFFSET $4",
          this.workspace,
          kind,
          limit,
          offset,
        )
      : this.allResources(
          "SELECT * FROM resources WHERE workspace = $1 AND kind = $2 AND name = $3 AND version <> '' ORDER BY serial DESC LIMIT $4 OFFSET $5",
          this.workspace,
          kind,
          name,
          limit,
          offset,
        );
  }

  async latestVersion(kind: ResourceKind, name: string): Promise<StoredResource | undefined> {
    return (await this.resources(kind, name, 0, 1))[0];
  }

  async greatestVersion(kind: ResourceKind, name: string): Promise<number> {
    // The index `resources_number` has the answer at its end.
    const found = await this.rows.one(
      'SELECT max(number) AS n FROM resources WHERE workspace = $1 AND kind = $2 AND name = $3 AND number IS NOT NULL',
      this.workspace,
      kind,
      name,
    );
    return found!.n ?? 0;
  }

  async codeByHash(hash: string): Promise<StoredResource | undefined> {
    return resourceOf(
      await this.rows.one("SELECT * FROM resources WHERE workspace = $1 AND kind = 'codes' AND hash = $2 LIMIT 1", this.workspace, hash),
    );
  }

  async job(name: string): Promise<StoredJob | undefined> {
    return jobOf(await this.rows.one(`SELECT ${jobColumns} WHERE j.name = $1 AND j.workspace = $2`, name, this.workspace));
  }

  async jobs(filter: JobFilter, offset: number, limit: number): Promise<StoredJob[]> {
    const values: Value[] = [];
    const value = (given: Value) => `$${values.push(given)}`;
    const where = [`j.workspace = ${value(this.workspace)}`];
    if (filter.parent === undefined) where.push('j.parent IS NULL');
    else if (filter.parent !== null) where.push(`j.parent = ${value(filter.parent)}`);
    if (filter.experiment !== undefined) where.push(`e.name = ${value(filter.experiment)}`);
    if (filter.status?.length) where.push(`j.status = ANY(${value(filter.status)})`);
    if (filter.archived !== undefined) where.push(`j.is_archived = ${value(filter.archived ? 1 : 0)}`);
    if (filter.deleted !== undefined) where.push(`j.is_deleted = ${value(filter.deleted ? 1 : 0)}`);
    if (filter.search) {
      const pattern = value(`%${filter.search.replace(/[\\%_]/g, '\\$&')}%`);
      where.push(`(j.name ILIKE ${pattern} OR j.display_name ILIKE ${pattern})`);
    }
    if (filter.tag) {
      const isValue = filter.tag.value === undefined ? '' : ` AND t.value = ${value(filter.tag.value)}`;
      where.push(`EXISTS (SELECT 1 FROM tags t WHERE t.run = j.serial AND t.key = ${value(filter.tag.key)}${isValue})`);
    }
    if (filter.schedule !== undefined) where.push(`j.schedule = ${value(filter.schedule)}`);
    return this.allJobs(
      `SELECT ${jobColumns} WHERE ${where.join(' AND ')} ORDER BY j.serial DESC LIMIT ${value(limit)} OFFSET ${value(offset)}`,
      ...values,
    );
  }

  async jobsNamed(names: string[]): Promise<StoredJob[]> {
    return this.allJobs(`SELECT ${jobColumns} WHERE j.name = ANY($1) AND j.workspace = $2`, names, this.workspace);
  }

  async knownJobs(names: string[]): Promise<string[]> {
    const found = await this.rows.all(
      `SELECT j.name FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place) JOIN jobs j ON j.name = n.name WHERE j.workspace = $2
       GROUP BY j.name ORDER BY min(n.place)`,
      names,
      this.workspace,
    );
    return found.map(({ name }) => name);
  }

  async jobsByReuseKey(reuseKeys: string[]): Promise<Pick<StoredJob, 'name' | 'properties'>[]> {
    const found = await this.rows.all(
      `SELECT name, properties FROM jobs WHERE serial IN (SELECT max(serial) FROM jobs WHERE reuse_key = ANY($1)
       AND workspace = $2 AND status = 'Completed' AND is_deleted = 0 GROUP BY reuse_key)`,
      reuseKeys,
      this.workspace,
    );
    return found.map(({ name, properties }) => ({ name, properties: JSON.parse(properties) }));
  }

  async tags(job: string): Promise<Record<string, string>> {
    return Object.fromEntries(((await this.tagsOf(job)) ?? []).map(({ key, value }) => [key, value]));
  }

  async params(job: string): Promise<KeyValue[]> {
    return ((await this.paramsOf(job)) ?? []).map(({ key, value }) => ({ key, value }));
  }

  private async ofRuns(table: 'tags' | 'params', jobs: string[]): Promise<Map<string, Row[]>> {
    const found = await this.rows.all(
      `SELECT j.name, t.key, t.value FROM jobs j JOIN ${table} t ON t.run = j.serial WHERE j.name = ANY($1) AND j.workspace = $2 ORDER BY t.key`,
      jobs,
      this.workspace,
    );
    return Map.groupBy(found, ({ name }) => name);
  }

  async claims(runner: string): Promise<Claim[]> {
    return (await this.rows.all(`${claimColumns} AND workspace = $1 AND claimed_by = $2`, this.workspace, runner)).map(claimOf);
  }

  async waitingOrchestrations(limit: number): Promise<StoredJob[]> {
    // The words of the index. One that lost its claim waits in whatever state it is.
    return this.allJobs(
      `SELECT ${jobColumns} WHERE j.claimant = 'orchestrator' AND j.workspace = $1 AND j.claimed_by IS NULL AND j.status NOT IN ('Completed', 'Failed', 'Canceled')
       AND j.is_deleted = 0 ORDER BY j.serial LIMIT $2`,
      this.workspace,
      limit,
    );
  }

  async experiment(by: { id: string } | { name: string }): Promise<StoredExperiment | undefined> {
    if (!('id' in by))
      return experimentOf(await this.rows.one('SELECT * FROM experiments WHERE workspace = $1 AND name = $2', this.workspace, by.name));
    if (!isId(by.id)) return undefined;
    return experimentOf(await this.rows.one('SELECT * FROM experiments WHERE id = $1 AND workspace = $2', by.id, this.workspace));
  }

  async experiments(offset: number, limit: number, deleted = false): Promise<StoredExperiment[]> {
    const found = await this.rows.all(
      'SELECT * FROM experiments WHERE workspace = $1 AND is_deleted = $2 ORDER BY used_at DESC, id DESC LIMIT $3 OFFSET $4',
      this.workspace,
      deleted ? 1 : 0,
      limit,
      offset,
    );
    return found.map((row) => experimentOf(row)!);
  }

  async blob(container: string, path: string): Promise<StoredBlob | undefined> {
    const row = await this.rows.one(
      'SELECT * FROM blobs WHERE workspace = $1 AND container = $2 AND path = $3',
      this.workspace,
      container,
      path,
    );
    return row && blobOf(row);
  }

  async blobsFrom(container: string, prefix: string, after: string, limit: number): Promise<StoredBlob[]> {
    const found = await this.rows.all(
      'SELECT * FROM blobs WHERE workspace = $1 AND container = $2 AND path >= $3 AND path < $4 AND path > $5 ORDER BY path LIMIT $6',
      this.workspace,
      container,
      prefix,
      `${prefix}${afterAll}`,
      after,
      limit,
    );
    return found.map(blobOf);
  }

  async blobs(
    container: string,
    prefix: string,
    recursive: boolean,
  ): Promise<{ path: string; isFolder: boolean; size?: number; sha256?: string }[]> {
    const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    // '0' follows '/' in the order of bytes, so this range is just what lies below the folder.
    const end = root === '' ? afterAll : `${root.slice(0, -1)}0`;
    const found = await this.rows.all(
      'SELECT path, size, sha256 FROM blobs WHERE workspace = $1 AND container = $2 AND path >= $3 AND path < $4 ORDER BY path',
      this.workspace,
      container,
      root,
      end,
    );
    const entries = new Map<string, { path: string; isFolder: boolean; size?: number; sha256?: string }>();
    for (const { path, size, sha256 } of found) {
      const relative = (path as string).slice(root.length);
      const slash = relative.indexOf('/');
      if (recursive || slash < 0) entries.set(relative, { path: relative, isFolder: false, size, sha256 });
      // A blob may have the name of a folder.
      else entries.set(relative.slice(0, slash + 1), { path: relative.slice(0, slash), isFolder: true });
    }
    return [...entries.values()];
  }

  async blobWithContent(sha256: string): Promise<StoredBlob | undefined> {
    const row = await this.rows.one(
      "SELECT * FROM blobs WHERE sha256 = $1 AND workspace = $2 AND container NOT LIKE '$%' LIMIT 1",
      sha256,
      this.workspace,
    );
    return row && blobOf(row);
  }

  async otherVersion(container: string, path: string): Promise<StoredBlob | undefined> {
    const row = await this.rows.one(
      `SELECT * FROM blobs WHERE workspace = $1 AND container = $2 AND size >= ${largeBlob} AND right('/' || path, length($3)) = $3
        ORDER BY path = $4 DESC, modified_at DESC LIMIT 1`,
      this.workspace,
      container,
      endingOf(path),
      path,
    );
    return row && blobOf(row);
  }

  private async allResources(sql: string, ...values: Value[]): Promise<StoredResource[]> {
    return (await this.rows.all(sql, ...values)).map((row) => resourceOf(row)!);
  }

  private async allJobs(sql: string, ...values: Value[]): Promise<StoredJob[]> {
    return (await this.rows.all(sql, ...values)).map((row) => jobOf(row)!);
  }
}

/** Whether a text is the id of an experiment, of whatever workspace: others are in no table. */
export const isId = (text: string): boolean => /^\d{1,15}$/.test(text);

/** Jobs by their rows, in that order. */
export async function jobsBySerial(rows: Rows, serials: readonly number[]): Promise<StoredJob[]> {
  const found = await rows.all(`SELECT ${jobColumns} WHERE j.serial = ANY($1::bigint[])`, serials);
  const bySerial = new Map(found.map((row) => [row.serial as number, row]));
  return serials.map((serial) => jobOf(bySerial.get(serial))!);
}
