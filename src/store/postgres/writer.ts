import { UserError } from '../../base/userError.ts';
import { artifactContainer } from '../../protocol/asset.ts';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import { claimantOf } from '../../protocol/claims.ts';
import { computeNameOf } from '../../protocol/infrastructure.ts';
import { isTerminal, type JobProperties, jobProperty } from '../../protocol/job.ts';
import { artifactFolder, artifactOwner } from '../../protocol/jobPlaces.ts';
import type { Principal } from '../../protocol/principal.ts';
import { rankOf } from '../../protocol/queue.ts';
import { changeKindOf, type NewChange } from '../changes.ts';
import { runTimeOf } from '../queueRows.ts';
import { experimentOf, resourceOf } from '../rows.ts';
import type { JobFields, NewJob, NewResource, ResourceKind, StoredExperiment, StoredJob, StoredResource, StoreWriter } from '../store.ts';
import { purgeSql, workspaceGone, workspaceTables } from '../workspaceTables.ts';
import { PostgresEntityWriter } from './entities/postgresEntities.ts';
import { PostgresLineageWriter } from './entities/postgresLineage.ts';
import { PostgresQueueWriter } from './entities/postgresQueue.ts';
import { PostgresSpanWriter } from './entities/postgresSpans.ts';
import { removeMetrics } from './metrics/removeMetrics.ts';
import { isId, PostgresReader } from './reader.ts';
import type { Row, Rows, Value } from './rows.ts';
import type { Transaction } from './transaction.ts';

/** What a write needs to know of a job besides its name. */
interface JobRow {
  serial: number;
  parent: string | null;
}

/** The statements of a transaction as long as one write of it goes on: whoever still sent some after it would write into another's part. */
class OwnRows implements Rows {
  readonly transaction: Transaction;
  isOver = false;

  constructor(transaction: Transaction) {
    this.transaction = transaction;
  }

  refuseWhenOver(): void {
    if (this.isOver) throw new Error('A write went on after its end: its work must wait for all that it does.');
  }

  async all(sql: string, ...values: Value[]): Promise<Row[]> {
    this.refuseWhenOver();
    return this.transaction.all(sql, ...values);
  }

  async one(sql: string, ...values: Value[]): Promise<Row | undefined> {
    this.refuseWhenOver();
    return this.transaction.one(sql, ...values);
  }

  async run(sql: string, ...values: Value[]): Promise<number> {
    this.refuseWhenOver();
    return this.transaction.run(sql, ...values);
  }
}

/**
 * Writes rows. Each method runs one statement or a few, and records its change. A writer belongs to one write, and must not be used after it. Nobody else writes in the workspace meanwhile, so what the writer has
 * read stays true. No statement may fail, because PostgreSQL would then undo the whole transaction. So a row that may exist already is inserted with `ON CONFLICT`.
 */
export class PostgresWriter extends PostgresReader implements StoreWriter {
  override readonly entities: PostgresEntityWriter;
  override readonly lineage: PostgresLineageWriter;
  override readonly spans: PostgresSpanWriter;
  override readonly queue: PostgresQueueWriter;
  private readonly own: OwnRows;
  /** Within one write, one line says that something changed, however often it does. */
  private readonly told = new Set<string>();
  /** Experiments that are known to be this workspace's, and to have been used now. */
  private readonly used = new Set<string>();
  private readonly known = new Map<string, JobRow | undefined>();

  constructor(transaction: Transaction, workspace: string, principal: Principal) {
    const own = new OwnRows(transaction);
    super(own, workspace, principal);
    this.own = own;
    this.entities = new PostgresEntityWriter(own, workspace, (kind, id, op) => this.tell(kind, id, op));
    this.lineage = new PostgresLineageWriter(own, workspace, async (kind, id) =>
      kind === 'job' ? this.tellJob(id) : this.tell(kind, id, 'put'),
    );
    this.queue = new PostgresQueueWriter(own, workspace);
    this.spans = new PostgresSpanWriter(own, workspace, (trace) => this.tell('trace', trace, 'put'));
  }

