import { type AssetKind, defaultWorkspace, type Page, type WorkspaceRef, workspacePath } from '../protocol/arm.ts';
import type {
  AssetContainer,
  BlobEntry,
  CodeVersion,
  ComponentVersion,
  DataVersion,
  EnvironmentVersion,
  ModelVersion,
} from '../protocol/asset.ts';
import type { ClaimAnswer, ClaimRequest } from '../protocol/claims.ts';
import type { Compute, Datastore, Workspace } from '../protocol/infrastructure.ts';
import type { Job, JobPatch, JobReport, NewStep, NewSteps } from '../protocol/job.ts';
import type { Experiment, MetricPoint, MetricSeries, MetricWindow, Run } from '../protocol/mlflow.ts';
import type { Health, PlaneStatus } from '../protocol/plane.ts';
import type { PreviewAnswer, PreviewRequest } from '../protocol/preview.ts';
import type { Schedule, ScheduleView } from '../protocol/schedule.ts';
import { type Connection, Http } from './http.ts';

interface VersionOf {
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
  status?: string[];
  search?: string;
  tag?: string;
  listViewType?: 'ActiveOnly' | 'ArchivedOnly' | 'All';
  top?: number;
}

const segment = encodeURIComponent;
/** Encodes a path but keeps its slashes. */
const segments = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** Typed client of one workspace on any plane. Every method throws `UserError`s. */
export class PlaneClient {
  readonly http: Http;
  readonly workspace: WorkspaceRef;
  private readonly ws: string;

  constructor(connection: Connection, workspace: WorkspaceRef = defaultWorkspace) {
    this.http = new Http(connection);
    this.workspace = workspace;
    this.ws = workspacePath(workspace);
  }

  health = (): Promise<Health> => this.http.json('GET', '/health');
  status = (): Promise<PlaneStatus> => this.http.json('GET', '/status');
  /** Asks the plane to end; running jobs go on. */
  stop = (): Promise<void> => this.http.json('POST', '/stop');

  /** Makes a further name of the plane's workspace. */
  nameWorkspace = (name: string): Promise<Workspace> => this.http.json('PUT', workspacePath({ ...this.workspace, workspace: name }), {});
  getWorkspace = (): Promise<Workspace> => this.http.json('GET', this.ws);
  listWorkspaces = (): Promise<Page<Workspace>> =>
    this.http.json('GET', `/subscriptions/${segment(this.workspace.subscription)}/providers/Microsoft.MachineLearningServices/workspaces`);

  // Jobs
  putJob = (name: string, properties: Job['properties']): Promise<Job> =>
    this.http.json('PUT', `${this.ws}/jobs/${segment(name)}`, { properties });
  getJob = (name: string): Promise<Job> => this.http.json('GET', `${this.ws}/jobs/${segment(name)}`);
  patchJob = (name: string, patch: JobPatch): Promise<Job> => this.http.json('PATCH', `${this.ws}/jobs/${segment(name)}`, patch);
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
  reportJob = (name: string, report: JobReport): Promise<Job> => this.http.json('POST', `${this.ws}/jobs/${segment(name)}/report`, report);

  /** What will become of each step of a pipeline, were it put now. */
  preview = (request: PreviewRequest): Promise<PreviewAnswer> => this.http.json('POST', '/updraft/preview', request);

  /** One page, newest first; steps of pipelines are left out unless `parent` asks for them. */
  listJobs(query: JobQuery = {}, nextLink?: string): Promise<Page<Job>> {
    if (nextLink) return this.http.json('GET', nextLink);
    const q = new URLSearchParams();
    if (query.experiment !== undefined) q.set('experimentName', query.experiment);
    if (query.parent !== undefined) q.set('parentJobName', query.parent);
    if (query.status?.length) q.set('status', query.status.join(','));
    if (query.search) q.set('search', query.search);
    if (query.tag) q.set('tag', query.tag);
    if (query.listViewType) q.set('listViewType', query.listViewType);
    if (query.top !== undefined) q.set('$top', String(query.top));
    return this.http.json('GET', `${this.ws}/jobs?${q}`);
  }

