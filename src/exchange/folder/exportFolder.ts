import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { type AssetKind, assetKinds, type SystemData } from '../../protocol/arm.ts';
import { type AssetVersion, artifactContainer, blobAddress, blobContainer, blobUri } from '../../protocol/asset.ts';
import { ofItsPlane, originText } from '../../protocol/copiedJob.ts';
import { hasWork, isTerminal, type Job, jobProperty } from '../../protocol/job.ts';
import { artifactFolder } from '../../protocol/jobPlaces.ts';
import type { Experiment, KeyValue, MetricPoint } from '../../protocol/mlflow.ts';
import { assetsIn, inWorkspace } from '../../sync/assets/references.ts';
import { logsOf } from '../../sync/jobs/copyLogs.ts';
import { pointsOf } from '../../sync/jobs/copyMetrics.ts';
import { blobSource } from '../../transfer/downloadFile.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import type { SourceRun } from '../mlflow/source.ts';
import type { Result } from '../result.ts';
import { DiskNames } from './diskNames.ts';
import { FolderWriter } from './folderWriter.ts';
import {
  type AssetRecord,
  createdFile,
  experimentsFile,
  exportedWorkspace,
  formatVersion,
  type JobRecord,
  type Manifest,
  type ModelRecord,
  manifestFile,
  metricsFile,
  readmeFile,
  recordFile,
  sumsFile,
  textOf,
} from './format.ts';
import { readmeText } from './readme.ts';

/** What is exported; nothing chosen means all of the workspace. */
export interface Selection {
  experiment?: string | undefined;
  jobs?: readonly string[];
  models?: readonly string[];
}

/** Writes YAML that can be submitted again. */
export interface YamlWriter {
  /** Its file's name, and its text. `codeFolder` answers where the files of a code asset are, from the folder of the job or asset. */
  job(job: Job, codeFolder: (id: string) => string | undefined): { file: string; text: string };
  /** `files`: where its files are, from its folder; absent where it has none of its own. */
  asset(
    kind: AssetKind,
    asset: AssetVersion,
    codeFolder: (id: string) => string | undefined,
    files?: string,
  ): { file: string; text: string };
}

export interface ExportOptions extends Selection {
  yaml: YamlWriter;
  /** Which Updraft it is. */
  version: string;
  result: Result;
  signal?: AbortSignal | undefined;
  onProgress?: (what: string) => void;
}

export interface Exported {
  /** Of what is in the folder, by sort. */
  counts: Record<string, number>;
  /** Files and bytes that were not there before. */
  written: { files: number; bytes: number };
}

/** Files that are on their way at the same time. */
const parallel = 4;

/** Facts of jobs that are about the control plane where they ran. */
const leftOut: ReadonlySet<string> = new Set([...ofItsPlane, jobProperty.origin]);

/**
 * Writes a workspace, or a selection of it with all that it names, to a folder of YAML, Parquet, JSON and plain files. A folder with an earlier export is brought up to date: what is there and right stays. At
 * the end all is read again. Throws `Conflict` for a folder with something else in it.
 */
export async function exportFolder(client: PlaneClient, folder: string, options: ExportOptions): Promise<Exported> {
  return new Exporting(client, folder, options).all();
}

class Exporting {
  private readonly client: PlaneClient;
  private readonly options: ExportOptions;
  private readonly writer: FolderWriter;
  private readonly folders = new DiskNames();
  private readonly created: string[] = [];
  /** Assets that are written, or about to be. */
  private readonly assets = new Set<string>();
  private readonly experiments = new Set<string>();
  private readonly counts: Record<string, number> = { jobs: 0, points: 0 };
  private plane = '';

  constructor(client: PlaneClient, folder: string, options: ExportOptions) {
    this.client = client;
    this.options = options;
    this.writer = new FolderWriter(folder, options.signal);
  }