  end(): void {
    this.own.isOver = true;
  }

  async announce(kind: ChangeKind, id: string, op: Change['op'], more: { parent?: string | null; keys?: string[] } = {}): Promise<void> {
    this.tell(kind, id, op, more);
  }

  private tell(kind: ChangeKind, id: string, op: Change['op'], more: Pick<NewChange, 'parent' | 'keys' | 'run'> = {}): void {
    this.own.refuseWhenOver();
    const line = `${kind} ${id}`;
    // What went may have taken others along: whatever is written from here on is told again.
    if (op === 'delete') this.told.clear();
    else if (this.told.has(line)) return;
    else this.told.add(line);
    this.own.transaction.changes.push({ kind, id, op, workspace: this.workspace, principal: this.principal.id, ...more });
  }

  async putResource({ kind, name, version, properties }: NewResource): Promise<StoredResource> {
    const row = await this.rows.one(
      `INSERT INTO resources (workspace, kind, name, version, properties, created_at, modified_at, created_by, modified_by, hash, serial)
       SELECT $1, $2, $3, $4, $5, $6::bigint, $6::bigint, $7, $7, $8,
         (SELECT coalesce(max(serial), 0) + 1 FROM resources WHERE workspace = $1 AND kind = $2 AND name = $3)
       ON CONFLICT (workspace, kind, name, version) DO UPDATE SET properties = excluded.properties, modified_at = excluded.modified_at,
         modified_by = excluded.modified_by, hash = excluded.hash RETURNING *`,
      this.workspace,
      kind,
      name,
      version,
      JSON.stringify(properties),
      Date.now(),
      this.principal.name,
      (properties.properties as Record<string, string> | undefined)?.hash_sha256 ?? null,
    );
    this.tell(changeKindOf[kind], version ? `${name}:${version}` : name, 'put');
    return resourceOf(row)!;
  }

  async renameResource(kind: ResourceKind, name: string, newName: string): Promise<void> {
    const twin =
      name !== newName &&
      (await this.rows.one(
        `SELECT 1 AS x FROM resources a JOIN resources b ON b.workspace = a.workspace AND b.kind = a.kind AND b.version = a.version AND b.name = $4
         WHERE a.workspace = $1 AND a.kind = $2 AND a.name = $3 LIMIT 1`,
        this.workspace,
        kind,
        name,
        newName,
      ));
    if (twin) throw new UserError('Conflict', `There is a resource "${newName}" already.`);
    await this.rows.run(
      'UPDATE resources SET name = $4, modified_at = $5 WHERE workspace = $1 AND kind = $2 AND name = $3',
      this.workspace,
      kind,
      name,
      newName,
      Date.now(),
    );
    this.tell(changeKindOf[kind], name, 'delete');
    this.tell(changeKindOf[kind], newName, 'put');
  }

  async deleteResource(kind: ResourceKind, name: string, version: string): Promise<void> {
    const gone = await this.rows.run(
      'DELETE FROM resources WHERE workspace = $1 AND kind = $2 AND name = $3 AND version = $4',
      this.workspace,
      kind,
      name,
      version,
    );
    if (gone > 0) this.tell(changeKindOf[kind], version ? `${name}:${version}` : name, 'delete');
  }

  async putJob(job: NewJob): Promise<void> {
    const { properties } = job;
    const now = Date.now();
    if (this.own.transaction.deleted.has(this.workspace)) throw workspaceGone(this.workspace);
    await this.noteUse(job.experimentId, now);
    // A job of that name may be in another workspace, which others write to at this moment: then their end is waited for.
    const row = await this.rows.one(
      `INSERT INTO jobs (name, workspace, experiment_id, status, parent, display_name, reuse_key, job_type, is_open, schedule, is_archived, is_deleted, claimed_by,
         created_at, modified_at, started_at, ended_at, "user", properties, claimant, compute, rank, definition)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) ON CONFLICT (name) DO NOTHING RETURNING serial`,
      job.name,
      this.workspace,
      job.experimentId,
      job.status,
      job.parent,
      ...columnsOf(properties),
      properties.isArchived ? 1 : 0,
      job.isDeleted ? 1 : 0,
      job.claimedBy,
      job.createdAt ?? now,
      now,
      job.startedAt,
      job.endedAt,
      job.user,
      JSON.stringify(properties),
      claimantOf(properties) ?? null,
      computeNameOf(properties.computeId),
      rankOf(properties),
      job.definition ?? null,
    );
    if (!row) throw new UserError('Conflict', `There is a job "${job.name}" already.`);
    this.known.set(job.name, { serial: row.serial, parent: job.parent });
    this.tell('job', job.name, 'put', { parent: job.parent, run: row.serial });
  }

