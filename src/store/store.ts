import type { AssetKind } from '../protocol/arm.ts';
import type { Change, ChangeKind } from '../protocol/change.ts';
import type { JobError, JobProperties, JobStatus } from '../protocol/job.ts';
import type { KeyValue, MetricSeries } from '../protocol/mlflow.ts';
import type { EntityReader, EntityWriter } from './entities.ts';
import type { LineageReader, LineageWriter } from './lineage.ts';
import type { Points } from './metrics/points.ts';
import type { FoundRuns, RunQuery } from './runQuery.ts';
import type { SpanReader, SpanWriter } from './spans.ts';

/** Everything a workspace keeps as whole JSON: versions of assets, and named single resources. */
export type ResourceKind =
  | AssetKind
  | 'datastores'
  | 'computes'
  | 'workspaces'
  | 'prompts'
  | 'connections'
  | 'schedules'
  | 'onlineEndpoints'
  | 'onlineDeployments'
  | 'batchEndpoints'
  | 'batchDeployments';

/** A resource as it is stored. `version` is '' for a container and for kinds without versions. Times in milliseconds since 1970. */
export interface StoredResource {
  workspace: string;
  kind: ResourceKind;
  name: string;
  version: string;
  properties: Record<string, unknown>;
  createdAt: number;
  modifiedAt: number;
}

/** A job, which is an MLflow run too. `tags` and `params` are kept apart, so that both contracts write them singly. */
export interface StoredJob {
  name: string;
  workspace: string;
  experimentId: string;
  experimentName: string;
  properties: JobProperties;
  status: JobStatus;
  parent: string | null;
  claimedBy: string | null;
  /** Name of the compute that was asked for; '' when none was. */
  compute: string;
  /** Of a claimed job that has not ended: ms since 1970 until which the claim holds. */
  leaseUntil: number | null;
  /** What tells whether the same job is submitted again: a digest of its definition as it was submitted. null when it was not kept. */
  definition: string | null;
  createdAt: number;
  modifiedAt: number;
  startedAt: number | null;
  endedAt: number | null;
  user: string;
  isDeleted: boolean;
  /** Of its experiment: where artifacts are when that is not this plane. */
  artifactLocation: string | null;
}

/** A job to be stored; its experiment is there already. */
export type NewJob = Omit<
  StoredJob,
  'createdAt' | 'modifiedAt' | 'experimentName' | 'artifactLocation' | 'compute' | 'leaseUntil' | 'definition'
> & {
  definition?: string;
};

/** A job that a runner (or the orchestrator) has claimed and that has not ended. */
export type Claim = Pick<StoredJob, 'name' | 'status'> & { claimedBy: string; leaseUntil: number };

/** Jobs that wait to be claimed: by the orchestrator, or by a runner of these computes, or of all but those. */
export type WaitingJobs = { for: 'orchestrator' } | { for: 'runner'; computes: string[] } | { for: 'runner'; computesOtherThan: string[] };

export interface StoredExperiment {
  id: string;
  workspace: string;
  name: string;
  createdAt: number;
  modifiedAt: number;
  isDeleted: boolean;
  tags: Record<string, string>;
  /** A place of the client's choice for artifacts; null: this plane keeps them. */
  artifactLocation: string | null;
}

export interface JobFilter {
  experiment?: string | undefined;
  /** undefined: jobs that are no steps; a name: the steps of that pipeline; null: all. */
  parent?: string | null | undefined;
  status?: JobStatus[] | undefined;
  search?: string | undefined;
  tag?: { key: string; value?: string | undefined } | undefined;
  archived?: boolean | undefined;
  deleted?: boolean | undefined;
}

/** One point as stored: `step` and `at` (ms since 1970) are integers, `value` any double. */
export interface Point {
  key: string;
  value: number;
  at: number;
  step: number;
}

/** What of a series a chart shows. `axis`: steps (as by default) or times in ms; `from` and `to` are on it, inclusive. */
export interface SeriesRange {
  axis?: 'step' | 'time';
  from?: number;
  to?: number;
}

/** A name for content. `metadata` is what Blob clients attach to it. */
export interface StoredBlob {
  path: string;
  sha256: string;
  size: number;
  modifiedAt: number;
  metadata: Record<string, string>;
}

/** What a job's status change brings along. */
export interface JobFields {
  status?: JobStatus;
  startedAt?: number | null;
  endedAt?: number;
  claimedBy?: string | null;
  leaseUntil?: number | null;
  error?: JobError;
  isDeleted?: boolean;
}

