import type { AssetKind } from '../protocol/arm.ts';
import type { Change, ChangeKind } from '../protocol/change.ts';
import type { JobError, JobProperties, JobStatus } from '../protocol/job.ts';
import type { KeyValue } from '../protocol/mlflow.ts';
import type { Principal } from '../protocol/principal.ts';
import type { EntityReader, EntityWriter } from './entities.ts';
import type { Lease } from './leases.ts';
import type { LineageReader, LineageWriter } from './lineage.ts';
import type { QueueReader, QueueWriter } from './queue.ts';
import type { FoundGroups, FoundRuns, FoundTable, RunGroupQuery, RunKeys, RunQuery, RunScopeQuery, RunTableQuery } from './runQuery.ts';
import type { SpanReader, SpanWriter } from './spans.ts';

/** Everything a workspace keeps as whole JSON: versions of assets, and named single resources. */
export type ResourceKind =
  | AssetKind
  | 'datastores'
  | 'computes'
  | 'workspaces'
  | 'deletedWorkspaces'
  | 'purgedWorkspaces'
  | 'registries'
  | 'prompts'
  | 'connections'
  | 'schedules'
  | 'onlineEndpoints'
  | 'onlineDeployments'
  | 'batchEndpoints'
  | 'batchDeployments'
  | 'members'
  | 'personalTokens'
  | 'runnerTokens'
  | 'roleAssignments'
  | 'roleDefinitions'
  | 'quotas';

/** A resource as it is stored. `version` is '' for a container and for kinds without versions. Times in milliseconds since 1970. */
export interface StoredResource {
  workspace: string;
  kind: ResourceKind;
  name: string;
  version: string;
  properties: Record<string, unknown>;
  createdAt: number;
  modifiedAt: number;
  /** Names of the principals that made it and that wrote it last. */
  createdBy: string;
  modifiedBy: string;
}

/** A resource to be stored. */
export type NewResource = Pick<StoredResource, 'kind' | 'name' | 'version' | 'properties'>;