  /** Notes that an experiment gets a job; once a write is enough, however many jobs it brings. */
  private async noteUse(id: string, now: number): Promise<void> {
    if (this.used.has(id)) return;
    const isThere =
      isId(id) &&
      (await this.rows.run('UPDATE experiments SET used_at = $3 WHERE id = $1 AND workspace = $2', id, this.workspace, now)) > 0;
    if (!isThere) throw new UserError('NotFound', `There is no experiment with the id ${id}.`);
    this.used.add(id);
  }

  async updateJob(before: StoredJob, properties: JobProperties | undefined, fields: JobFields): Promise<StoredJob> {
    const { name } = before;
    const job: StoredJob = {
      ...before,
      properties: properties ?? before.properties,
      status: fields.status ?? before.status,
      isDeleted: fields.isDeleted ?? before.isDeleted,
      claimedBy: fields.claimedBy === undefined ? before.claimedBy : fields.claimedBy,
      leaseUntil: fields.leaseUntil === undefined ? before.leaseUntil : fields.leaseUntil,
      startedAt: fields.startedAt === undefined ? before.startedAt : fields.startedAt,
      endedAt: fields.endedAt ?? before.endedAt,
      modifiedAt: Date.now(),
    };
    // Nothing is held of what has ended.
    if (isTerminal(job.status)) job.leaseUntil = null;
    const row = await this.rows.one(
      `UPDATE jobs SET status = $2, is_deleted = $3, claimed_by = $4, lease_until = $5, started_at = $6, ended_at = $7, modified_at = $8
       WHERE name = $1 RETURNING serial, parent`,
      name,
      job.status,
      job.isDeleted ? 1 : 0,
      job.claimedBy,
      job.leaseUntil,
      job.startedAt,
      job.endedAt,
      job.modifiedAt,
    );
    if (!row) throw new UserError('NotFound', `There is no job "${name}".`);
    await this.queue.addRunTime(job.user, runTimeOf(before, job, job.modifiedAt));
    // A pipeline's are as long as it has steps: written only when they changed.
    if (properties)
      await this.rows.run(
        `UPDATE jobs SET properties = $2, display_name = $3, reuse_key = $4, job_type = $5, is_open = $6, schedule = $7, is_archived = $8 WHERE name = $1`,
        name,
        JSON.stringify(properties),
        ...columnsOf(properties),
        properties.isArchived ? 1 : 0,
      );
    this.tell('job', name, 'put', { parent: job.parent, run: row.serial });
    return job;
  }

  async claimJobs(runner: string, jobs: string[], until: number): Promise<Map<string, number>> {
    const claimed = await this.rows.all(
      `UPDATE jobs SET claimed_by = $1, lease_until = $2, claim = claim + CASE WHEN claimed_by IS NULL THEN 1 ELSE 0 END
       WHERE name = ANY($3) AND workspace = $4 AND (claimed_by IS NULL OR claimed_by = $1) AND status NOT IN ('Completed', 'Failed', 'Canceled')
       RETURNING name, claim`,
      runner,
      until,
      jobs,
      this.workspace,
    );
    return new Map(claimed.map(({ name, claim }) => [name, claim]));
  }

  async deleteJob(name: string): Promise<string[]> {
    const removed = new Set<string>();
    await this.removeWithSteps(name, removed);
    return [...removed];
  }

