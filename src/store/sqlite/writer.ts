import type { StatementSync } from 'node:sqlite';
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
import type { JobFields, NewJob, NewResource, ResourceKind, StoredExperiment, StoredJob, StoredResource, StoreWriter } from '../store.ts';
import type { ChangeLog } from './changeLog.ts';
import { SqliteEntityWriter } from './entities/sqliteEntities.ts';
import { SqliteLineageWriter } from './entities/sqliteLineage.ts';
import { SqliteQueueWriter } from './entities/sqliteQueue.ts';
import { SqliteSpanWriter } from './entities/sqliteSpans.ts';
import type { RunEntry } from './metrics/directory.ts';
import type { MetricWriter } from './metrics/metricWriter.ts';
import { SqliteReader } from './reader.ts';
import { refuseTwins } from './refuseTwins.ts';
import type { Sql } from './sql.ts';

const timeOf = (experiment: string) => `time of experiment ${experiment}`;

/** Writes rows. Each method runs one statement or a few, and records its change in the log. A writer belongs to one write, and must not be used after it. */
export class SqliteWriter extends SqliteReader implements StoreWriter {
  override readonly entities: SqliteEntityWriter;
  override readonly lineage: SqliteLineageWriter;
  override readonly spans: SqliteSpanWriter;
  override readonly queue: SqliteQueueWriter;
  private readonly metrics: MetricWriter;
  private readonly log: ChangeLog;
  /** Within one write, one line says that something changed, however often it does. */
  private readonly told = new Set<string>();
  private isOver = false;

  constructor(sql: Sql, metrics: MetricWriter, log: ChangeLog, workspace: string, principal: Principal) {
    super(sql, metrics.directory, workspace, principal);
    this.metrics = metrics;
    this.log = log;
    this.entities = new SqliteEntityWriter(this.prepared, workspace, (kind, id, op) => this.tell(kind, id, op));
    this.lineage = new SqliteLineageWriter(this.prepared, workspace, (kind, id) =>
      kind === 'job' ? this.tellJob(id) : this.tell(kind, id, 'put'),
    );
    this.queue = new SqliteQueueWriter(this.prepared, workspace);
    this.spans = new SqliteSpanWriter(this.prepared, workspace, (trace) => this.tell('trace', trace, 'put'));
  }

  /** The write was committed or undone: whoever still holds the writer would write into another's transaction. */
  end(): void {
    this.isOver = true;
  }

  protected override prepare(sql: string): StatementSync {
    this.refuseWhenOver();
    return super.prepare(sql);
  }

  private refuseWhenOver(): void {
    if (this.isOver) throw new Error('A write went on after its end: its work must wait for all that it does.');
  }

  /** The newest change, those of this write among them. */
  newest(): number {
    return this.one("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")?.seq ?? 0;
  }

  async announce(kind: ChangeKind, id: string, op: Change['op'], more: { parent?: string | null; keys?: string[] } = {}): Promise<void> {
    this.tell(kind, id, op, more);
  }

  private tell(kind: ChangeKind, id: string, op: Change['op'], more: Pick<NewChange, 'parent' | 'keys' | 'run'> = {}): void {
    this.refuseWhenOver();
    const line = `${kind} ${id}`;
    // What went may have taken others along: whatever is written from here on is told again.
    if (op === 'delete') this.told.clear();
    else if (this.told.has(line)) return;
    else this.told.add(line);
    this.log.add({ kind, id, op, workspace: this.workspace, principal: this.principal.id, ...more });
  }

  async putResource({ kind, name, version, properties }: NewResource): Promise<StoredResource> {
    const { workspace, principal } = this;
    const now = Date.now();
    const hash = (properties.properties as Record<string, string> | undefined)?.hash_sha256 ?? null;
    const serial =
      (this.one('SELECT max(serial) AS n FROM resources WHERE workspace = ? AND kind = ? AND name = ?', workspace, kind, name)?.n ?? 0) + 1;
    this.prepare(
      `INSERT INTO resources (workspace, kind, name, version, properties, created_at, modified_at, created_by, modified_by, hash, serial)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET properties = excluded.properties, modified_at = excluded.modified_at,
       modified_by = excluded.modified_by, hash = excluded.hash`,
    ).run(workspace, kind, name, version, JSON.stringify(properties), now, now, principal.name, principal.name, hash, serial);
    this.tell(changeKindOf[kind], version ? `${name}:${version}` : name, 'put');
    return (await this.resource(kind, name, version))!;
  }

