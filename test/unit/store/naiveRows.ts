import { jobProperty } from '../../../src/protocol/job.ts';
import { writtenBy } from '../../../src/protocol/jobPlaces.ts';
import type { EntityKind, StoredEntity } from '../../../src/store/entities.ts';
import type { ModelMetric, RunDataset, RunModel } from '../../../src/store/lineage.ts';
import { byDay, type QueuePlace } from '../../../src/store/queue.ts';
import type { StoredSpan } from '../../../src/store/spans.ts';
import type { JobFilter, NewJob, ResourceKind } from '../../../src/store/store.ts';

export interface NaiveJob extends NewJob {
  workspace: string;
  claim: number;
  /** Of its properties: the compute that was asked for, and who may claim it. */
  compute: string;
  rank: number;
  claimant: 'runner' | 'orchestrator' | undefined;
  leaseUntil: number | null;
  tags: Record<string, string>;
  params: Record<string, string>;
  datasets: RunDataset[];
  models: { input: RunModel[]; output: RunModel[] };
}

export interface NaiveResource {
  kind: ResourceKind;
  name: string;
  version: string;
  properties: Record<string, unknown>;
  createdBy: string;
  modifiedBy: string;
  serial: number;
}

export interface NaiveExperiment {
  id: string;
  workspace: string;
  name: string;
  isDeleted: boolean;
  tags: Record<string, string>;
  artifactLocation: string | null;
}

export interface NaiveBlob {
  container: string;
  path: string;
  sha256: string;
  size: number;
  /** Whose job has written it; '' of anything else. */
  owner: string;
  metadata: Record<string, string>;
}

interface FolderEntry {
  path: string;
  isFolder: boolean;
  size?: number;
  sha256?: string;
}

/** Order of texts by their bytes in UTF-8. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const ended: readonly string[] = ['Completed', 'Failed', 'Canceled'];

/** The rows of all workspaces of a plane. */
export class NaivePlane {
  private readonly workspaces = new Map<string, NaiveRows>();

  in(workspace: string): NaiveRows {
    const present = this.workspaces.get(workspace);
    if (present) return present;
    const made = new NaiveRows(workspace);
    this.workspaces.set(workspace, made);
    return made;
  }

  /** Of all workspaces. */
  jobs(): NaiveJob[] {
    return [...this.workspaces.values()].flatMap(({ jobs }) => jobs);
  }

  experiments(): NaiveExperiment[] {
    return [...this.workspaces.values()].flatMap(({ experiments }) => experiments);
  }

  hasContent(sha256: string): boolean {
    return [...this.workspaces.values()].some(({ blobs }) => blobs.some((blob) => blob.sha256 === sha256));
  }

  copy(): NaivePlane {
    const copy = new NaivePlane();
    for (const [name, rows] of this.workspaces) copy.workspaces.set(name, rows.copy());
    return copy;
  }
}

/** The rows of one workspace as plain lists, read by walking over all of them. What it answers is what every store must answer. */
export class NaiveRows {
  readonly workspace: string;
  /** Oldest first. */
  jobs: NaiveJob[] = [];
  resources: NaiveResource[] = [];
  experiments: NaiveExperiment[] = [];
  blobs: NaiveBlob[] = [];
  /** Milliseconds by person and day. */
  ran: Record<string, number> = {};
  ranUntilNow = new Set<string>();
  entities: StoredEntity[] = [];
  spans: Record<string, StoredSpan[]> = {};
  modelMetrics: (ModelMetric & { model: string })[] = [];

  constructor(workspace: string) {
    this.workspace = workspace;
  }

  copy(): NaiveRows {
    return Object.assign(new NaiveRows(this.workspace), structuredClone({ ...this }));
  }

  job(name: string): NaiveJob | undefined {
    return this.jobs.find((job) => job.name === name);
  }

  found(filter: JobFilter): NaiveJob[] {
    return this.jobs
      .filter((job) => {
        const { displayName, isArchived } = job.properties;
        const has = (text: string | undefined | null) => text != null && lower(text).includes(lower(filter.search!));
        const tag = filter.tag && job.tags[filter.tag.key];
        return (
          (filter.parent === null || job.parent === (filter.parent ?? null)) &&
          (filter.experiment === undefined || this.experiments.find(({ id }) => id === job.experimentId)!.name === filter.experiment) &&
          (!filter.status?.length || filter.status.includes(job.status)) &&
          (filter.archived === undefined || (isArchived ?? false) === filter.archived) &&
          (filter.deleted === undefined || job.isDeleted === filter.deleted) &&
          (!filter.search || has(job.name) || has(displayName)) &&
          (!filter.tag || (tag !== undefined && (filter.tag.value === undefined || tag === filter.tag.value)))
        );
      })
      .reverse();
  }

  byReuseKey(keys: string[]): NaiveJob[] {
    return keys.flatMap((key) => {
      const of = this.jobs.filter(
        (job) => job.status === 'Completed' && !job.isDeleted && job.properties.properties?.[jobProperty.reuseKey] === key,
      );
      return of.slice(-1);
    });
  }

  orchestrations(): NaiveJob[] {
    return this.jobs.filter(
      (job) => job.claimant === 'orchestrator' && job.claimedBy === null && !job.isDeleted && !ended.includes(job.status),
    );
  }