  /** Runs may be written so that they lie below each other in a circle: each is removed once. */
  private async removeWithSteps(name: string, removed: Set<string>): Promise<void> {
    if (removed.has(name)) return;
    // Whoever is adding points to it at this moment comes first; who comes later finds it gone.
    const job = await this.rows.one('SELECT serial, parent FROM jobs WHERE name = $1 AND workspace = $2 FOR UPDATE', name, this.workspace);
    if (!job) return;
    removed.add(name);
    const steps = await this.rows.all(
      'SELECT name FROM jobs WHERE parent = $1 AND workspace = $2 ORDER BY serial DESC',
      name,
      this.workspace,
    );
    for (const step of steps) await this.removeWithSteps(step.name, removed);
    await this.deleteBlobs(artifactContainer, artifactFolder(name));
    await this.removeRow(name, job as JobRow);
  }

  /** Removes a job, and what is kept by its number or its name. */
  private async removeRow(name: string, { serial, parent }: JobRow): Promise<void> {
    for (const table of ['tags', 'params']) await this.rows.run(`DELETE FROM ${table} WHERE run = $1`, serial);
    await removeMetrics(this.rows, serial);
    await this.lineage.removeRun(name);
    await this.rows.run('DELETE FROM jobs WHERE serial = $1', serial);
    this.known.delete(name);
    this.tell('job', name, 'delete', { parent, run: serial });
  }

  async setTag(job: string, key: string, value: string | null): Promise<void> {
    const { serial } = await this.runOf(job);
    if (value === null) await this.rows.run('DELETE FROM tags WHERE run = $1 AND key = $2', serial, key);
    else
      await this.rows.run(
        'INSERT INTO tags (run, key, value) VALUES ($1, $2, $3) ON CONFLICT (run, key) DO UPDATE SET value = excluded.value',
        serial,
        key,
        value,
      );
    await this.tellJob(job);
  }

  async setParam(job: string, key: string, value: string): Promise<boolean> {
    const { serial } = await this.runOf(job);
    const written = await this.rows.run(
      'INSERT INTO params (run, key, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      serial,
      key,
      value,
    );
    if (written === 0) return (await this.rows.one('SELECT value FROM params WHERE run = $1 AND key = $2', serial, key))!.value === value;
    await this.tellJob(job);
    return true;
  }

  async createExperiment(name: string, tags: Record<string, string> = {}, artifactLocation?: string): Promise<StoredExperiment> {
    const insert = async (first: boolean) =>
      this.rows.one(
        `INSERT INTO experiments (${first ? 'id, ' : ''}workspace, name, created_at, modified_at, used_at, tags, artifact_location)
         SELECT ${first ? '0, ' : ''}$1, $2, $3::bigint, $3::bigint, $3::bigint, $4, $5
         ${first ? 'WHERE NOT EXISTS (SELECT 1 FROM experiments)' : ''} ON CONFLICT DO NOTHING RETURNING *`,
        this.workspace,
        name,
        Date.now(),
        JSON.stringify(tags),
        artifactLocation ?? null,
      );
    // MLflow clients know the first experiment as 0.
    const row = (await insert(true)) ?? (await insert(false));
    if (!row) throw new UserError('Conflict', `There is an experiment "${name}" already.`);
    this.tell('experiment', name, 'put');
    return experimentOf(row)!;
  }

  async updateExperiment(
    id: string,
    fields: { name?: string; isDeleted?: boolean; tags?: Record<string, string | null> },
  ): Promise<StoredExperiment> {
    const experiment = await this.experiment({ id });
    if (!experiment) throw new UserError('NotFound', `There is no experiment with the id ${id}.`);
    const tags = { ...experiment.tags, ...fields.tags };
    for (const [key, value] of Object.entries(tags)) if (value === null) delete tags[key];
    const name = fields.name ?? experiment.name;
    if (name !== experiment.name && (await this.experiment({ name })))
      throw new UserError('Conflict', `There is an experiment "${name}" already.`);
    // As MLflow has it, a tag is no change of the experiment.
    const isChanged = fields.name !== undefined || fields.isDeleted !== undefined;
    const row = await this.rows.one(
      'UPDATE experiments SET name = $2, is_deleted = $3, tags = $4, modified_at = $5 WHERE id = $1 RETURNING *',
      id,
      name,
      (fields.isDeleted ?? experiment.isDeleted) ? 1 : 0,
      JSON.stringify(tags),
      isChanged ? Date.now() : experiment.modifiedAt,
    );
    if (name !== experiment.name) this.tell('experiment', experiment.name, 'delete');
    this.tell('experiment', name, fields.isDeleted ? 'delete' : 'put');
    return experimentOf(row)!;
  }

