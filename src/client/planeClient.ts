import { Emitter } from '../base/event.ts';
import type { AgentCall, AgentCallEnd, NewAgentCall } from '../protocol/agentCall.ts';
import {
  type AssetKind,
  defaultWorkspace,
  type Page,
  type StringMap,
  type SystemData,
  type WorkspaceRef,
  workspacePath,
} from '../protocol/arm.ts';
import type {
  AssetContainer,
  BlobEntry,
  CodeVersion,
  ComponentVersion,
  DataVersion,
  EnvironmentVersion,
  ModelVersion,
} from '../protocol/asset.ts';
import { asOfHeader } from '../protocol/change.ts';
import type { ClaimAnswer, ClaimRequest } from '../protocol/claims.ts';
import type { CopiedJob, CopyAnswer } from '../protocol/copiedJob.ts';
import type { EndpointRequest } from '../protocol/endpointRequest.ts';
import type { Compute, Datastore, Workspace } from '../protocol/infrastructure.ts';
import type { Job, JobPatch, JobReport, NewStep, NewSteps } from '../protocol/job.ts';
import type { LoggedFiles, LoggedFilesRequest, LoggedKeys } from '../protocol/loggedFiles.ts';
import type { Experiment, LoggedModel, MetricPoint, MetricSeries, MetricWindow, Run, RunStatus } from '../protocol/mlflow.ts';
import type { Permission } from '../protocol/permissions.ts';
import type { Health, PlaneStatus } from '../protocol/plane.ts';
import type { PreviewAnswer, PreviewRequest } from '../protocol/preview.ts';
import type { Registry } from '../protocol/registry.ts';
import type { RunGroups, RunGroupsRequest, RunKeys, RunScope, RunTable, RunTableRequest, SeriesRequest } from '../protocol/runTable.ts';
import type { Schedule, ScheduleView } from '../protocol/schedule.ts';
import { type SeriesPart, seriesParts } from '../protocol/seriesParts.ts';
import type { JobConflict, SharedNews } from '../protocol/sharedFields.ts';
import type { WhoAsks } from '../protocol/signIn.ts';
import type { TraceInfo } from '../protocol/trace.ts';
import type {
  AssembledFile,
  AssembleFile,
  ChunksOf,
  FindFiles,
  FoundFiles,
  PackHead,
  PiecesOf,
  SimilarFile,
  SimilarTo,
} from '../protocol/transfer.ts';
import { type Connection, Http } from './http.ts';

export interface VersionOf {
  codes: CodeVersion;
  components: ComponentVersion;
  data: DataVersion;
  environments: EnvironmentVersion;
  models: ModelVersion;
}

/** Filters of a job list; all optional. `search` matches name and display name; a `parent` lists that pipeline's steps. */
export interface JobQuery {
  experiment?: string;
  parent?: string;
  status?: readonly string[];
  search?: string;
  tag?: string;
  /** Name of the schedule that started them. */
  schedule?: string;
  listViewType?: ListView;
  top?: number;
}

/** A job as it was at the change number `asOf` of the plane's log; 0 when the plane does not say. */
export interface WrittenJob {
  job: Job;
  asOf: number;
}

/** Of what may be archived: which of it a list has. */
export type ListView = 'ActiveOnly' | 'ArchivedOnly' | 'All';

/** `?a=1&b=2` of what has a value; nothing where none has. */
function queryOf(values: Record<string, string | undefined>): string {
  const known = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return known.length ? `?${new URLSearchParams(known)}` : '';
}

/** A resource of a workspace with whatever its kind has. */
export interface WorkspaceResource {
  id: string;
  name: string;
  properties: Record<string, any>;
  systemData?: SystemData;
  location?: string;
  tags?: StringMap;
  identity?: Record<string, any>;
  sku?: Record<string, any>;
}

const segment = encodeURIComponent;
/** Encodes a path but keeps its slashes. */
const segments = (path: string) => path.split('/').map(encodeURIComponent).join('/');

