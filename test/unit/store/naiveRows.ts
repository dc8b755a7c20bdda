import { jobProperty } from '../../../src/protocol/job.ts';
import type { EntityKind, StoredEntity } from '../../../src/store/entities.ts';
import type { ModelMetric, RunDataset, RunModel } from '../../../src/store/lineage.ts';
import type { StoredSpan } from '../../../src/store/spans.ts';
import type { JobFilter, NewJob, ResourceKind } from '../../../src/store/store.ts';

export interface NaiveJob extends NewJob {
  tags: Record<string, string>;
  params: Record<string, string>;
  datasets: RunDataset[];
  models: { input: RunModel[]; output: RunModel[] };
}

export interface NaiveResource {
  workspace: string;
  kind: ResourceKind;
  name: string;
  version: string;
  properties: Record<string, unknown>;
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

/** The rows of a store as plain lists, read by walking over all of them. What it answers is what every store must answer. */
export class NaiveRows {
  /** Oldest first. */
  jobs: NaiveJob[] = [];
  resources: NaiveResource[] = [];
  experiments: NaiveExperiment[] = [];
  blobs: NaiveBlob[] = [];
  entities: StoredEntity[] = [];
  spans: Record<string, StoredSpan[]> = {};
  modelMetrics: (ModelMetric & { model: string })[] = [];

  copy(): NaiveRows {
    return Object.assign(new NaiveRows(), structuredClone({ ...this }));
  }

  job(name: string): NaiveJob | undefined {
    return this.jobs.find((job) => job.name === name);
  }

  found(workspace: string, filter: JobFilter): NaiveJob[] {
    return this.jobs
      .filter((job) => {
        const { displayName, isArchived } = job.properties;
        const has = (text: string | undefined | null) => text != null && lower(text).includes(lower(filter.search!));
        const tag = filter.tag && job.tags[filter.tag.key];
        return (
          job.workspace === workspace &&
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

  byReuseKey(workspace: string, keys: string[]): NaiveJob[] {
    return keys.flatMap((key) => {
      const of = this.jobs.filter(
        (job) =>
          job.workspace === workspace &&
          job.status === 'Completed' &&
          !job.isDeleted &&
          job.properties.properties?.[jobProperty.reuseKey] === key,
      );
      return of.slice(-1);
    });
  }

  /** Answers the names of all that went. */
  deleteJob(name: string): string[] {
    const job = this.job(name);
    if (!job) return [];
    const steps = this.jobs.filter(({ parent, workspace }) => parent === name && workspace === job.workspace);
    const removed = [name, ...steps.flatMap((step) => this.deleteJob(step.name))];
    this.deleteBlobs('azureml', `ExperimentRun/dcid.${name}`);
    this.modelMetrics = this.modelMetrics.filter(({ run }) => run !== name);
    this.jobs = this.jobs.filter((each) => each !== job);
    return removed;
  }

  resource(workspace: string, kind: ResourceKind, name: string, version: string): NaiveResource | undefined {
    return this.resources.find(
      (each) => each.workspace === workspace && each.kind === kind && each.name === name && each.version === version,
    );
  }

  listed(workspace: string, kind: ResourceKind, name: string | undefined): NaiveResource[] {
    const of = this.resources.filter((each) => each.workspace === workspace && each.kind === kind);
    return name === undefined
      ? of.filter(({ version }) => version === '').sort((a, b) => byBytes(a.name, b.name))
      : of.filter((each) => each.name === name && each.version !== '').sort((a, b) => b.serial - a.serial);
  }

  putResource(resource: Omit<NaiveResource, 'serial'>): void {
    const present = this.resource(resource.workspace, resource.kind, resource.name, resource.version);
    if (present) {
      present.properties = resource.properties;
      return;
    }
    const { workspace, kind, name } = resource;
    const serials = this.resources.filter((each) => each.workspace === workspace && each.kind === kind && each.name === name);
    this.resources.push({ ...resource, serial: Math.max(0, ...serials.map(({ serial }) => serial)) + 1 });
  }

  deleteBlobs(container: string, prefix: string): void {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    this.blobs = this.blobs.filter((blob) => blob.container !== container || !(blob.path === prefix || blob.path.startsWith(folder)));
  }

  putBlob(blob: NaiveBlob): void {
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