  async putBlob(container: string, path: string, sha256: string, size: number, metadata: Record<string, string> = {}): Promise<void> {
    await this.queue.putBlob(container, path, sha256, size, Date.now(), JSON.stringify(metadata));
    await this.tellBlob(container, path, 'put');
  }

  async setBlobMetadata(container: string, path: string, metadata: Record<string, string>): Promise<boolean> {
    const written = await this.rows.run(
      'UPDATE blobs SET metadata = $4 WHERE workspace = $1 AND container = $2 AND path = $3',
      this.workspace,
      container,
      path,
      JSON.stringify(metadata),
    );
    if (written > 0) await this.tellBlob(container, path, 'put');
    return written > 0;
  }

  async deleteBlobs(container: string, prefix: string): Promise<void> {
    const gone = await this.queue.deleteBlobs(container, prefix);
    if (gone > 0) await this.tellBlob(container, prefix, 'delete');
  }

  async purgeJobs(names: readonly string[]): Promise<void> {
    const found = await this.rows.all(
      'SELECT name, serial, parent FROM jobs WHERE name = ANY($1) AND workspace = $2 FOR UPDATE',
      names,
      this.workspace,
    );
    for (const { name, serial, parent } of found) await this.removeRow(name, { serial, parent });
  }

  async purgeRows(most: number): Promise<number> {
    let gone = 0;
    for (const table of workspaceTables) gone += await this.rows.run(purgeSql(table, '$1', '$2'), this.workspace, most);
    if (gone > 0) this.tell('workspace', this.workspace, 'delete');
    return gone;
  }

  /** A job's artifacts are told as the job's; any other content by its container and path. */
  private async tellBlob(container: string, path: string, op: Change['op']): Promise<void> {
    // With a slash at its end, the folder of all that a job has is the job's too.
    const job = container === artifactContainer ? artifactOwner(`${path}/`) : undefined;
    if (job === undefined) return this.tell('blob', `${container}/${path}`, op);
    // The job of that name may be another workspace's.
    const run = await this.run(job);
    this.tell('artifact', job, 'put', run ? { run: run.serial, parent: run.parent } : {});
  }

  /** The row of a job of this workspace, asked for once. */
  private async run(job: string): Promise<JobRow | undefined> {
    this.own.refuseWhenOver();
    if (!this.known.has(job))
      this.known.set(
        job,
        (await this.rows.one('SELECT serial, parent FROM jobs WHERE name = $1 AND workspace = $2', job, this.workspace)) as
          | JobRow
          | undefined,
      );
    return this.known.get(job);
  }

  private async runOf(job: string): Promise<JobRow> {
    const run = await this.run(job);
    if (!run) throw new UserError('NotFound', `There is no job "${job}".`);
    return run;
  }

  private async tellJob(job: string): Promise<void> {
    const { serial: run, parent } = await this.runOf(job);
    this.tell('job', job, 'put', { run, parent });
  }
}

/** What of a job's properties has a column of its own: display name, reuse key, type, whether it is a client's own run, the schedule that started it. */
const columnsOf = (properties: JobProperties): [string | null, string | null, string, number, string | null] => [
  properties.displayName ?? null,
  properties.properties?.[jobProperty.reuseKey] ?? null,
  properties.jobType,
  properties.jobType === 'Command' && (properties as { command?: string }).command === '' ? 1 : 0,
  properties.properties?.[jobProperty.schedule] ?? null,
];