const logPath = (job: string, file: string) => `/updraft/logs/${segment(job)}/${segments(file)}`;
/** The header `content-digest` (RFC 9530) of a SHA-256 in hex. */
const contentDigest = (sha256: string) =>
  `sha-256=:${btoa(String.fromCharCode(...sha256.match(/../g)!.map((byte) => Number.parseInt(byte, 16))))}:`;

const jsonInit = (body: unknown, signal: AbortSignal | undefined): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
  ...(signal ? { signal } : {}),
});

/** The body of a pack: the length of its head, the head, and the bytes of its pieces. */
function packOf(head: PackHead, bytes: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const pack = new Uint8Array(4 + text.byteLength + bytes.reduce((sum, { byteLength }) => sum + byteLength, 0));
  new DataView(pack.buffer).setUint32(0, text.byteLength);
  let at = 4;
  for (const part of [text, ...bytes]) {
    pack.set(part, at);
    at += part.byteLength;
  }
  return pack;
}

/** Typed client of one workspace on any plane, or of one registry, which has assets and blobs alone. Every method throws `UserError`s. */
export class PlaneClient {
  readonly http: Http;
  readonly workspace: WorkspaceRef;
  private readonly ws: string;
  private readonly connection: Connection;
  private readonly writtenJobs = new Emitter<WrittenJob>();
  /** A job that a write through this client was answered with: nobody needs to ask for it again because of that write. */
  readonly onDidWriteJob = this.writtenJobs.event;

  constructor(connection: Connection, workspace: WorkspaceRef = defaultWorkspace) {
    // What is asked without a workspace in the path is about the same one.
    const named = connection.workspace ?? (workspace.workspace === defaultWorkspace.workspace ? undefined : workspace.workspace);
    const { registry } = workspace;
    this.connection = connection;
    this.http = new Http({
      ...connection,
      ...(named === undefined ? {} : { workspace: named }),
      ...(registry === undefined ? {} : { registry }),
    });
    this.workspace = workspace;
    this.ws = workspacePath(workspace);
  }

  health = (): Promise<Health> => this.http.json('GET', '/health');
  status = (): Promise<PlaneStatus> => this.http.json('GET', '/status');
  /** Who this client is to the plane. */
  whoAsks = (): Promise<WhoAsks> => this.http.json('GET', '/updraft/who');
  /** Ends the sign-in that this client came with, or all of its member. */
  signOut = (everywhere: boolean): Promise<void> => this.http.json('POST', '/updraft/sign-out', { everywhere });
  /** Asks the plane to end; running jobs go on. */
  stop = (): Promise<void> => this.http.json('POST', '/stop');

  /** Makes a further name of the plane's workspace. */
  nameWorkspace = (name: string): Promise<Workspace> => this.http.json('PUT', workspacePath({ ...this.workspace, workspace: name }), {});
  /** One of the names of the plane's workspaces. Throws `NotFound`. */
  getWorkspaceNamed = (name: string): Promise<Workspace> => this.http.json('GET', workspacePath({ ...this.workspace, workspace: name }));
  /** What who asks may in the workspace, or at another scope of roles: the id of a registry, say. */
  permissions = async (scope = this.ws): Promise<Permission[]> =>
    (await this.http.json<{ value: Permission[] }>('GET', `${scope}/providers/Microsoft.Authorization/permissions`)).value;
  getWorkspace = (): Promise<Workspace> => this.http.json('GET', this.ws);
  listWorkspaces = (nextLink?: string): Promise<Page<Workspace>> =>
    this.http.json(
      'GET',
      nextLink ?? `/subscriptions/${segment(this.workspace.subscription)}/providers/Microsoft.MachineLearningServices/workspaces`,
    );

  /** A client of what is in no workspace, whatever becomes of this one. */
  onPlane = (): PlaneClient => {
    const { workspace: _workspace, ...connection } = this.connection;
    return new PlaneClient(connection, defaultWorkspace);
  };

