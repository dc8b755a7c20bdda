import { open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { type AssetKind, assetKinds } from '../../protocol/arm.ts';
import { artifactContainer, blobContainer } from '../../protocol/asset.ts';
import { check } from '../../protocol/check.ts';
import { type CopiedJob, originText } from '../../protocol/copiedJob.ts';
import { type JobProperties, jobProperty } from '../../protocol/job.ts';
import { artifactFolder } from '../../protocol/jobPlaces.ts';
import { inWorkspace } from '../../sync/assets/references.ts';
import { uploadFile } from '../../transfer/uploadFile.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { importedFields } from '../importedFields.ts';
import { putLineage } from '../mlflow/putRun.ts';
import { SourceRun } from '../mlflow/source.ts';
import { putExperiment } from '../putExperiment.ts';
import { putPoints } from '../putPoints.ts';
import { Result } from '../result.ts';
import { addressOf } from './exportFolder.ts';
import { FolderReader } from './folderReader.ts';
import { AssetRecord, Experiments, experimentsFile, exportedWorkspace, JobRecord, ModelRecord, metricsFile, recordFile } from './format.ts';
import { pointsOfTable } from './metricsTable.ts';

export interface FolderImportOptions {
  /** Nothing is written; every record and file is read and checked. */
  dryRun?: boolean | undefined;
  signal?: AbortSignal | undefined;
  result?: Result;
  onProgress?: (what: string) => void;
}

/** Files that are on their way at the same time, and bytes of a log that are sent at a time. */
const [parallel, piece] = [4, 4 * 1024 * 1024];

/** What others name comes before them. */
const order: readonly AssetKind[] = ['codes', 'environments', 'data', 'models', 'components'];

/**
 * Brings an export into a workspace, under its own names. What is there already with the same content is the same; what is there with another one is in `refused` and stays as it is, and everything else goes
 * on. Done twice it changes nothing. Throws `InvalidValue` for a folder that is no whole export.
 */
export async function importFolder(folder: string, to: PlaneClient, options: FolderImportOptions = {}): Promise<Result> {
  const importing = new Importing(await FolderReader.open(folder), to, options);
  await importing.all();
  return importing.result;
}

/** A folder of one job or asset, with the files in it. */
interface Item {
  at: string;
  files: Map<string, string>;
}

class Importing {
  readonly result: Result;
  private readonly reader: FolderReader;
  private readonly to: PlaneClient;
  private readonly options: FolderImportOptions;

  constructor(reader: FolderReader, to: PlaneClient, options: FolderImportOptions) {
    this.reader = reader;
    this.to = to;
    this.options = options;
    this.result = options.result ?? new Result();
  }

  async all(): Promise<void> {
    const items = itemsOf(this.reader);
    await this.experiments();
    for (const kind of order) {
      if (kind === 'models') for (const at of items.models) await this.one(at, () => this.model(at));
      for (const item of items.assets.get(kind) ?? []) await this.one(item.at, () => this.asset(item));
    }
    await this.jobs(items.jobs);
  }

  private async one(what: string, work: () => Promise<void>): Promise<boolean> {
    this.result.seen++;
    const done = await this.result.attempt(what, work);
    this.options.onProgress?.(what);
    return done;
  }

  private ask = <T>(work: () => Promise<T>): Promise<T> => withRetries(work, { signal: this.options.signal });

  private async experiments(): Promise<void> {
    for (const experiment of await this.reader.json(experimentsFile, Experiments))
      await this.result.attempt(`experiment "${experiment.name}"`, async () => {
        if (!this.options.dryRun && (await putExperiment(this.to, experiment, this.options.signal))) this.result.counts.experiments++;
      });
  }

  private async model(at: string): Promise<void> {
    const { name, description, tags } = await this.reader.json(at, ModelRecord);
    if (this.options.dryRun) return;
    const call = <T>(method: string, path: string, body?: unknown) =>
      this.ask(() => this.to.http.json<T>(method, `/api/2.0/mlflow/registered-models/${path}`, body, this.options.signal));
    try {
      await call('GET', `get?${new URLSearchParams({ name })}`);
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'NotFound')) throw error;
      await call('POST', 'create', { name, tags, ...(description === undefined ? {} : { description }) });
      this.result.counts.models++;
    }
  }

  private async asset({ at, files }: Item): Promise<void> {
    const { to, options } = this;
    const { kind, name, version, properties: given, names = {} } = await this.reader.json(`${at}/${recordFile}`, AssetRecord);
    const properties = inWorkspace(given, exportedWorkspace, to.workspace);
    const address = addressOf(properties);
    const own = placesOf(files, 'files', names, address?.path ?? '', isOneFile(files, names, address?.path));
    if (own.length > 0 && !address)
      throw new UserError('InvalidValue', `It has files, and its record says of no place where they are to be.`);
    const there = await this.ask(() => to.getAsset(kind, name, version, options.signal)).catch((error) => {
      if (error instanceof UserError && (error.code === 'NotFound' || error.code === 'AssetNotFound')) return undefined;
      throw error;
    });
    if (address) await this.files(at, address.container, address.path, own, { replaces: false });
    if (options.dryRun) return;
    if (there && isDeepStrictEqual(withoutPlane(there.properties), withoutPlane(properties))) return;
    if (there)
      throw new UserError(
        'Conflict',
        `There is another ${name}:${version} of ${kind} here.`,
        'Nothing was changed. Make a new version of this one.',
      );
    await this.ask(() => to.putAsset(kind, name, version, properties as never));
    this.result.counts.assets++;
  }

  /** A step comes after its pipeline. */
  private async jobs(items: readonly Item[]): Promise<void> {
    const here = await this.ask(() => this.to.health());
    const own = originText({ plane: here.id, workspace: this.to.workspace.workspace });
    let left: { item: Item; name: string; parent: string | undefined }[] = [];
    for (const item of items)
      await this.result.attempt(item.at, async () => {
        const { name, properties } = await this.reader.json(`${item.at}/${recordFile}`, JobRecord);
        left.push({ item, name, parent: properties.parentJobName as string | undefined });
      });
    while (left.length > 0) {
      const waiting = new Set(left.map(({ name }) => name));
      const ready = left.filter(({ parent }) => parent === undefined || !waiting.has(parent));
      const now = ready.length > 0 ? ready : left.slice(0, 1);
      for (const { item } of now) await this.one(item.at, () => this.job(item, own));
      left = left.filter((each) => !now.includes(each));
    }
  }

  private async job({ at, files }: Item, own: string): Promise<void> {
    const { to, options, result } = this;
    const { signal } = options;
    const record = await this.reader.json(`${at}/${recordFile}`, JobRecord);
    const { name, names = {}, tags, params, createdAt, inputs, outputs } = record;
    // It is this very job.
    if (record.origin === own && (await this.isHere(name))) return;
    const slash = record.origin.indexOf('/');
    const lineage = check(
      SourceRun,
      {
        info: { run_id: name, experiment_id: '', status: 'FINISHED' },
        data: {},
        ...(inputs ? { inputs } : {}),
        ...(outputs ? { outputs } : {}),
      },
      `${at}/${recordFile}`,
    );
    const origin = { plane: record.origin.slice(0, slash), workspace: record.origin.slice(slash + 1) };
    const copy: CopiedJob = {
      origin,
      ...importedFields(origin, { ...record.properties, tags }),
      createdAt,
      properties: inWorkspace(record.properties, exportedWorkspace, to.workspace) as JobProperties,
      params,
    };
    if (!options.dryRun) {
      const { changed } = await this.ask(() => to.putCopy(name, copy, signal));
      if ((await putLineage(to, lineage, signal)) || changed) result.counts.jobs++;
    }
    const artifacts = artifactFolder(name);
    await this.files(at, artifactContainer, artifacts, placesOf(files, 'artifacts', names, artifacts), { replaces: true });
    await this.files(at, blobContainer, `azureml/${name}`, placesOf(files, 'outputs', names, `azureml/${name}`), { replaces: true });
    for (const { file, path } of placesOf(files, 'logs', names, ''))
      await this.log(name, path, await this.reader.verified(`${at}/${file}`));
    if (files.has(metricsFile))
      for await (const { key, points } of pointsOfTable(await this.reader.verified(`${at}/${metricsFile}`)))
        if (!options.dryRun)
          result.counts.points += await putPoints(
            to,
            name,
            key,
            (async function* () {
              yield points;
            })(),
            signal,
          );
  }

  private async isHere(name: string): Promise<boolean> {
    try {
      const { properties } = await this.ask(() => this.to.getJob(name));
      return properties.properties?.[jobProperty.origin] === undefined;
    } catch (error) {
      if (error instanceof UserError && error.code === 'NotFound') return false;
      throw error;
    }
  }

  /** Sends what is missing. What is there with another content stays where it is no file of the same job. */
  private async files(
    at: string,
    container: string,
    root: string,
    places: readonly Place[],
    { replaces }: { replaces: boolean },
  ): Promise<void> {
    if (places.length === 0) return;
    const { to, options, result } = this;
    const list = async () =>
      new Map(
        (await this.ask(() => to.listBlobs(container, parentOf(root, places), { recursive: true, signal: options.signal }))).entries.map(
          ({ path, sha256 }) => [[parentOf(root, places), path].filter(Boolean).join('/'), sha256] as const,
        ),
      );
    const there = await list();
    const missing = places.filter(({ path, sha256 }) => there.get(path) !== sha256);
    for (const { path } of missing)
      if (!replaces && there.has(path))
        throw new UserError('Conflict', `There is another file at ${path} of ${container} here.`, 'Nothing was changed.');
    await mapParallel(missing, parallel, async ({ file, path, sha256 }) => {
      const local = await this.reader.verified(`${at}/${file}`);
      if (options.dryRun) return;
      const sent = await uploadFile(to, container, path, local, options.signal);
      if (sent !== sha256)
        throw new UserError('InvalidValue', `${local} was changed while it was read.`, 'Import again when nothing writes to it.');
      result.counts.files++;
    });
    if (options.dryRun || missing.length === 0) return;
    const now = await list();
    const lost = places.find(({ path, sha256 }) => now.get(path) !== sha256);
    if (lost) throw new UserError('RemoteError', `${lost.path} is not here, though it was sent.`, 'Import again.');
  }

  private async log(job: string, name: string, file: string): Promise<void> {
    if (this.options.dryRun) return;
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      for (let at = await this.ask(() => this.to.logSize(job, name)); at < size; ) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(piece, size - at)), 0, Math.min(piece, size - at), at);
        const start = at;
        at = (await this.ask(() => this.to.appendCopiedLog(job, name, start, buffer.subarray(0, bytesRead)))).size;
        this.result.counts.bytes += bytesRead;
      }
    } finally {
      await handle.close();
    }
  }
}

