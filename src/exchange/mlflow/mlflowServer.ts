import { UserError } from '../../base/userError.ts';
import type { Fetch } from '../../client/http.ts';
import type { Experiment, MetricPoint } from '../../protocol/mlflow.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import type { ArrivingFile, MlflowSource, SourceLoggedModel, SourceRegisteredModel, SourceRun, SourceVersion } from './source.ts';

/** What opens a server, as MLflow's own client has it. */
export type MlflowCredentials = { username: string; password: string } | { token: string };

interface Options {
  credentials?: MlflowCredentials | undefined;
  fetch?: Fetch;
  signal?: AbortSignal | undefined;
}

/** Points, and other things, that are asked for at a time. */
const [pointsAtOnce, itemsAtOnce] = [25_000, 500];

interface ListedFile {
  path: string;
  is_dir: boolean;
  file_size?: number | string;
}

/** An MLflow server, through its REST API. Throws `UserError`s that name its address. */
export class MlflowServer implements MlflowSource {
  readonly name: string;
  private readonly options: Options;

  /** `url` may have a path, as behind a proxy. */
  constructor(url: string, options: Options = {}) {
    this.name = url.replace(/\/+$/, '');
    this.options = options;
  }

  async *experiments(): AsyncIterable<Experiment> {
    yield* this.pages<Experiment>('experiments', (page) =>
      this.post('experiments/search', { max_results: itemsAtOnce, view_type: 'ACTIVE_ONLY', ...page }),
    );
  }

  async *runs({ experiment_id }: Experiment): AsyncIterable<SourceRun> {
    yield* this.pages<SourceRun>('runs', (page) =>
      this.post('runs/search', {
        experiment_ids: [experiment_id],
        run_view_type: 'ACTIVE_ONLY',
        order_by: ['attribute.start_time ASC'],
        max_results: itemsAtOnce,
        ...page,
      }),
    );
  }

  async *points({ info }: SourceRun, key: string): AsyncIterable<MetricPoint[]> {
    for (let token = ''; ; ) {
      const query = { run_id: info.run_id, metric_key: key, max_results: String(pointsAtOnce), ...(token ? { page_token: token } : {}) };
      const page = await this.get<{ metrics?: MetricPoint[]; next_page_token?: string }>('metrics/get-history', query);
      yield page.metrics ?? [];
      token = page.next_page_token ?? '';
      if (!token) return;
    }
  }

  runFiles({ info }: SourceRun): AsyncIterable<ArrivingFile> {
    const proxied = proxyPath(info.artifact_uri);
    return this.files(
      (path) => this.get('artifacts/list', { run_id: info.run_id, ...(path ? { path } : {}) }),
      (path) =>
        proxied === undefined
          ? `/get-artifact?${new URLSearchParams({ run_uuid: info.run_id, path })}`
          : `/api/2.0/mlflow-artifacts/artifacts/${segments(`${proxied}/${path}`)}`,
    );
  }

  async *loggedModels({ experiment_id }: Experiment): AsyncIterable<SourceLoggedModel> {
    try {
      yield* this.pages<SourceLoggedModel>('models', (page) =>
        this.post('logged-models/search', { experiment_ids: [experiment_id], max_results: 50, ...page }),
      );
    } catch (error) {
      // Servers before MLflow 3 have none.
      if (!(error instanceof UserError && error.code === 'NotFound')) throw error;
    }
  }

  modelFiles({ info }: SourceLoggedModel): AsyncIterable<ArrivingFile> {
    const proxied = proxyPath(info.artifact_uri);
    return this.files(
      (path) => this.get(`logged-models/${info.model_id}/artifacts/directories`, path ? { artifact_directory_path: path } : {}),
      (path) =>
        proxied === undefined
          ? `/ajax-api/2.0/mlflow/logged-models/${info.model_id}/artifacts/files?${new URLSearchParams({ artifact_file_path: path })}`
          : `/api/2.0/mlflow-artifacts/artifacts/${segments(`${proxied}/${path}`)}`,
    );
  }

  async *registeredModels(): AsyncIterable<SourceRegisteredModel> {
    for (const filter of ['', "tags.`mlflow.prompt.is_prompt` = 'true'"])
      yield* this.pages<SourceRegisteredModel>('registered_models', (page) =>
        this.get('registered-models/search', { max_results: '100', ...(filter ? { filter } : {}), ...page }),
      );
  }