  // Registries
  /** A client of the assets of a registry. */
  inRegistry = (registry: string): PlaneClient => new PlaneClient(this.connection, { ...this.workspace, registry });
  private registryAt = (registry: string): string => workspacePath({ ...this.workspace, registry });
  getRegistry = (name: string): Promise<Registry> => this.http.json('GET', this.registryAt(name));
  putRegistry = (name: string, body: Record<string, unknown>): Promise<Registry> => this.http.json('PUT', this.registryAt(name), body);
  /** With all that is in it. */
  deleteRegistry = (name: string): Promise<void> => this.http.json('DELETE', this.registryAt(name));
  listRegistries = (nextLink?: string): Promise<Page<Registry>> =>
    this.http.json(
      'GET',
      nextLink ?? `/subscriptions/${segment(this.workspace.subscription)}/providers/Microsoft.MachineLearningServices/registries`,
    );
  /** Copies a version from this workspace to a registry; answers what it is there. */
  shareAsset = async <K extends AssetKind>(
    kind: K,
    { name, version }: { name: string; version: string },
    registry: string,
    target: { name: string; version: string },
  ): Promise<VersionOf[K]> => {
    const { workspaceId } = (await this.getWorkspace()).properties as { workspaceId?: string };
    const sourceAssetId = `azureml://locations/local/workspaces/${workspaceId}/${kind}/${segment(name)}/versions/${segment(version)}`;
    await this.http.send('POST', `${this.registryAt(registry)}/import`, {
      body: JSON.stringify({
        properties: { referenceType: 'Id', sourceAssetId, destinationName: target.name, destinationVersion: target.version },
      }),
      headers: { 'content-type': 'application/json' },
    });
    return this.inRegistry(registry).getAsset(kind, target.name, target.version);
  };

  // Jobs
  putJob = (name: string, properties: Job['properties']): Promise<Job> => this.writeJob('PUT', name, { properties });
  getJob = (name: string, signal?: AbortSignal): Promise<Job> =>
    this.http.json('GET', `${this.ws}/jobs/${segment(name)}`, undefined, signal);
  patchJob = (name: string, patch: JobPatch): Promise<Job> => this.writeJob('PATCH', name, patch);
  deleteJob = (name: string): Promise<void> => this.http.json('DELETE', `${this.ws}/jobs/${segment(name)}`);
  cancelJob = (name: string): Promise<void> => this.http.json('POST', `${this.ws}/jobs/${segment(name)}/cancel`);
  /** Asks for jobs to run; renews the leases of those in hand. */
  claimJobs = (request: ClaimRequest, signal?: AbortSignal): Promise<ClaimAnswer> =>
    this.http.json('POST', '/updraft/claims', request, signal);
  /** Those of the names that there are, `mostJobsNamed` at most, in any order. */
  getJobs = async (names: string[]): Promise<Job[]> => (await this.http.json<{ value: Job[] }>('POST', '/updraft/jobs', { names })).value;
  /** Creates jobs of a pipeline's steps, `mostNewSteps` at most; answers what each is like. */
  createSteps = async (pipeline: string, steps: NewSteps): Promise<NewStep[]> =>
    (await this.http.json<{ value: NewStep[] }>('POST', `${this.ws}/jobs/${segment(pipeline)}/steps`, steps)).value;
  reportJob = (name: string, report: JobReport): Promise<void> => this.http.json('POST', `${this.ws}/jobs/${segment(name)}/report`, report);

  /** What will become of each step of a pipeline, were it put now. */
  preview = (request: PreviewRequest): Promise<PreviewAnswer> => this.http.json('POST', '/updraft/preview', request);

  private async writeJob(method: string, name: string, body: unknown): Promise<Job> {
    const { value: job, headers } = await this.http.answer<Job>(method, `${this.ws}/jobs/${segment(name)}`, body);
    const asOf = Number(headers.get(asOfHeader) ?? 0);
    this.writtenJobs.fire({ job, asOf });
    return job;
  }

  /** One page, newest first; steps of pipelines are left out unless `parent` asks for them. */
  listJobs(query: JobQuery = {}, nextLink?: string): Promise<Page<Job>> {
    if (nextLink) return this.http.json('GET', nextLink);
    const q = new URLSearchParams();
    if (query.experiment !== undefined) q.set('experimentName', query.experiment);
    if (query.parent !== undefined) q.set('parentJobName', query.parent);
    if (query.status?.length) q.set('status', query.status.join(','));
    if (query.search) q.set('search', query.search);
    if (query.tag) q.set('tag', query.tag);
    if (query.schedule) q.set('scheduleId', query.schedule);
    if (query.listViewType) q.set('listViewType', query.listViewType);
    if (query.top !== undefined) q.set('$top', String(query.top));
    return this.http.json('GET', `${this.ws}/jobs?${q}`);
  }

