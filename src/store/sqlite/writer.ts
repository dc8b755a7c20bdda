import { UserError } from '../../base/userError.ts';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import { claimantOf } from '../../protocol/claims.ts';
import { computeNameOf } from '../../protocol/infrastructure.ts';
import { isTerminal, type JobProperties, jobProperty } from '../../protocol/job.ts';
import type { JobFields, NewJob, Point, ResourceKind, StoredExperiment, StoredJob, StoredResource, StoreWriter } from '../store.ts';
import { SqliteEntityWriter } from './entities/sqliteEntities.ts';
import { SqliteLineageWriter } from './entities/sqliteLineage.ts';
import { SqliteSpanWriter } from './entities/sqliteSpans.ts';
import { SqliteReader } from './reader.ts';

const changeKindOf: Record<ResourceKind, ChangeKind> = {
  codes: 'code',
  components: 'component',
  data: 'data',
  environments: 'environment',
  models: 'model',
  prompts: 'prompt',
  datastores: 'datastore',
  computes: 'compute',
  workspaces: 'workspace',
  connections: 'connection',
  schedules: 'schedule',
  onlineEndpoints: 'endpoint',
  onlineDeployments: 'deployment',
  batchEndpoints: 'endpoint',
  batchDeployments: 'deployment',
};

/** A change of more metric keys than this does not name them: any may have points. */
const mostKeysTold = 40;

/** The writing half: each method is one statement or a few, and leaves its change in the log. Runs inside a transaction of `GroupCommit`. */
export class SqliteWriter extends SqliteReader implements StoreWriter {
  override readonly entities = new SqliteEntityWriter(this.prepared, (kind, id, op) => this.announce(kind, id, op));
  override readonly lineage = new SqliteLineageWriter(this.prepared);
  override readonly spans = new SqliteSpanWriter(this.prepared);
  private readonly announced = new Set<string>();

  /** A write of its own begins, or one was undone. */
  begin(): void {
    this.announced.clear();
  }

  announce(
    kind: ChangeKind,
    id: string,
    op: Change['op'],
    more: { workspace?: string; parent?: string | null; keys?: string[] } = {},
  ): void {
    // Within one write, one line says that a job or its metrics changed, however often they do.
    const line = `${kind} ${op} ${id}`;
    if ((kind === 'job' || kind === 'artifact') && op === 'put') {
      if (this.announced.has(line)) return;
      this.announced.add(line);
    }
    this.prepare('INSERT INTO changes (kind, id, op, at, workspace, parent, keys) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      kind,
      id,
      op,
      new Date().toISOString(),
      more.workspace ?? null,
      more.parent ?? null,
      more.keys ? JSON.stringify(more.keys) : null,
    );
  }

  putResource(resource: Omit<StoredResource, 'createdAt' | 'modifiedAt'>): StoredResource {
    const { workspace, kind, name, version, properties } = resource;
    const now = Date.now();
    const hash = (properties.properties as Record<string, string> | undefined)?.hash_sha256 ?? null;
    const serial =
      (this.one('SELECT max(serial) AS n FROM resources WHERE workspace = ? AND kind = ? AND name = ?', workspace, kind, name)?.n ?? 0) + 1;
    this.prepare(
      `INSERT INTO resources (workspace, kind, name, version, properties, created_at, modified_at, hash, serial) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET properties = excluded.properties, modified_at = excluded.modified_at, hash = excluded.hash`,
    ).run(workspace, kind, name, version, JSON.stringify(properties), now, now, hash, serial);
    this.announce(changeKindOf[kind], version ? `${name}:${version}` : name, 'put', { workspace });
    return this.resource(workspace, kind, name, version)!;
  }

  renameResource(workspace: string, kind: ResourceKind, name: string, newName: string): void {
    const now = Date.now();
    this.prepare('UPDATE resources SET name = ?, modified_at = ? WHERE workspace = ? AND kind = ? AND name = ?').run(
      newName,
      now,
      workspace,
      kind,
      name,
    );
    this.announce(changeKindOf[kind], name, 'delete', { workspace });
    this.announce(changeKindOf[kind], newName, 'put', { workspace });
  }