/** A job, which is an MLflow run too. `tags` and `params` are kept apart, so that both contracts write them singly. */
export interface StoredJob {
  name: string;
  /** Grows with each job that is made. */
  serial: number;
  workspace: string;
  experimentId: string;
  experimentName: string;
  properties: JobProperties;
  status: JobStatus;
  parent: string | null;
  claimedBy: string | null;
  /** How often it was claimed anew: the number of its claim, where it has one. */
  claim: number;
  /** Name of the compute that was asked for; '' when none was. */
  compute: string;
  /** Its place among the jobs of the same person: `rankOf`. */
  rank: number;
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
  | 'serial'
  | 'workspace'
  | 'createdAt'
  | 'modifiedAt'
  | 'experimentName'
  | 'artifactLocation'
  | 'claim'
  | 'compute'
  | 'rank'
  | 'leaseUntil'
  | 'definition'
> & {
  definition?: string;
  /** Ms since 1970, of a job that was submitted elsewhere before; now when absent. */
  createdAt?: number;
};

/** A job that a runner (or the orchestrator) has claimed and that has not ended. */
export type Claim = Pick<StoredJob, 'name' | 'workspace' | 'status' | 'rank' | 'startedAt'> & { claimedBy: string; leaseUntil: number };

/** For whom a job runs, and who has it. */
export type JobOwner = Pick<StoredJob, 'workspace' | 'user' | 'status' | 'createdAt' | 'claimedBy' | 'claim'>;

export interface StoredExperiment {
  id: string;
  workspace: string;
  name: string;
  createdAt: number;
  /** When it was renamed, deleted or restored last. */
  modifiedAt: number;
  /** When it got its last job. */
  usedAt: number;
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
  /** Jobs that this schedule started. */
  schedule?: string | undefined;
  archived?: boolean | undefined;
  deleted?: boolean | undefined;
}

/** A name for content. `metadata` is what Blob clients attach to it. */
export interface StoredBlob {
  path: string;
  sha256: string;
  size: number;
  modifiedAt: number;
  metadata: Record<string, string>;
}

/** Bytes from which on blobs are in an index of their own. It is part of the format of both databases. */
export const largeBlob = 4_194_304;

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

/** Reads in one workspace; each is one consistent look at what is committed. Nothing of another workspace is found, by no id. */
export interface StoreReader {
  readonly workspace: string;
  readonly principal: Principal;
  readonly entities: EntityReader;
  readonly lineage: LineageReader;
  readonly spans: SpanReader;
  readonly queue: QueueReader;
  resource(kind: ResourceKind, name: string, version: string): Promise<StoredResource | undefined>;
  /** Those of the versions that there are, in any order. */
  resourcesNamed(kind: ResourceKind, versions: readonly { name: string; version: string }[]): Promise<StoredResource[]>;
  /** Versions of `name`, newest first; or, with no name, the containers of a kind by name. */
  resources(kind: ResourceKind, name: string | undefined, offset: number, limit: number): Promise<StoredResource[]>;
  latestVersion(kind: ResourceKind, name: string): Promise<StoredResource | undefined>;
  /** The greatest whole number among the versions (15 digits at most), 0 when there is none. */
  greatestVersion(kind: ResourceKind, name: string): Promise<number>;
  codeByHash(hash: string): Promise<StoredResource | undefined>;
  job(name: string): Promise<StoredJob | undefined>;
  jobs(filter: JobFilter, offset: number, limit: number): Promise<StoredJob[]>;
  /** Those of the names that there are, in any order. */
  jobsNamed(names: string[]): Promise<StoredJob[]>;
  /** Those of the names that there are, in that order, each once; nothing else of the jobs is read. */
  knownJobs(names: string[]): Promise<string[]>;
  /** Of each reuse key the newest completed job, whatever it is a step of, in any order. */
  jobsByReuseKey(reuseKeys: string[]): Promise<Pick<StoredJob, 'name' | 'properties'>[]>;
  /** What this runner has claimed of this workspace and what has not ended. */
  claims(runner: string): Promise<Claim[]>;
  /** Pipelines and sweeps that nobody has, the oldest first. */
  waitingOrchestrations(limit: number): Promise<StoredJob[]>;
  tags(job: string): Promise<Record<string, string>>;
  params(job: string): Promise<KeyValue[]>;
  experiment(by: { id: string } | { name: string }): Promise<StoredExperiment | undefined>;
  experiments(offset: number, limit: number, deleted?: boolean): Promise<StoredExperiment[]>;
  blob(container: string, path: string): Promise<StoredBlob | undefined>;
  /** At most `limit` blobs whose path starts with `prefix` (plain text) and comes after `after`, by path. */
  blobsFrom(container: string, prefix: string, after: string, limit: number): Promise<StoredBlob[]>;
  blobs(
    container: string,
    prefix: string,
    recursive: boolean,
  ): Promise<{ path: string; isFolder: boolean; size?: number; sha256?: string }[]>;
  /** A blob that clients may name, in any container, with this content. */
  blobWithContent(sha256: string): Promise<StoredBlob | undefined>;
  /**
   * The blob most like another version of the file `path`: the one of that very path, else the newest whose path ends with the same name. Only blobs of at least `largeBlob` bytes are looked at.
   */
  otherVersion(container: string, path: string): Promise<StoredBlob | undefined>;
}

/** Writes in one workspace, inside one transaction; each leaves its change. Reads see what this write has written so far. */
export interface StoreWriter extends StoreReader {
  readonly entities: EntityWriter;
  readonly lineage: LineageWriter;
  readonly spans: SpanWriter;
  readonly queue: QueueWriter;
  putResource(resource: NewResource): Promise<StoredResource>;
  /** Gives a resource and its versions another name. */
  renameResource(kind: ResourceKind, name: string, newName: string): Promise<void>;
  deleteResource(kind: ResourceKind, name: string, version: string): Promise<void>;
  /** Throws `Conflict` when the plane has a job of that name already, in whatever workspace, and `NotFound` when the workspace was deleted. */
  putJob(job: NewJob): Promise<void>;
  /** Writes what is given over the job as it is now, `before`, which was read in this very write. `properties` undefined: as they are. */
  updateJob(before: StoredJob, properties: JobProperties | undefined, fields: JobFields): Promise<StoredJob>;
  /**
   * Claims jobs for a runner, and renews its claims on those that it has. Both hold until `until` (ms since 1970). Answers the jobs that are the runner's now, each with the number of its claim. This is the
   * only write that leaves no change, since no client is shown who has a job, or until when.
   */
  claimJobs(runner: string, jobs: string[], until: number): Promise<Map<string, number>>;
  /** Removes the job, its steps, their metrics and artifacts; answers the names of all that went. */
  deleteJob(name: string): Promise<string[]>;
  setTag(job: string, key: string, value: string | null): Promise<void>;
  /** False when the parameter has another value already. */
  setParam(job: string, key: string, value: string): Promise<boolean>;
  createExperiment(name: string, tags?: Record<string, string>, artifactLocation?: string): Promise<StoredExperiment>;
  updateExperiment(
    id: string,
    fields: { name?: string; isDeleted?: boolean; tags?: Record<string, string | null> },
  ): Promise<StoredExperiment>;
  putBlob(container: string, path: string, sha256: string, size: number, metadata?: Record<string, string>): Promise<void>;
  /** Replaces a blob's metadata; false when there is no such blob. */
  setBlobMetadata(container: string, path: string, metadata: Record<string, string>): Promise<boolean>;
  deleteBlobs(container: string, prefix: string): Promise<void>;
  /** Of a workspace that goes: removes these jobs with all that is kept of each, but not their steps, logs and artifacts. */
  purgeJobs(names: readonly string[]): Promise<void>;
  /** Of a workspace that goes and has no jobs any more: removes at most `most` rows of each table, and answers how many went. What they name in the `Blobs` is found by its next sweep. */
  purgeRows(most: number): Promise<number>;
  announce(kind: ChangeKind, id: string, op: Change['op'], more?: { parent?: string | null; keys?: string[] }): Promise<void>;
}

/** The rows of one workspace, as one principal reads and writes them. */
export interface WorkspaceStore extends StoreReader {
  /**
   * Runs `work` in a transaction that it shares with other writes of the moment; settles after the commit. What `work` throws undoes only its own part. Writes run one after
   * the other, so `work` waits for nothing but its writer: a write inside a write is refused, and the writer is of no use once `work` has settled. `work` may run more than once, and only the last
   * time counts: where the disk was full for a write of the same moment, where the database was restarted meanwhile, or where another process was in the way. Throws `NotFound` where the workspace is being
   * purged, but for the plane itself.
   */
  write<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T>;
  /** As `write`; says as well up to which change the answer knows the workspace. Changes get their numbers with the commit, so `work` itself can't tell. */
  writeAsOf<T>(work: (writer: StoreWriter) => Promise<T>): Promise<{ answer: T; seq: number }>;
  searchRuns(query: RunQuery): Promise<FoundRuns>;
  runTable(query: RunTableQuery): Promise<FoundTable>;
  runGroups(query: RunGroupQuery): Promise<FoundGroups>;
  /** What the runs of a scope have logged, were given and are tagged with. */
  runKeys(scope: RunScopeQuery): Promise<RunKeys>;
}

/** A transaction that left changes. */
export interface Commit {
  /** Of its newest change. */
  seq: number;
  /** Of what kinds its changes are, at most; undefined when it is not known, as another process wrote them. */
  kinds: ReadonlySet<ChangeKind> | undefined;
}

/** Where a plane keeps its rows. A write that was answered is on disk. Metric series are in the `MetricStore` beside it. */
export interface Store {
  /**
   * What `principal` reads and writes in a workspace, which need not exist. The list of workspaces itself is in the one without a name. Writes under a `lease` are refused (`PlaneUnreachable`) once
   * another process has taken it.
   */
  in(workspace: string, principal: Principal, lease?: Lease): WorkspaceStore;
  seq(): Promise<number>;
  /** Changes of all workspaces after `since`, oldest first, at most `limit`; of these kinds, or of all. */
  changes(since: number, limit: number, kinds?: readonly ChangeKind[]): Promise<Change[]>;
  /** The number of the newest change, and whether any after `since` is of these kinds: one look. */
  changedSince(since: number, kinds: readonly ChangeKind[]): Promise<{ seq: number; isChanged: boolean }>;
  /** The oldest change that is still kept, 0 when none was ever dropped. */
  oldestSeq(): Promise<number>;
  /** The epoch of the change log in which changes are written now. Another one begins at least when a store that was restored from an older copy is written to. */
  epoch(): Promise<string>;
  /** Whether the place after the change `seq`, as it was read in `epoch`, is in this log, and not in that of a copy which went another way. */
  hasPlace(epoch: string, seq: number): Promise<boolean>;
  /** Jobs of all workspaces; what runs elsewhere and is here as a copy does not count. */
  countJobs(statuses: readonly JobStatus[]): Promise<number>;
  /** Of those, the runs that a client opened and that no runner executes; since a time in ms, all when absent. */
  countOpenRuns(statuses: readonly JobStatus[], since?: number): Promise<number>;
  /** What is claimed in any workspace and has not ended. */
  claims(): Promise<Claim[]>;
  /** What the token of a job is compared with, and whom it stands for. */
  ownerOfJob(name: string): Promise<JobOwner | undefined>;
  /** Whether a blob of any workspace has this content. */
  hasContent(sha256: string): Promise<boolean>;
  /** Calls back after each commit that left changes: after one of this process at once, after those of others about a second later, several of them together. */
  onDidCommit(listener: (commit: Commit) => void): { dispose(): void };
  close(): Promise<void>;
}