/** A file of an item: where it is in the item's folder, and where it goes in a container. */
interface Place {
  file: string;
  path: string;
  sha256: string;
}

/** The files of a part of an item, such as its `artifacts`, with where they go. `isOne`: the only one goes to `root` itself. */
function placesOf(files: Map<string, string>, part: string, names: Record<string, string>, root: string, isOne = false): Place[] {
  return [...files].flatMap(([file, sha256]) => {
    const name = Object.hasOwn(names, file) ? names[file]! : file;
    if (!file.startsWith(`${part}/`)) return [];
    if (!name.startsWith(`${part}/`) || name.split('/').some((step) => step === '..'))
      throw new UserError(
        'InvalidValue',
        `"names" in ${recordFile} says that ${file} is "${name.slice(0, 200)}", which is no file of ${part}.`,
      );
    const inside = name.slice(part.length + 1);
    return [{ file, path: isOne ? root : root === '' ? inside : `${root}/${inside}`, sha256 }];
  });
}

/** Whether the only file of an asset is at its address itself, and not in a folder of that name. */
function isOneFile(files: Map<string, string>, names: Record<string, string>, address: string | undefined): boolean {
  const own = [...files.keys()].filter((file) => file.startsWith('files/'));
  return (
    own.length === 1 && address !== undefined && (names[own[0]!] ?? own[0]!) === `files/${address.slice(address.lastIndexOf('/') + 1)}`
  );
}