  /** Records that the agent of this client is about to call a tool that changes something. */
  beginAgentCall = (call: NewAgentCall): Promise<AgentCall> => this.http.json('POST', '/updraft/agent-calls', call);
  endAgentCall = (id: string, end: AgentCallEnd): Promise<AgentCall> =>
    this.http.json('POST', `/updraft/agent-calls/${segment(id)}/end`, end);
  /** What agents changed, the newest first. */
  listAgentCalls = async (query: { agent?: string; offset?: number; limit?: number } = {}): Promise<AgentCall[]> => {
    const { agent, offset, limit } = query;
    const asked = queryOf({ agent, offset: offset?.toString(), limit: limit?.toString() });
    return (await this.http.json<{ value: AgentCall[] }>('GET', `/updraft/agent-calls${asked}`)).value;
  };

  // Assets
  putAsset = <K extends AssetKind>(kind: K, name: string, version: string, properties: VersionOf[K]['properties']): Promise<VersionOf[K]> =>
    this.http.json('PUT', `${this.ws}/${kind}/${segment(name)}/versions/${segment(version)}`, { properties });
  getAsset = <K extends AssetKind>(kind: K, name: string, version: string, signal?: AbortSignal): Promise<VersionOf[K]> =>
    this.http.json('GET', `${this.ws}/${kind}/${segment(name)}/versions/${segment(version)}`, undefined, signal);
  /** Several components by their ids, in that order. */
  getComponents = async (ids: string[]): Promise<ComponentVersion[]> =>
    (await this.http.json<{ value: ComponentVersion[] }>('POST', `${this.ws}/components/batchGet`, { ids })).value;
  getContainer = (kind: AssetKind, name: string): Promise<AssetContainer> => this.http.json('GET', `${this.ws}/${kind}/${segment(name)}`);
  deleteAsset = (kind: AssetKind, name: string, version: string): Promise<void> =>
    this.http.json('DELETE', `${this.ws}/${kind}/${segment(name)}/versions/${segment(version)}`);
  /** By name; with `search` those whose name has it somewhere, in any case. */
  listContainers = (
    kind: AssetKind,
    { search, listViewType }: { search?: string; listViewType?: ListView } = {},
    nextLink?: string,
  ): Promise<Page<AssetContainer>> => this.http.json('GET', nextLink ?? `${this.ws}/${kind}${queryOf({ search, listViewType })}`);
  /** Newest version first. */
  listVersions = <K extends AssetKind>(
    kind: K,
    name: string,
    nextLink?: string,
    { listViewType }: { listViewType?: ListView } = {},
  ): Promise<Page<VersionOf[K]>> =>
    this.http.json('GET', nextLink ?? `${this.ws}/${kind}/${segment(name)}/versions${queryOf({ listViewType })}`);
  /** Code assets whose `hash_sha256` is `hash`: at most one. */
  findCode = (hash: string): Promise<Page<CodeVersion>> =>
    this.http.json('GET', `${this.ws}/codes/${segment(hash)}/versions?hash=${segment(hash)}&hashVersion=202208`);

  getCompute = (name: string): Promise<Compute> => this.http.json('GET', `${this.ws}/computes/${segment(name)}`);
  listComputes = (): Promise<Page<Compute>> => this.http.json('GET', `${this.ws}/computes`);
  listDatastores = (): Promise<Page<Datastore>> => this.http.json('GET', `${this.ws}/datastores`);