  deleteResource(workspace: string, kind: ResourceKind, name: string, version: string): void {
    const { changes } = this.prepare('DELETE FROM resources WHERE workspace = ? AND kind = ? AND name = ? AND version = ?').run(
      workspace,
      kind,
      name,
      version,
    );
    if (changes) this.announce(changeKindOf[kind], version ? `${name}:${version}` : name, 'delete', { workspace });
  }

  putJob(job: NewJob): void {
    const now = Date.now();
    const { properties } = job;
    const { lastInsertRowid } = this.prepare(
      `INSERT INTO jobs (name, workspace, experiment_id, status, parent, display_name, reuse_key, is_archived, is_deleted, claimed_by, created_at, modified_at, started_at, ended_at, user, properties, claimant, compute, definition)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      job.name,
      job.workspace,
      job.experimentId,
      job.status,
      job.parent,
      properties.displayName ?? null,
      properties.properties?.[jobProperty.reuseKey] ?? null,
      properties.isArchived ? 1 : 0,
      job.claimedBy,
      now,
      now,
      job.startedAt,
      job.endedAt,
      job.user,
      JSON.stringify(properties),
      claimantOf(properties) ?? null,
      computeNameOf(properties.computeId),
      job.definition ?? null,
    );
    this.touchExperiment(job.experimentId, now);
    this.search.put(Number(lastInsertRowid));
    this.announce('job', job.name, 'put', { workspace: job.workspace, parent: job.parent });
  }

  /** Once a write is enough, however many jobs it brings. */
  private touchExperiment(id: string, now: number): void {
    const line = `experiment ${id}`;
    if (this.announced.has(line)) return;
    this.announced.add(line);
    this.prepare('UPDATE experiments SET modified_at = ? WHERE id = ?').run(now, id);
  }

  updateJob(before: StoredJob, properties: JobProperties | undefined, fields: JobFields): StoredJob {
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
    if (fields.isDeleted !== undefined) this.metrics.directory.forgetRun(name);
    this.search.put(this.serialOf(name));
    this.announce('job', name, 'put', { workspace: job.workspace, parent: job.parent });
    return job;
  }

  claimJobs(runner: string, jobs: string[], until: number): string[] {
    return this.all(
      `UPDATE jobs SET claimed_by = ?1, lease_until = ?2 WHERE name IN (SELECT value FROM json_each(?3)) AND (claimed_by IS NULL OR claimed_by = ?1)
       AND status NOT IN ('Completed', 'Failed', 'Canceled') RETURNING name`,
      runner,
      until,
      JSON.stringify(jobs),
    ).map(({ name }) => name);
  }

  deleteJob(name: string): string[] {
    const job = this.job(name);
    if (!job) return [];
    const removed = [name];
    for (const step of this.jobs(job.workspace, { parent: name }, 0, 1_000_000)) removed.push(...this.deleteJob(step.name));
    const run = this.metrics.directory.run(name)!;
    for (const table of ['tags', 'params']) this.prepare(`DELETE FROM ${table} WHERE run = ?`).run(run.serial);
    this.metrics.removeRun(run);
    this.search.remove(run.serial);
    this.lineage.removeRun(name);
    this.deleteBlobs('azureml', `ExperimentRun/dcid.${name}`);
    this.prepare('DELETE FROM jobs WHERE name = ?').run(name);
    this.announce('job', name, 'delete', { workspace: job.workspace, parent: job.parent });
    return removed;
  }

  setTag(job: string, key: string, value: string | null): void {
    const run = this.serialOf(job);
    if (value === null) this.prepare('DELETE FROM tags WHERE run = ? AND key = ?').run(run, key);
    else this.prepare('INSERT OR REPLACE INTO tags (run, key, value) VALUES (?, ?, ?)').run(run, key, value);
    this.search.set('tag', key, run, value ?? undefined);
    this.announceJob(job);
  }

  setParam(job: string, key: string, value: string): boolean {
    const run = this.serialOf(job);
    const { changes } = this.prepare('INSERT OR IGNORE INTO params (run, key, value) VALUES (?, ?, ?)').run(run, key, value);
    if (!changes) return this.one('SELECT value FROM params WHERE run = ? AND key = ?', run, key)!.value === value;
    this.search.set('param', key, run, value);
    this.announceJob(job);
    return true;
  }

  logPoints(job: string, points: Point[]): void {
    const run = this.metrics.directory.run(job);
    if (!run) throw new UserError('NotFound', `There is no job "${job}".`);
    if (points.length === 0) return;
    this.metrics.append(run, points);
    const keys = new Set<string>();
    for (const { key } of points) {
      keys.add(key);
      if (keys.size > mostKeysTold) break;
    }
    this.announce('metric', job, 'put', {
      workspace: run.workspace,
      parent: run.parent,
      ...(keys.size > mostKeysTold ? {} : { keys: [...keys] }),
    });
  }

  createExperiment(workspace: string, name: string, tags: Record<string, string> = {}, artifactLocation?: string): StoredExperiment {
    const now = Date.now();
    // MLflow clients know the first experiment as 0.
    const id = this.one('SELECT 1 AS x FROM experiments LIMIT 1') ? null : 0;
    this.prepare(
      'INSERT INTO experiments (id, workspace, name, created_at, modified_at, tags, artifact_location) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(id, workspace, name, now, now, JSON.stringify(tags), artifactLocation ?? null);
    this.announce('experiment', name, 'put', { workspace });
    return this.experiment(workspace, { name })!;
  }

  updateExperiment(
    workspace: string,
    id: string,
    fields: { name?: string; isDeleted?: boolean; tags?: Record<string, string | null> },
  ): StoredExperiment {
    const experiment = this.experiment(workspace, { id });
    if (!experiment) throw new UserError('NotFound', `There is no experiment with the id ${id}.`);
    const tags = { ...experiment.tags, ...fields.tags };
    for (const [key, value] of Object.entries(tags)) if (value === null) delete tags[key];
    this.prepare('UPDATE experiments SET name = ?, is_deleted = ?, tags = ?, modified_at = ? WHERE id = ?').run(
      fields.name ?? experiment.name,
      (fields.isDeleted ?? experiment.isDeleted) ? 1 : 0,
      JSON.stringify(tags),
      Date.now(),
      id,
    );
    this.announce('experiment', fields.name ?? experiment.name, fields.isDeleted ? 'delete' : 'put', { workspace });
    return this.experiment(workspace, { id })!;
  }

  putBlob(container: string, path: string, sha256: string, size: number, metadata: Record<string, string> = {}): void {
    this.prepare('INSERT OR REPLACE INTO blobs (container, path, sha256, size, modified_at, metadata) VALUES (?, ?, ?, ?, ?, ?)').run(
      container,
      path,
      sha256,
      size,
      Date.now(),
      JSON.stringify(metadata),
    );
    const job = /^ExperimentRun\/dcid\.([^/]+)\//.exec(path)?.[1];
    if (container === 'azureml' && job) this.announce('artifact', job, 'put', { parent: this.parentOf(job) });
  }

  setBlobMetadata(container: string, path: string, metadata: Record<string, string>): boolean {
    const text = JSON.stringify(metadata);
    return this.prepare('UPDATE blobs SET metadata = ? WHERE container = ? AND path = ?').run(text, container, path).changes > 0;
  }

  deleteBlobs(container: string, prefix: string): void {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    this.prepare('DELETE FROM blobs WHERE container = ? AND (path = ? OR (path >= ? AND path < ?))').run(
      container,
      prefix,
      folder,
      `${folder.slice(0, -1)}0`,
    );
  }

  private serialOf(job: string): number {
    const run = this.metrics.directory.run(job);
    if (!run) throw new UserError('NotFound', `There is no job "${job}".`);
    return run.serial;
  }

  private parentOf(job: string): string | null {
    return this.one('SELECT parent FROM jobs WHERE name = ?', job)?.parent ?? null;
  }

  private announceJob(job: string): void {
    this.announce('job', job, 'put', { parent: this.parentOf(job) });
  }
}