  async all(): Promise<Exported> {
    const { client, writer, options } = this;
    const { folder } = writer;
    const before = manifestIn(folder);
    const { id } = await this.ask(() => client.health());
    this.plane = id;
    await mkdir(folder, { recursive: true });
    const manifest: Manifest = { format: 'updraft-export', version: formatVersion, complete: false };
    await writer.text(manifestFile, textOf({ ...before, ...manifest }));
    const { experiment, jobs = [], models = [] } = options;
    const isAll = experiment === undefined && jobs.length === 0 && models.length === 0;
    if (isAll || experiment !== undefined)
      for await (const job of allPages((next) =>
        client.listJobs({ listViewType: 'All', top: 500, ...(experiment === undefined ? {} : { experiment }) }, next),
      ))
        await this.jobWithParts(job);
    for (const name of jobs) await this.jobWithParts(await this.ask(() => client.getJob(name)));
    for (const name of models) await this.versions('models', name);
    if (isAll)
      for (const kind of assetKinds)
        for await (const { name } of allPages((next) => client.listContainers(kind, { listViewType: 'All' }, next)))
          await this.versions(kind, name);
    await this.writeExperiments(isAll);
    if (Object.keys(this.counts).every((sort) => this.counts[sort] === 0) && !isAll)
      throw new UserError('NotFound', 'There is nothing to export by these names.', 'A job is exported when it has ended.');
    await writer.text(createdFile, this.created.sort().join(''));
    await writer.text(readmeFile, readmeText);
    writer.sums.delete(manifestFile);
    await writer.verify();
    const sums = writer.sumsText();
    await writer.text(sumsFile, sums);
    const sha256 = writer.sums.get(sumsFile)!;
    const who = await this.ask(() => client.whoAsks()).catch(() => undefined);
    await writer.text(
      manifestFile,
      textOf({
        ...manifest,
        complete: true,
        counts: { ...this.counts, files: writer.sums.size - 1 },
        sums: sha256,
        exported: {
          at: new Date().toISOString(),
          workspace: client.workspace.workspace,
          plane: id,
          updraft: options.version,
          ...(who?.name ? { by: who.name } : {}),
        },
      } satisfies Manifest),
    );
    return { counts: this.counts, written: writer.written };
  }

  private ask = <T>(work: () => Promise<T>): Promise<T> => withRetries(work, { signal: this.options.signal });

  private async jobWithParts(job: Job): Promise<void> {
    await this.job(job);
    const parts = await this.ask(() =>
      Array.fromAsync(allPages((next) => this.client.listJobs({ parent: job.name, listViewType: 'All', top: 500 }, next))),
    );
    for (const part of parts) await this.jobWithParts(part);
  }

  private async job(job: Job): Promise<void> {
    const { client, options } = this;
    const { name, properties } = job;
    options.result.seen++;
    await options.result.attempt(`job ${name}`, async () => {
      if (!properties.status || !isTerminal(properties.status))
        throw new UserError('Conflict', 'It has not ended yet.', 'Export again when it has.');
      const folder = this.folders.of(`jobs/${name}`);
      if (this.writer.sums.has(`${folder}/${recordFile}`)) return;
      await this.assetsOf(properties);
      const run = (await this.ask(() => client.getRun(name))).run as SourceRun;
      const names = new DiskNames();
      await this.blobs(artifactContainer, artifactFolder(name), folder, 'artifacts', names);
      await this.blobs(blobContainer, `azureml/${name}`, folder, 'outputs', names);
      await this.logs(name, folder, names);
      const keys = [...new Set((run.data.metrics ?? []).map(({ key }) => key))].sort();
      await this.writer.parts(`${folder}/${metricsFile}`, await this.table(name, keys));
      // What a script ran by itself has nothing to submit.
      if (hasWork(job)) {
        const { file, text } = options.yaml.job(job, this.codeFolder('../../'));
        await this.writer.text(`${folder}/${file}`, text);
      }
      const { [jobProperty.origin]: origin = originText({ plane: this.plane, workspace: client.workspace.workspace }) } =
        properties.properties ?? {};
      const { services: _here, tags: _tags, ...kept } = properties;
      const record: JobRecord = {
        name,
        origin,
        createdAt: job.systemData?.createdAt ?? new Date(Number(run.info.start_time ?? 0)).toISOString(),
        properties: this.portable({
          ...kept,
          ...(kept.properties
            ? { properties: Object.fromEntries(Object.entries(kept.properties).filter(([key]) => !leftOut.has(key))) }
            : {}),
        }),
        tags: Object.fromEntries((run.data.tags ?? []).map(({ key, value }) => [key, value])),
        params: [...(run.data.params ?? [])].sort(byKey),
        ...(run.inputs ? { inputs: run.inputs } : {}),
        ...(run.outputs ? { outputs: run.outputs } : {}),
        ...namesOf(names),
      };
      await this.writer.text(`${folder}/${recordFile}`, textOf(record));
      this.note('job', name, '', job.systemData);
      this.counts.jobs!++;
      if (properties.experimentName) this.experiments.add(properties.experimentName);
    });
    options.onProgress?.(`job ${name}`);
  }