  async renameResource(kind: ResourceKind, name: string, newName: string): Promise<void> {
    refuseTwins(`There is a resource "${newName}" already.`, () =>
      this.prepare('UPDATE resources SET name = ?, modified_at = ? WHERE workspace = ? AND kind = ? AND name = ?').run(
        newName,
        Date.now(),
        this.workspace,
        kind,
        name,
      ),
    );
    this.tell(changeKindOf[kind], name, 'delete');
    this.tell(changeKindOf[kind], newName, 'put');
  }

  async deleteResource(kind: ResourceKind, name: string, version: string): Promise<void> {
    const { changes } = this.prepare('DELETE FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version = ?').run(
      this.workspace,
      kind,
      name,
      version,
    );
    if (changes) this.tell(changeKindOf[kind], version ? `${name}:${version}` : name, 'delete');
  }

  async putJob(job: NewJob): Promise<void> {
    const now = Date.now();
    const { properties } = job;
    this.refuseForeignExperiment(job.experimentId);
    const insert = this.prepare(
      `INSERT INTO jobs (name, workspace, experiment_id, status, parent, display_name, reuse_key, is_archived, is_deleted, claimed_by, created_at, modified_at, started_at, ended_at, user, properties, claimant, compute, rank, definition)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const { lastInsertRowid: run } = refuseTwins(`There is a job "${job.name}" already.`, () =>
      insert.run(
        job.name,
        this.workspace,
        job.experimentId,
        job.status,
        job.parent,
        properties.displayName ?? null,
        properties.properties?.[jobProperty.reuseKey] ?? null,
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
      ),
    );
    this.touchExperiment(job.experimentId, now);
    this.tell('job', job.name, 'put', { parent: job.parent, run: Number(run) });
  }

  /** Asked once a write, however many jobs it brings: an experiment never goes. */
  private refuseForeignExperiment(id: string): void {
    if (this.told.has(timeOf(id)) || this.one('SELECT 1 AS x FROM experiments WHERE id = ? AND workspace = ?', id, this.workspace)) return;
    throw new UserError('NotFound', `There is no experiment with the id ${id}.`);
  }

  /** Once a write is enough, however many jobs it brings. */
  private touchExperiment(id: string, now: number): void {
    const line = timeOf(id);
    if (this.told.has(line)) return;
    this.told.add(line);
    this.prepare('UPDATE experiments SET used_at = ? WHERE id = ?').run(now, id);
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
    this.queue.addRunTime(job.user, runTimeOf(before, job, job.modifiedAt));
    this.prepare(
      'UPDATE jobs SET status = ?, is_deleted = ?, claimed_by = ?, lease_until = ?, started_at = ?, ended_at = ?, modified_at = ? WHERE name = ?',
    ).run(job.status, job.isDeleted ? 1 : 0, job.claimedBy, job.leaseUntil, job.startedAt, job.endedAt, job.modifiedAt, name);
    // A pipeline's are as long as it has steps: written only when they changed.
    if (properties)
      this.prepare('UPDATE jobs SET properties = ?, display_name = ?, reuse_key = ?, is_archived = ? WHERE name = ?').run(
        JSON.stringify(properties),
        properties.displayName ?? null,
        properties.properties?.[jobProperty.reuseKey] ?? null,
        properties.isArchived ? 1 : 0,
        name,
      );
    if (fields.isDeleted !== undefined) this.directory.forgetRun(name);
    this.tell('job', name, 'put', { parent: job.parent, run: this.runOf(name).serial });
    return job;
  }

  async claimJobs(runner: string, jobs: string[], until: number): Promise<Map<string, number>> {
    const claimed = this.all(
      `UPDATE jobs SET claimed_by = ?1, lease_until = ?2, claim = claim + (claimed_by IS NULL) WHERE name IN (SELECT value FROM json_each(?3)) AND +workspace = ?4
       AND (claimed_by IS NULL OR claimed_by = ?1) AND status NOT IN ('Completed', 'Failed', 'Canceled') RETURNING name, claim`,
      runner,
      until,
      JSON.stringify(jobs),
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
    const job = removed.has(name) ? undefined : await this.job(name);
    if (!job) return;
    removed.add(name);
    for (const step of await this.jobs({ parent: name }, 0, 1_000_000)) await this.removeWithSteps(step.name, removed);
    const run = this.directory.run(name)!;
    for (const table of ['tags', 'params']) this.prepare(`DELETE FROM ${table} WHERE run = ?`).run(run.serial);
    this.metrics.removeRun(run);
    await this.lineage.removeRun(name);
    await this.deleteBlobs(artifactContainer, artifactFolder(name));
    this.prepare('DELETE FROM jobs WHERE name = ?').run(name);
    // To tell of its artifacts it was looked up again.
    this.directory.forgetRun(name);
    this.tell('job', name, 'delete', { parent: job.parent, run: run.serial });
  }

  async setTag(job: string, key: string, value: string | null): Promise<void> {
    const run = this.runOf(job).serial;
    if (value === null) this.prepare('DELETE FROM tags WHERE run = ? AND key = ?').run(run, key);
    else this.prepare('INSERT OR REPLACE INTO tags (run, key, value) VALUES (?, ?, ?)').run(run, key, value);
    this.tellJob(job);
  }

  async setParam(job: string, key: string, value: string): Promise<boolean> {
    const run = this.runOf(job).serial;
    const { changes } = this.prepare('INSERT OR IGNORE INTO params (run, key, value) VALUES (?, ?, ?)').run(run, key, value);
    if (!changes) return this.one('SELECT value FROM params WHERE run = ? AND key = ?', run, key)!.value === value;
    this.tellJob(job);
    return true;
  }

  async createExperiment(name: string, tags: Record<string, string> = {}, artifactLocation?: string): Promise<StoredExperiment> {
    const now = Date.now();
    // MLflow clients know the first experiment as 0.
    const id = this.one('SELECT 1 AS x FROM experiments LIMIT 1') ? null : 0;
    const insert = this.prepare(
      'INSERT INTO experiments (id, workspace, name, created_at, modified_at, used_at, tags, artifact_location) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    refuseTwins(`There is an experiment "${name}" already.`, () =>
      insert.run(id, this.workspace, name, now, now, now, JSON.stringify(tags), artifactLocation ?? null),
    );
    this.tell('experiment', name, 'put');
    return (await this.experiment({ name }))!;
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
    const update = this.prepare('UPDATE experiments SET name = ?, is_deleted = ?, tags = ?, modified_at = ? WHERE id = ?');
    // As MLflow has it, a tag is no change of the experiment.
    const isChanged = fields.name !== undefined || fields.isDeleted !== undefined;
    refuseTwins(`There is an experiment "${name}" already.`, () =>
      update.run(
        name,
        (fields.isDeleted ?? experiment.isDeleted) ? 1 : 0,
        JSON.stringify(tags),
        isChanged ? Date.now() : experiment.modifiedAt,
        id,
      ),
    );
    if (name !== experiment.name) this.tell('experiment', experiment.name, 'delete');
    this.tell('experiment', name, fields.isDeleted ? 'delete' : 'put');
    return (await this.experiment({ id }))!;
  }

  async putBlob(container: string, path: string, sha256: string, size: number, metadata: Record<string, string> = {}): Promise<void> {
    const owner = this.queue.replaceBlob(container, path, size);
    this.prepare(
      'INSERT OR REPLACE INTO blobs (workspace, container, path, sha256, size, modified_at, metadata, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(this.workspace, container, path, sha256, size, Date.now(), JSON.stringify(metadata), owner);
    this.tellBlob(container, path, 'put');
  }

  async setBlobMetadata(container: string, path: string, metadata: Record<string, string>): Promise<boolean> {
    const text = JSON.stringify(metadata);
    const { changes } = this.prepare('UPDATE blobs SET metadata = ? WHERE workspace = ? AND container = ? AND path = ?').run(
      text,
      this.workspace,
      container,
      path,
    );
    if (changes) this.tellBlob(container, path, 'put');
    return changes > 0;
  }

  async deleteBlobs(container: string, prefix: string): Promise<void> {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    const where = 'workspace = ? AND container = ? AND (path = ? OR (path >= ? AND path < ?))';
    const values = [this.workspace, container, prefix, folder, `${folder.slice(0, -1)}0`];
    for (const { owner, bytes } of this.all(`SELECT owner, sum(size) AS bytes FROM blobs WHERE ${where} GROUP BY owner`, ...values))
      this.queue.addStorage(owner, -bytes);
    const { changes } = this.prepare(`DELETE FROM blobs WHERE ${where}`).run(...values);
    if (changes) this.tellBlob(container, prefix, 'delete');
  }

  /** A job's artifacts are told as the job's; any other content by its container and path. */
  private tellBlob(container: string, path: string, op: Change['op']): void {
    // With a slash at its end, the folder of all that a job has is the job's too.
    const job = container === artifactContainer ? artifactOwner(`${path}/`) : undefined;
    if (job === undefined) return this.tell('blob', `${container}/${path}`, op);
    const run = this.directory.run(job);
    // The job of that name may be another workspace's.
    this.tell('artifact', job, 'put', run?.workspace === this.workspace ? { run: run.serial, parent: run.parent } : {});
  }

  private runOf(job: string): RunEntry {
    const run = this.directory.run(job);
    if (run?.workspace !== this.workspace) throw new UserError('NotFound', `There is no job "${job}".`);
    return run;
  }

  private tellJob(job: string): void {
    const { serial: run, parent } = this.runOf(job);
    this.tell('job', job, 'put', { run, parent });
  }
}