  // What a workspace keeps beside jobs and assets, by its path: `['onlineEndpoints', 'e', 'deployments', 'blue']`.
  getResource = (path: readonly string[]): Promise<WorkspaceResource> => this.http.json('GET', this.resourcePath(path));
  /** Creates or replaces it. */
  putResource = (path: readonly string[], body: Record<string, unknown>): Promise<WorkspaceResource> =>
    this.http.json('PUT', this.resourcePath(path), body);
  patchResource = (path: readonly string[], body: Record<string, unknown>): Promise<WorkspaceResource> =>
    this.http.json('PATCH', this.resourcePath(path), body);
  deleteResource = (path: readonly string[]): Promise<void> => this.http.json('DELETE', this.resourcePath(path));
  listResources = (path: readonly string[], nextLink?: string): Promise<Page<WorkspaceResource>> =>
    this.http.json('GET', nextLink ?? this.resourcePath(path));
  /** Asks it for something: `listKeys`, `regenerateKeys`, `start`. */
  actOnResource = <T>(path: readonly string[], action: string, body: Record<string, unknown> = {}): Promise<T> =>
    this.http.json('POST', this.resourcePath([...path, action]), body);
  private resourcePath = (path: readonly string[]): string => [this.ws, ...path.map(segment)].join('/');

  /** Sends a request to an endpoint as a person does from a page: what it says is the answer, whatever its status, and it is kept. */
  sendToEndpoint = (endpoint: string, body: string, deployment?: string, signal?: AbortSignal): Promise<Response> =>
    this.http.raw('POST', `/updraft/endpoints/${segment(endpoint)}/requests${queryOf({ deployment })}`, {
      body,
      headers: { 'content-type': 'application/json' },
      ...(signal ? { signal } : {}),
    });
  /** The requests that people have sent to an endpoint, the newest first. */
  listEndpointRequests = async (endpoint: string): Promise<EndpointRequest[]> =>
    (await this.http.json<{ value: EndpointRequest[] }>('GET', `/updraft/endpoints/${segment(endpoint)}/requests`)).value;
  forgetEndpointRequests = (endpoint: string): Promise<void> =>
    this.http.json('DELETE', `/updraft/endpoints/${segment(endpoint)}/requests`);

  putSchedule = (name: string, properties: Schedule['properties']): Promise<Schedule> =>
    this.http.json('PUT', `${this.ws}/schedules/${segment(name)}`, { properties });
  getSchedule = (name: string): Promise<Schedule> => this.http.json('GET', `${this.ws}/schedules/${segment(name)}`);
  listSchedules = (view: ScheduleView, nextLink?: string): Promise<Page<Schedule>> =>
    this.http.json('GET', nextLink ?? `${this.ws}/schedules?listViewType=${view}`);
  /** Starts its job now. */
  triggerSchedule = (name: string): Promise<{ jobName: string }> =>
    this.http.json('POST', `${this.ws}/schedules/${segment(name)}/trigger`, {});
  deleteSchedule = (name: string): Promise<void> => this.http.json('DELETE', `${this.ws}/schedules/${segment(name)}`);