  private async table(run: string, keys: readonly string[]): Promise<AsyncIterable<Uint8Array>> {
    const { metricsTable } = await import('./metricsTable.ts');
    const { client, counts, options } = this;
    return metricsTable(
      (async function* (): AsyncIterable<MetricPoint[]> {
        for (const key of keys) {
          const points = await pointsOf(client, run, key, options.signal);
          counts.points! += points.length;
          yield points;
        }
      })(),
    );
  }

  private async logs(job: string, folder: string, names: DiskNames): Promise<void> {
    const { client } = this;
    const { signal } = this.options;
    for (const file of (await logsOf({ from: client, to: client, signal }, job)).sort()) {
      const size = await this.ask(() => client.logSize(job, file));
      if (size === 0) continue;
      await this.writer.download(`${folder}/${names.of(`logs/${file}`)}`, {
        name: file,
        size,
        open: (start, stop) => client.streamLog(job, file, { start, end: size - 1 }, stop),
      });
    }
  }

  /** Saves the files of a folder of blobs, or the one of that very name, below `into`; answers how many. */
  private async blobs(container: string, prefix: string, folder: string, into: string, names: DiskNames): Promise<number> {
    const { client, writer } = this;
    const { signal } = this.options;
    const list = (at: string, recursive: boolean) => this.ask(() => client.listBlobs(container, at, { recursive, signal }));
    let files = (await list(prefix, true)).entries.map((entry) => ({ ...entry, blob: `${prefix}/${entry.path}` }));
    if (files.length === 0) {
      const [parent, name] = [path.posix.dirname(prefix), path.posix.basename(prefix)];
      const { entries } = await list(parent === '.' ? '' : parent, false);
      files = entries.filter((entry) => !entry.isFolder && entry.path === name).map((entry) => ({ ...entry, blob: prefix }));
    }
    const named = files.sort((a, b) => (a.path < b.path ? -1 : 1)).map((entry) => ({ ...entry, at: names.of(`${into}/${entry.path}`) }));
    await mapParallel(named, parallel, ({ blob, size, sha256, at }) =>
      writer.download(`${folder}/${at}`, blobSource(client, container, blob, { size, sha256 })),
    );
    return named.length;
  }

  private async versions(kind: AssetKind, name: string): Promise<void> {
    const { client, options } = this;
    if (kind === 'models') await this.model(name);
    for await (const { name: version } of allPages((next) => client.listVersions(kind, name, next, { listViewType: 'All' }))) {
      await options.result.attempt(`${name}:${version} of ${kind}`, () => this.asset(kind, name, version));
      options.onProgress?.(`${name}:${version} of ${kind}`);
    }
  }

  /** What a model has beside its versions. */
  private async model(name: string): Promise<void> {
    const folder = this.folders.of(`models/${name}`);
    if (this.writer.sums.has(`${folder}/${recordFile}`)) return;
    const { registered_model: model } = await this.ask(() =>
      this.client.http.json<{ registered_model: { description?: string; tags?: KeyValue[] } }>(
        'GET',
        `/api/2.0/mlflow/registered-models/get?${new URLSearchParams({ name })}`,
      ),
    );
    const record: ModelRecord = {
      name,
      ...(model.description ? { description: model.description } : {}),
      tags: [...(model.tags ?? [])].sort(byKey),
    };
    await this.writer.text(`${folder}/${recordFile}`, textOf(record));
  }

  private async assetsOf(value: unknown): Promise<void> {
    for (const { kind, name, version } of assetsIn(value, this.client.workspace)) {
      if (kind === 'models') await this.model(name);
      try {
        await this.asset(kind, name, version);
      } catch (error) {
        // It was deleted after the job had used it, and the job names it all the same.
        if (!(error instanceof UserError && (error.code === 'NotFound' || error.code === 'AssetNotFound'))) throw error;
      }
    }
  }