  async *versions({ name, tags = [] }: SourceRegisteredModel): AsyncIterable<SourceVersion> {
    // A name can't have both sorts of quotation marks: MLflow's filter has no way to say it.
    const quote = name.includes("'") ? '"' : "'";
    const isPrompt = tags.some(({ key, value }) => key === 'mlflow.prompt.is_prompt' && value.toLowerCase() === 'true');
    const filter = `name=${quote}${name}${quote}${isPrompt ? " AND tags.`mlflow.prompt.is_prompt` = 'true'" : ''}`;
    yield* this.pages<SourceVersion>('model_versions', (page) =>
      this.get('model-versions/search', { filter, max_results: '200', ...page }),
    );
  }

  private async *files(
    list: (path: string) => Promise<{ files?: ListedFile[] }>,
    address: (path: string) => string,
    folder = '',
  ): AsyncIterable<ArrivingFile> {
    for (const { path, is_dir, file_size } of (await list(folder)).files ?? []) {
      if (folder !== '' && !path.startsWith(`${folder}/`))
        throw new UserError('RemoteError', `${this.name} lists "${path.slice(0, 200)}" in the folder "${folder}", where it is not.`);
      if (is_dir) yield* this.files(list, address, path);
      else
        yield {
          path,
          ...(file_size === undefined ? {} : { size: Number(file_size) }),
          open: async (signal) => (await this.send('GET', address(path), undefined, signal)).body ?? new Blob([]).stream(),
        };
    }
  }

  /** The items of a list, page by page. */
  private async *pages<T>(
    key: string,
    ask: (page: { page_token?: string }) => Promise<Record<string, unknown> & { next_page_token?: string }>,
  ): AsyncIterable<T> {
    for (let token = ''; ; ) {
      const page = await ask(token ? { page_token: token } : {});
      yield* (page[key] ?? []) as T[];
      const next = page.next_page_token ?? '';
      if (!next) return;
      if (next === token) throw new UserError('RemoteError', `${this.name} answers the same page of ${key} again and again.`);
      token = next;
    }
  }

  private get = <T>(path: string, query: Record<string, string>): Promise<T> =>
    this.json('GET', `/api/2.0/mlflow/${path}${Object.keys(query).length ? `?${new URLSearchParams(query)}` : ''}`);
  private post = <T>(path: string, body: unknown): Promise<T> => this.json('POST', `/api/2.0/mlflow/${path}`, body);

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { signal } = this.options;
    const text = await withRetries(async () => (await this.send(method, path, body, signal)).text(), { signal });
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new UserError('RemoteError', `${this.name} does not answer as MLflow does.`, 'Give the address that MLFLOW_TRACKING_URI has.');
    }
  }

  private async send(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
    const { credentials, fetch = globalThis.fetch } = this.options;
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    if (credentials)
      headers.authorization =
        'token' in credentials
          ? `Bearer ${credentials.token}`
          : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    let response: Response;
    try {
      response = await fetch(this.name + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new UserError('RemoteError', `The MLflow server ${this.name} does not answer.`, 'Look whether it runs, and at the address.');
    }
    if (response.ok) return response;
    throw await this.errorOf(response, `${method} ${path.replace(/\?.*$/s, '')}`);
  }

  private async errorOf(response: Response, what: string): Promise<UserError> {
    const said = await response
      .text()
      .then((text) => String(JSON.parse(text).message ?? ''))
      .catch(() => '');
    if (response.status === 401 || response.status === 403)
      return new UserError(
        'Unauthorized',
        `The MLflow server ${this.name} does not let you in${said ? `: ${said}` : ''}.`,
        'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN with MLFLOW_TRACKING_URI as its address.',
      );
    const code =
      response.status === 404 ? 'NotFound' : response.status >= 500 || response.status === 429 ? 'RemoteError' : 'InvalidRequest';
    return new UserError(code, `The MLflow server ${this.name} answered ${what} with ${response.status}${said ? `: ${said}` : ''}.`);
  }
}

const segments = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** Where the server itself hands out artifacts, below its address for them; undefined for a place elsewhere. */
const proxyPath = (uri: string | undefined): string | undefined => /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*?)\/*$/s.exec(uri ?? '')?.[1];