  // Blobs: `container` is `azureml-blobstore` (datastore workspaceblobstore) or `azureml`.
  /** Entries below `prefix` (a folder path without a final slash, '' for the root); recursive lists files only. */
  listBlobs = (
    container: string,
    prefix: string,
    options: { recursive?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<{ entries: BlobEntry[] }> =>
    this.http.json(
      'GET',
      `/updraft/blobs/${segment(container)}?prefix=${segment(prefix)}&recursive=${options.recursive ?? false}`,
      undefined,
      options.signal,
    );
  /** Streams one blob; `range` in bytes, end inclusive. */
  readBlob = (container: string, path: string, range?: { start: number; end?: number }, signal?: AbortSignal): Promise<Response> =>
    this.http.stream('GET', `/updraft/blobs/${segment(container)}/${segments(path)}`, {
      ...(signal ? { signal } : {}),
      headers: range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {},
    });
  /** Stores one blob; answers its size and SHA-256. A stream body is sent as it comes. With `sha256` (hex) the plane refuses a body that has another one. */
  writeBlob = async (
    container: string,
    path: string,
    body: BodyInit,
    { sha256, signal }: { sha256?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<{ size: number; sha256: string }> =>
    this.http.jsonOf(
      await this.http.send('PUT', `/updraft/blobs/${segment(container)}/${segments(path)}`, {
        body,
        ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
        ...(sha256 === undefined ? {} : { headers: { 'content-digest': contentDigest(sha256) } }),
        ...(signal ? { signal } : {}),
      }),
      signal,
    );
  /** Names a blob whose content the plane has already: true when it had it, false when it must be sent. */
  linkBlob = async (container: string, path: string, sha256: string, signal?: AbortSignal): Promise<boolean> => {
    const target = `/updraft/blobs/${segment(container)}/${segments(path)}?sha256=${sha256}`;
    const response = await this.http.raw('PUT', target, signal ? { signal } : {});
    await response.body?.cancel();
    return response.ok;
  };

  // Files that go from one plane to another.
  /** Asks which files need not be sent, and what has arrived of the others. Those whose content the plane has are there after this. */
  findFiles = (asked: FindFiles, signal?: AbortSignal): Promise<FoundFiles> =>
    this.http.json('POST', '/updraft/transfer/find', asked, signal);
  /** The bytes of pieces of files, one after the other. Throws `Conflict` where a file is another one by now. */
  readPieces = (asked: PiecesOf, signal?: AbortSignal): Promise<Response> =>
    this.http.stream('POST', '/updraft/transfer/read', jsonInit(asked, signal));
  /** Sends pieces of files; `bytes` are theirs, one after the other. What arrives is kept, also when the rest is cut off. */
  writePack = (head: PackHead, bytes: readonly Uint8Array[], signal?: AbortSignal): Promise<void> =>
    this.http.json('POST', '/updraft/transfer/packs', packOf(head, bytes), signal);
  /** The file there that may be another version of this one. */
  similarFile = (file: SimilarTo, signal?: AbortSignal): Promise<SimilarFile> =>
    this.http.json('POST', '/updraft/transfer/similar', file, signal);
  /** A list of chunks as bytes: `chunkEntryBytes` each. */
  chunksOf = (asked: ChunksOf, signal?: AbortSignal): Promise<Response> =>
    this.http.stream('POST', '/updraft/transfer/chunks', jsonInit(asked, signal));
  /** Makes a file of what has arrived of it. Throws `Conflict` when the file that it takes parts from is another one by now. */
  assembleFile = (file: AssembleFile, signal?: AbortSignal): Promise<AssembledFile> =>
    this.http.json('POST', '/updraft/transfer/assemble', file, signal);

  // Job logs and artifacts
  /** Appends text at byte `offset`; answers the size after it. Repeating an append is harmless. */
  appendLog = (job: string, file: string, offset: number, bytes: Uint8Array): Promise<{ size: number }> =>
    this.http.json('POST', `/updraft/logs/${segment(job)}/${segments(file)}?offset=${offset}`, bytes);
  /** The same for the copy of a job that ran elsewhere. */
  appendCopiedLog = (job: string, file: string, offset: number, bytes: Uint8Array): Promise<{ size: number }> =>
    this.http.json('POST', `/updraft/copies/${segment(job)}/logs/${segments(file)}?offset=${offset}`, bytes);
  /** Keeps a job of another plane, or brings its copy up to date. */
  putCopy = (job: string, copy: CopiedJob, signal?: AbortSignal): Promise<CopyAnswer> =>
    this.http.json('PUT', `/updraft/copies/${segment(job)}`, copy, signal);
  /** What people wrote of a job, as another plane needs it. */
  getShared = (job: string, signal?: AbortSignal): Promise<SharedNews> =>
    this.http.json('GET', `/updraft/shared/${segment(job)}`, undefined, signal);
  /** The same; from then on it is noted when it is written. What is newer of `news` is taken over; `ahead` are the fields that were not, as they claim to be from the future. */
  share = (job: string, news: SharedNews, signal?: AbortSignal): Promise<SharedNews & { ahead: string[] }> =>
    this.http.json('POST', `/updraft/shared/${segment(job)}`, news, signal);
  /** Fields that two planes wrote, neither knowing the other's value, and that nobody has written since. */
  listConflicts = async (): Promise<JobConflict[]> => (await this.http.json<{ value: JobConflict[] }>('GET', '/updraft/conflicts')).value;
  /** Size of a log in bytes; 0 before its first line. */
  logSize = async (job: string, file: string): Promise<number> =>
    Number((await this.http.send('HEAD', logPath(job, file))).headers.get('content-length'));
  /** Bytes of a log from `offset` on, at most `limit`; empty when there is nothing new. A log may have gigabytes: without a limit all that is left comes at once. */
  readLog = async (job: string, file: string, offset = 0, limit?: number): Promise<Uint8Array> => {
    const response = await this.http.raw('GET', `${logPath(job, file)}?offset=${offset}`, {
      headers: limit === undefined ? {} : { range: `bytes=0-${limit - 1}` },
    });
    if (response.status === 416) {
      await response.body?.cancel();
      return new Uint8Array();
    }
    return this.http.bytesOf(await this.http.checked(response, `GET ${logPath(job, file)}`));
  };
  /** Streams a log; `range` in bytes, end inclusive. */
  streamLog = (job: string, file: string, range?: { start: number; end?: number }, signal?: AbortSignal): Promise<Response> =>
    this.http.stream('GET', logPath(job, file), {
      ...(signal ? { signal } : {}),
      headers: range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {},
    });
  listArtifacts = (job: string, path = ''): Promise<{ entries: BlobEntry[] }> =>
    this.http.json('GET', `/updraft/artifacts/${segment(job)}?path=${segment(path)}`);
  readArtifact = (job: string, path: string, range?: { start: number; end?: number }): Promise<Response> =>
    this.http.send('GET', `/updraft/artifacts/${segment(job)}/${segments(path)}`, {
      headers: range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {},
    });

  // MLflow
  getRun = (run: string): Promise<{ run: Run }> => this.http.json('GET', `/api/2.0/mlflow/runs/get?run_id=${segment(run)}`);
  /** The id of the logged model that a version of a registered model was made from; undefined where it was made from none. */
  getModelIdOfVersion = async (name: string, version: string): Promise<string | undefined> =>
    (
      await this.http.json<{ model_version: { model_id?: string } }>(
        'GET',
        `/api/2.0/mlflow/model-versions/get?${new URLSearchParams({ name, version })}`,
      )
    ).model_version.model_id;
  getLoggedModel = (id: string): Promise<{ model: LoggedModel }> => this.http.json('GET', `/api/2.0/mlflow/logged-models/${segment(id)}`);
  endRun = (run: string, status: Exclude<RunStatus, 'RUNNING' | 'SCHEDULED'>): Promise<void> =>
    this.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: run, status, end_time: Date.now() });
  logBatch = (
    run: string,
    batch: { metrics?: MetricPoint[]; params?: { key: string; value: string }[]; tags?: { key: string; value: string }[] },
  ): Promise<void> =>
    this.http.json('POST', '/api/2.0/mlflow/runs/log-batch', {
      run_id: run,
      metrics: batch.metrics ?? [],
      params: batch.params ?? [],
      tags: batch.tags ?? [],
    });
  /** Experiments that have jobs or were created, most recently used first; with `withJobs` only those with jobs that are not archived. */
  searchExperiments = (
    pageToken?: string,
    maxResults = 100,
    withJobs = false,
  ): Promise<{ experiments?: Experiment[]; next_page_token?: string }> =>
    this.http.json('POST', '/api/2.0/mlflow/experiments/search', {
      max_results: maxResults,
      ...(withJobs ? { with_jobs: true } : {}),
      order_by: ['last_used_time DESC'],
      ...(pageToken ? { page_token: pageToken } : {}),
    });
  /** Traces of an experiment that pass MLflow's filter, the newest first. */
  searchTraces = (
    experiment: string,
    { filter, maxResults, pageToken }: { filter: string; maxResults: number; pageToken?: string | undefined },
  ): Promise<{ traces: TraceInfo[]; next_page_token?: string }> =>
    this.http.json('POST', '/api/3.0/mlflow/traces/search', {
      locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } }],
      filter,
      max_results: maxResults,
      ...(pageToken ? { page_token: pageToken } : {}),
    });
  getTrace = (id: string): Promise<{ trace: { trace_info: TraceInfo } }> => this.http.json('GET', `/api/2.0/mlflow/traces/${segment(id)}`);
  /** Streams the file of a trace's spans, JSON as MLflow writes it. */
  streamSpans = (trace: string, signal?: AbortSignal): Promise<Response> =>
    this.http.stream('GET', `/api/2.0/mlflow/get-trace-artifact?request_id=${segment(trace)}`, signal ? { signal } : {});
  /** Series to draw, M4-reduced to about `points` points a key; all keys of the job when `keys` is empty. */
  metricSeries = (job: string, keys: string[] = [], points = 2000, window?: MetricWindow): Promise<{ series: MetricSeries[] }> => {
    const query = new URLSearchParams({ points: String(points) });
    for (const key of keys) query.append('key', key);
    if (window) for (const [name, value] of Object.entries(window)) query.append(name, String(value));
    return this.http.json('GET', `/updraft/metrics/${segment(job)}?${query}`);
  };
  /** A part of a table of runs, by columns. */
  runTable = (request: RunTableRequest, signal?: AbortSignal): Promise<RunTable> =>
    this.http.json('POST', '/updraft/runs/table', request, signal);
  /** Runs in groups of equal values, by columns. */
  runGroups = (request: RunGroupsRequest, signal?: AbortSignal): Promise<RunGroups> =>
    this.http.json('POST', '/updraft/runs/groups', request, signal);
  /** What there is to ask for of the runs of these experiments; absent: of all. `scope` leaves out more of them. */
  runKeys = (experiments?: string[], scope: Omit<RunScope, 'experiments' | 'filter'> = {}): Promise<RunKeys> =>
    this.http.json('POST', '/updraft/runs/keys', { ...scope, ...(experiments ? { experiments } : {}) });
  /** What these runs logged beside metrics, `mostLoggedRuns` at most: what cards can show, by key. */
  loggedKeys = (runs: string[]): Promise<LoggedKeys> => this.http.json('POST', '/updraft/runs/logged', { runs });
  /** The files of one key. */
  loggedFiles = (request: LoggedFilesRequest): Promise<LoggedFiles> => this.http.json('POST', '/updraft/runs/files', request);
  /** Series of many runs to draw, each as soon as it has come: the first key of each job, in their order, then the second. What has no points has no part. */
  async *series(request: SeriesRequest, signal?: AbortSignal): AsyncGenerator<SeriesPart> {
    const { body } = await this.http.stream('POST', '/updraft/series', {
      body: JSON.stringify(request),
      headers: { 'content-type': 'application/json' },
      ...(signal ? { signal } : {}),
    });
    if (body) yield* seriesParts(body);
  }
  setModelAlias = (name: string, alias: string, version: string): Promise<void> =>
    this.http.json('POST', '/api/2.0/mlflow/registered-models/alias', { name, alias, version });
  deleteModelAlias = (name: string, alias: string): Promise<void> =>
    this.http.json('DELETE', `/api/2.0/mlflow/registered-models/alias?name=${segment(name)}&alias=${segment(alias)}`);
  /** A tag of one version; null removes it. */
  setModelTag = (name: string, version: string, key: string, value: string | null): Promise<void> =>
    value === null
      ? this.http.json('DELETE', '/api/2.0/mlflow/model-versions/delete-tag', { name, version, key })
      : this.http.json('POST', '/api/2.0/mlflow/model-versions/set-tag', { name, version, key, value });
  /** The description of a model, or of one of its versions. */
  describeModel = (name: string, description: string, version?: string): Promise<void> =>
    version === undefined
      ? this.http.json('PATCH', '/api/2.0/mlflow/registered-models/update', { name, description })
      : this.http.json('PATCH', '/api/2.0/mlflow/model-versions/update', { name, version, description });
}

/** Every item of a paged list, page by page. */
export async function* allPages<T>(first: (nextLink?: string) => Promise<Page<T>>): AsyncGenerator<T> {
  let page = await first();
  yield* page.value;
  while (page.nextLink) {
    page = await first(page.nextLink);
    yield* page.value;
  }
}