  /** Jobs for runners that nobody has, in the order in which those of one person go. */
  queued({ compute, user }: Partial<QueuePlace> = {}): NaiveJob[] {
    return this.jobs
      .filter(
        (job) =>
          job.claimant === 'runner' &&
          job.claimedBy === null &&
          !job.isDeleted &&
          ['NotStarted', 'Queued'].includes(job.status) &&
          (compute === undefined || job.compute === compute) &&
          (user === undefined || job.user === user),
      )
      .sort((a, b) => a.rank - b.rank);
  }

  /** Answers those that the runner has now, and the numbers of its claims. */
  claimJobs(runner: string, names: string[], until: number): [name: string, claim: number][] {
    const its = this.jobs.filter(
      (job) => names.includes(job.name) && (job.claimedBy === null || job.claimedBy === runner) && !ended.includes(job.status),
    );
    for (const job of its)
      Object.assign(job, { claimedBy: runner, leaseUntil: until, claim: job.claimedBy === null ? job.claim + 1 : job.claim });
    return its.map(({ name, claim }) => [name, claim]);
  }

  updateJob(job: NaiveJob, fields: Partial<NaiveJob>): void {
    const { startedAt, status, user } = job;
    Object.assign(job, fields);
    const isOver = startedAt !== null && !ended.includes(status) && (ended.includes(job.status) || job.startedAt === null);
    if (isOver && job.claimant === 'runner' && job.endedAt !== null)
      for (const { day, ms } of byDay(startedAt, job.endedAt)) this.ran[`${user} ${day}`] = (this.ran[`${user} ${day}`] ?? 0) + ms;
    // Of what has no end of its own, nobody here knows the time.
    else if (isOver && job.claimant === 'runner') this.ranUntilNow.add(user);
    // Nothing is held of what has ended.
    if (ended.includes(job.status)) job.leaseUntil = null;
  }

  /** Answers the names of all that went. */
  deleteJob(name: string, going = new Set<string>()): string[] {
    const job = this.job(name);
    if (!job || going.has(name)) return [];
    going.add(name);
    const steps = this.jobs.filter(({ parent }) => parent === name);
    const removed = [name, ...steps.flatMap((step) => this.deleteJob(step.name, going))];
    this.deleteBlobs('azureml', `ExperimentRun/dcid.${name}`);
    this.modelMetrics = this.modelMetrics.filter(({ run }) => run !== name);
    this.jobs = this.jobs.filter((each) => each !== job);
    return removed;
  }

  resource(kind: ResourceKind, name: string, version: string): NaiveResource | undefined {
    return this.resources.find((each) => each.kind === kind && each.name === name && each.version === version);
  }

  listed(kind: ResourceKind, name: string | undefined): NaiveResource[] {
    const of = this.resources.filter((each) => each.kind === kind);
    return name === undefined
      ? of.filter(({ version }) => version === '').sort((a, b) => byBytes(a.name, b.name))
      : of.filter((each) => each.name === name && each.version !== '').sort((a, b) => b.serial - a.serial);
  }

  putResource(resource: Omit<NaiveResource, 'serial' | 'createdBy' | 'modifiedBy'>, by: string): NaiveResource {
    const present = this.resource(resource.kind, resource.name, resource.version);
    if (present) return Object.assign(present, { properties: resource.properties, modifiedBy: by });
    const { kind, name } = resource;
    const serials = this.resources.filter((each) => each.kind === kind && each.name === name);
    const made = { ...resource, createdBy: by, modifiedBy: by, serial: Math.max(0, ...serials.map(({ serial }) => serial)) + 1 };
    this.resources.push(made);
    return made;
  }

  deleteBlobs(container: string, prefix: string): void {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    this.blobs = this.blobs.filter((blob) => blob.container !== container || !(blob.path === prefix || blob.path.startsWith(folder)));
  }

  putBlob(given: Omit<NaiveBlob, 'owner'>): void {
    const owner = this.job(writtenBy(given.container, given.path) ?? '')?.user ?? '';
    const blob = { ...given, owner };
    this.blobs = [...this.blobs.filter((each) => each.container !== blob.container || each.path !== blob.path), blob];
  }

  blobsFrom(container: string, prefix: string, after: string): NaiveBlob[] {
    return this.blobs
      .filter((blob) => blob.container === container && blob.path.startsWith(prefix) && byBytes(blob.path, after) > 0)
      .sort((a, b) => byBytes(a.path, b.path));
  }

  folder(container: string, prefix: string, recursive: boolean): FolderEntry[] {
    const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    const folders = new Set<string>();
    return this.blobsFrom(container, root, '').flatMap(({ path, size, sha256 }): FolderEntry[] => {
      const relative = path.slice(root.length);
      const slash = relative.indexOf('/');
      if (recursive || slash < 0) return [{ path: relative, isFolder: false, size, sha256 }];
      const name = relative.slice(0, slash);
      if (folders.has(name)) return [];
      folders.add(name);
      return [{ path: name, isFolder: true }];
    });
  }

  entitiesOf(kind: EntityKind, scope?: string): StoredEntity[] {
    return this.entities
      .filter((entity) => entity.kind === kind && (scope === undefined || entity.scope === scope))
      .sort((a, b) => b.at - a.at || byBytes(a.id, b.id));
  }

  spansOf(trace: string): StoredSpan[] {
    return [...(this.spans[trace] ?? [])].sort((a, b) => byBytes(a.start, b.start) || byBytes(a.id, b.id));
  }
}