  // Assets
  putAsset = <K extends AssetKind>(kind: K, name: string, version: string, properties: VersionOf[K]['properties']): Promise<VersionOf[K]> =>
    this.http.json('PUT', `${this.ws}/${kind}/${segment(name)}/versions/${segment(version)}`, { properties });
  getAsset = <K extends AssetKind>(kind: K, name: string, version: string): Promise<VersionOf[K]> =>
    this.http.json('GET', `${this.ws}/${kind}/${segment(name)}/versions/${segment(version)}`);
  /** Several components by their ids, in that order. */
  getComponents = async (ids: string[]): Promise<ComponentVersion[]> =>
    (await this.http.json<{ value: ComponentVersion[] }>('POST', `${this.ws}/components/batchGet`, { ids })).value;
  getContainer = (kind: AssetKind, name: string): Promise<AssetContainer> => this.http.json('GET', `${this.ws}/${kind}/${segment(name)}`);
  deleteAsset = (kind: AssetKind, name: string, version: string): Promise<void> =>
    this.http.json('DELETE', `${this.ws}/${kind}/${segment(name)}/versions/${segment(version)}`);
  /** By name; with `search` those whose name has it somewhere, in any case. */
  listContainers = (kind: AssetKind, { search = '' }: { search?: string } = {}, nextLink?: string): Promise<Page<AssetContainer>> =>
    this.http.json('GET', nextLink ?? `${this.ws}/${kind}${search ? `?search=${encodeURIComponent(search)}` : ''}`);
  /** Newest version first. */
  listVersions = <K extends AssetKind>(kind: K, name: string, nextLink?: string): Promise<Page<VersionOf[K]>> =>
    this.http.json('GET', nextLink ?? `${this.ws}/${kind}/${segment(name)}/versions`);
  /** Code assets whose `hash_sha256` is `hash`: at most one. */
  findCode = (hash: string): Promise<Page<CodeVersion>> =>
    this.http.json('GET', `${this.ws}/codes/${segment(hash)}/versions?hash=${segment(hash)}&hashVersion=202208`);

  getCompute = (name: string): Promise<Compute> => this.http.json('GET', `${this.ws}/computes/${segment(name)}`);
  listComputes = (): Promise<Page<Compute>> => this.http.json('GET', `${this.ws}/computes`);
  listDatastores = (): Promise<Page<Datastore>> => this.http.json('GET', `${this.ws}/datastores`);

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
  listBlobs = (container: string, prefix: string, options: { recursive?: boolean } = {}): Promise<{ entries: BlobEntry[] }> =>
    this.http.json('GET', `/updraft/blobs/${segment(container)}?prefix=${segment(prefix)}&recursive=${options.recursive ?? false}`);
  /** Streams one blob; `range` in bytes, end inclusive. */
  readBlob = (container: string, path: string, range?: { start: number; end?: number }, signal?: AbortSignal): Promise<Response> =>
    this.http.stream('GET', `/updraft/blobs/${segment(container)}/${segments(path)}`, {
      ...(signal ? { signal } : {}),
      headers: range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {},
    });
  /** Stores one blob; answers its size and SHA-256. A stream body is sent as it comes. */
  writeBlob = async (container: string, path: string, body: BodyInit): Promise<{ size: number; sha256: string }> =>
    this.http.jsonOf(
      await this.http.send('PUT', `/updraft/blobs/${segment(container)}/${segments(path)}`, {
        body,
        ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
      }),
    );
  /** Names a blob whose content the plane has already: true when it had it, false when it must be sent. */
  linkBlob = async (container: string, path: string, sha256: string): Promise<boolean> => {
    const response = await this.http.raw('PUT', `/updraft/blobs/${segment(container)}/${segments(path)}?sha256=${sha256}`);
    return response.status === 200 || response.status === 201;
  };

  // Job logs and artifacts
  /** Appends text at byte `offset`; answers the size after it. Repeating an append is harmless. */
  appendLog = (job: string, file: string, offset: number, bytes: Uint8Array): Promise<{ size: number }> =>
    this.http.json('POST', `/updraft/logs/${segment(job)}/${segments(file)}?offset=${offset}`, bytes);
  /** Bytes of a log from `offset` on; empty when there is nothing new. */
  readLog = (job: string, file: string, offset = 0): Promise<Uint8Array> =>
    this.http.bytes('GET', `/updraft/logs/${segment(job)}/${segments(file)}?offset=${offset}`);
  listArtifacts = (job: string, path = ''): Promise<{ entries: BlobEntry[] }> =>
    this.http.json('GET', `/updraft/artifacts/${segment(job)}?path=${segment(path)}`);
  readArtifact = (job: string, path: string, range?: { start: number; end?: number }): Promise<Response> =>
    this.http.send('GET', `/updraft/artifacts/${segment(job)}/${segments(path)}`, {
      headers: range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {},
    });

  // MLflow
  getRun = (run: string): Promise<{ run: Run }> => this.http.json('GET', `/api/2.0/mlflow/runs/get?run_id=${segment(run)}`);
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
  /** Experiments that have jobs or were created, most recently used first. */
  searchExperiments = (pageToken?: string, maxResults = 100): Promise<{ experiments?: Experiment[]; next_page_token?: string }> =>
    this.http.json('POST', '/api/2.0/mlflow/experiments/search', {
      max_results: maxResults,
      order_by: ['last_update_time DESC'],
      ...(pageToken ? { page_token: pageToken } : {}),
    });
  /** Series to draw, M4-reduced to about `points` points a key; all keys of the job when `keys` is empty. */
  metricSeries = (job: string, keys: string[] = [], points = 2000, window?: MetricWindow): Promise<{ series: MetricSeries[] }> => {
    const query = new URLSearchParams({ points: String(points) });
    for (const key of keys) query.append('key', key);
    if (window) for (const [name, value] of Object.entries(window)) query.append(name, String(value));
    return this.http.json('GET', `/updraft/metrics/${segment(job)}?${query}`);
  };
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