/** Reads; each is one consistent look at what is committed. */
export interface StoreReader {
  readonly entities: EntityReader;
  readonly lineage: LineageReader;
  readonly spans: SpanReader;
  seq(): number;
  /** Changes after `since`, oldest first, at most `limit`. */
  changes(since: number, limit: number): Change[];
  /** The oldest change that is still kept, 0 when none was ever dropped. */
  oldestSeq(): number;
  resource(workspace: string, kind: ResourceKind, name: string, version: string): StoredResource | undefined;
  /** Versions of `name`, newest first; or, with no name, the containers of a kind by name. */
  resources(workspace: string, kind: ResourceKind, name: string | undefined, offset: number, limit: number): StoredResource[];
  latestVersion(workspace: string, kind: ResourceKind, name: string): StoredResource | undefined;
  codeByHash(workspace: string, hash: string): StoredResource | undefined;
  job(name: string): StoredJob | undefined;
  jobs(workspace: string, filter: JobFilter, offset: number, limit: number): StoredJob[];
  /** Those of the names that there are, in any order. */
  jobsNamed(names: string[]): StoredJob[];
  /** Of each reuse key the newest completed job, whatever it is a step of, in any order. */
  jobsByReuseKey(workspace: string, reuseKeys: string[]): StoredJob[];
  countJobs(statuses: JobStatus[]): number;
  /** What is claimed and has not ended: by this runner, or by anyone. */
  claims(runner?: string): Claim[];
  /** The oldest first. */
  waitingJobs(query: WaitingJobs, limit: number): StoredJob[];
  searchRuns(query: RunQuery): FoundRuns;
  tags(job: string): Record<string, string>;
  params(job: string): KeyValue[];
  /** The value with the greatest (step, time, value) of each key. */
  latestMetrics(job: string): Point[];
  /** By time, then step, then value; each point once, however often it was logged. */
  metricHistory(job: string, key: string, offset: number, limit: number): Points;
  metricKeys(job: string): string[];
  /** At most `most` points of the steps `from` to `to` (inclusive), evenly chosen by their number, by step; the first and the last among them. */
  metricSample(job: string, key: string, most: number, range?: { from?: number; to?: number }): Points;
  /** At most about `points` points a key: first, last, min and max of each bucket. */
  metricSeries(job: string, key: string, points: number, range?: SeriesRange): MetricSeries;
  experiment(workspace: string, by: { id: string } | { name: string }): StoredExperiment | undefined;
  experiments(workspace: string, offset: number, limit: number, deleted?: boolean): StoredExperiment[];
  blob(container: string, path: string): StoredBlob | undefined;
  /** At most `limit` blobs whose path starts with `prefix` (plain text) and comes after `after`, by path. */
  blobsFrom(container: string, prefix: string, after: string, limit: number): StoredBlob[];
  blobs(container: string, prefix: string, recursive: boolean): { path: string; isFolder: boolean; size?: number; sha256?: string }[];
  hasContent(sha256: string): boolean;
}

/** Writes inside one transaction; each leaves its change. */
export interface StoreWriter extends StoreReader {
  readonly entities: EntityWriter;
  readonly lineage: LineageWriter;
  readonly spans: SpanWriter;
  putResource(resource: Omit<StoredResource, 'createdAt' | 'modifiedAt'>): StoredResource;
  /** Gives a resource and its versions another name. */
  renameResource(workspace: string, kind: ResourceKind, name: string, newName: string): void;
  deleteResource(workspace: string, kind: ResourceKind, name: string, version: string): void;
  putJob(job: NewJob): void;
  /** Writes what is given over the job as it is now, `before`, which was read in this very write. `properties` undefined: as they are. */
  updateJob(before: StoredJob, properties: JobProperties | undefined, fields: JobFields): StoredJob;
  /**
   * Gives waiting jobs to a runner, and holds its claims on those that it has for longer. Answers which of them are its own now. The only write that leaves no change: who has a job, and
   * until when, is shown to nobody.
   */
  claimJobs(runner: string, jobs: string[], until: number): string[];
  /** Removes the job, its steps, their metrics and artifacts. */
  deleteJob(name: string): string[];
  setTag(job: string, key: string, value: string | null): void;
  /** False when the parameter has another value already. */
  setParam(job: string, key: string, value: string): boolean;
  logPoints(job: string, points: Point[]): void;
  createExperiment(workspace: string, name: string, tags?: Record<string, string>, artifactLocation?: string): StoredExperiment;
  updateExperiment(
    workspace: string,
    id: string,
    fields: { name?: string; isDeleted?: boolean; tags?: Record<string, string | null> },
  ): StoredExperiment;
  putBlob(container: string, path: string, sha256: string, size: number, metadata?: Record<string, string>): void;
  /** Replaces a blob's metadata; false when there is no such blob. */
  setBlobMetadata(container: string, path: string, metadata: Record<string, string>): boolean;
  deleteBlobs(container: string, prefix: string): void;
  announce(kind: ChangeKind, id: string, op: Change['op'], more?: { workspace?: string; parent?: string | null; keys?: string[] }): void;
}

/** Where a plane keeps everything. A write that was answered is on disk. */
export interface Store extends StoreReader {
  /** Runs `work` in a transaction that it shares with other writes of the moment; settles after the commit. What `work` throws undoes only its own part. */
  write<T>(work: (writer: StoreWriter) => T): Promise<T>;
  /** Appends points without any other write; the fast way. Throws when there is no such job, or a deleted one. */
  logPoints(job: string, points: Point[]): Promise<void>;
  /** `seal` moves what waits in the write-ahead part into chunks; `compact` also packs small chunks anew and gives free pages back to the disk. */
  maintain(what: 'seal' | 'compact'): Promise<void>;
  /** Bytes of the database on the disk. */
  size(): number;
  /** Calls back after each commit that left changes. */
  onDidCommit(listener: (seq: number) => void): { dispose(): void };
  close(): Promise<void>;
}