  private async asset(kind: AssetKind, name: string, version: string): Promise<void> {
    const key = `${kind}/${name}/${version}`;
    if (this.assets.has(key)) return;
    this.assets.add(key);
    this.options.result.seen++;
    const { client, writer, options } = this;
    const asset = (await this.ask(() => client.getAsset(kind, name, version))) as AssetVersion;
    const properties = asset.properties as Record<string, any>;
    await this.assetsOf(properties);
    const folder = this.folders.of(key);
    const names = new DiskNames();
    const address = addressOf(properties);
    const count = address ? await this.blobs(address.container, address.path, folder, 'files', names) : 0;
    const isFile = properties.dataType === 'uri_file' && count === 1;
    const only = isFile ? `./files/${names.of(`files/${path.posix.basename(address!.path)}`).slice('files/'.length)}` : './files';
    const { file, text } = options.yaml.asset(kind, asset, this.codeFolder('../../../'), count > 0 ? only : undefined);
    await writer.text(`${folder}/${file}`, text);
    const record: AssetRecord = { kind, name, version, properties: this.portable(properties), ...namesOf(names) };
    await writer.text(`${folder}/${recordFile}`, textOf(record));
    this.note(kind, name, version, asset.systemData);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** The folder of the files of a code asset, by its id. */
  private codeFolder(up: string): (id: string) => string | undefined {
    return (id) => {
      const [code] = assetsIn(id, this.client.workspace);
      return code?.kind === 'codes' ? `${up}${this.folders.of(`codes/${code.name}/${code.version}`)}/files` : undefined;
    };
  }

  private async writeExperiments(isAll: boolean): Promise<void> {
    const found: Pick<Experiment, 'name' | 'tags'>[] = [];
    for (let token: string | undefined; ; ) {
      const { experiments = [], next_page_token } = await this.ask(() => this.client.searchExperiments(token, 1000));
      for (const { name, tags = [] } of experiments)
        if (isAll || this.experiments.has(name)) found.push({ name, tags: [...tags].sort(byKey) });
      token = next_page_token;
      if (!token) break;
    }
    this.counts.experiments = found.length;
    await this.writer.text(experimentsFile, textOf(found.sort((a, b) => (a.name < b.name ? -1 : 1))));
  }

  /** Ids name the workspace of exports, and addresses no control plane. */
  private portable<T>(value: T): T {
    const bare = (each: unknown): unknown => {
      if (typeof each === 'string') {
        const address = blobAddress(each);
        return address ? blobUri(address.container, address.path) + (each.endsWith('/') ? '/' : '') : each;
      }
      if (Array.isArray(each)) return each.map(bare);
      if (typeof each !== 'object' || each === null) return each;
      return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, bare(inner)]));
    };
    return bare(inWorkspace(value, this.client.workspace, exportedWorkspace)) as T;
  }

  private note(kind: string, name: string, version: string, made: SystemData | undefined): void {
    if (made)
      this.created.push(
        `${JSON.stringify({ kind, name, ...(version ? { version } : {}), createdAt: made.createdAt, createdBy: made.createdBy })}\n`,
      );
  }
}

/** Where the files of an asset are; undefined for one that has none, or has them elsewhere. */
export function addressOf(properties: Record<string, any>): ReturnType<typeof blobAddress> {
  const uri = properties.codeUri ?? properties.dataUri ?? properties.modelUri ?? properties.build?.contextUri;
  return typeof uri === 'string' ? blobAddress(uri) : undefined;
}

const byKey = (a: KeyValue, b: KeyValue): number => (a.key < b.key ? -1 : 1);
const namesOf = ({ changed }: DiskNames) => (Object.keys(changed).length > 0 ? { names: changed } : {});

/** What an earlier export said of itself. Throws `Conflict` for a folder with something else in it. */
function manifestIn(folder: string): object {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return {};
  try {
    const found = JSON.parse(readFileSync(path.join(folder, manifestFile), 'utf8'));
    if (found.format === 'updraft-export' && found.version === formatVersion) return found;
  } catch {
    // Told below.
  }
  throw new UserError(
    'Conflict',
    `${folder} has something else in it.`,
    'Give a new or empty folder, or one with an export of this version.',
  );
}