/** The folder to list: of a single file the one around it. */
const parentOf = (root: string, places: readonly Place[]): string =>
  places.length === 1 && places[0]!.path === root ? root.slice(0, Math.max(0, root.lastIndexOf('/'))) : root;

/** What of an asset is the same on every plane. */
function withoutPlane(properties: unknown): Record<string, unknown> {
  const { provisioningState: _state, ...rest } = properties as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => {
      const address = typeof value === 'string' ? addressOf({ dataUri: value }) : undefined;
      return [key, address ? JSON.stringify(address) : value];
    }),
  );
}

/** Which folders there are. */
function itemsOf({ sums }: FolderReader): { jobs: Item[]; assets: Map<AssetKind, Item[]>; models: string[] } {
  const items = new Map<string, Item>();
  const models: string[] = [];
  for (const [name, sha256] of sums) {
    const parts = name.split('/');
    const depth = parts[0] === 'jobs' ? 2 : assetKinds.some((kind) => kind === parts[0]) ? 3 : 0;
    if (parts[0] === 'models' && parts.length === 3 && parts[2] === recordFile) models.push(name);
    if (depth === 0 || parts.length <= depth) continue;
    const at = parts.slice(0, depth).join('/');
    const item = items.get(at) ?? { at, files: new Map() };
    items.set(at, item);
    item.files.set(parts.slice(depth).join('/'), sha256);
  }
  const all = [...items.values()];
  const of = (kind: string) => all.filter(({ at }) => at.startsWith(`${kind}/`));
  return { jobs: of('jobs'), assets: new Map(assetKinds.map((kind) => [kind, of(kind)])), models };
}
