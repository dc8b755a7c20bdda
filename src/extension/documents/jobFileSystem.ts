import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  FilePermission,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  Uri,
} from 'vscode';
import { messageOf, UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import { blobContainer, parseDatastoreUri } from '../../protocol/asset.ts';
import { isCommand, jobProperty } from '../../protocol/job.ts';
import type { JobLogs } from '../state/jobLogs.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { parseJobUri } from './jobUri.ts';

/** Largest file of a snapshot or artifact that is opened in an editor, in bytes. */
const openLimit = 50_000_000;

/** The files of jobs as a read-only file system, so that the editor opens, searches, follows and restores them like any other. */
export class JobFileSystem implements FileSystemProvider {
  private readonly changes = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.changes.event;
  private readonly logs: JobLogs;
  private readonly watched = new Map<string, Set<string>>();
  private readonly sizes = new Map<string, Promise<Uint8Array>>();
  private readonly plane: PlaneConnection;

  constructor(plane: PlaneConnection, logs: JobLogs) {
    this.plane = plane;
    this.logs = logs;
  }

  /** Tells the editor about logs that grew. The answer ends that. */
  follow(): Disposable {
    const moves = this.plane.onDidMove(() => this.sizes.clear());
    const subscription = this.logs.onDidGrow((job) => {
      const uris = [...(this.watched.get(job) ?? [])].map((text) => Uri.parse(text));
      this.changes.fire(uris.map((uri) => ({ type: FileChangeType.Changed, uri })));
    });
    return new Disposable(() => {
      subscription.dispose();
      moves.dispose();
      this.changes.dispose();
    });
  }

  watch(uri: Uri): Disposable {
    const place = parseJobUri(uri);
    if (place?.area !== 'log') return new Disposable(() => {});
    const uris = this.watched.get(place.job) ?? new Set();
    this.watched.set(place.job, uris.add(uri.toString()));
    this.logs.watch(place.job);
    return new Disposable(() => {
      uris.delete(uri.toString());
      if (uris.size > 0) return;
      this.watched.delete(place.job);
      this.logs.unwatch(place.job);
    });
  }

  async stat(uri: Uri): Promise<FileStat> {
    const place = this.placeOf(uri);
    const permissions = FilePermission.Readonly;
    if (place.area === 'log') {
      const log = await wrapped(this.logs.read(place.job));
      return { type: FileType.File, ctime: 0, mtime: log.changedAt, size: Buffer.byteLength(log.text), permissions };
    }
    const entries = await this.entries(place.job, place.area, uri);
    if (place.path === '' || entries.some((each) => each.path.startsWith(`${place.path}/`)))
      return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0, permissions };
    const entry = entries.find((each) => each.path === place.path);
    if (!entry) throw FileSystemError.FileNotFound(uri);
    return { type: FileType.File, ctime: 0, mtime: 0, size: entry.size, permissions };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const place = this.placeOf(uri);
    if (place.area === 'log') return Buffer.from((await wrapped(this.logs.read(place.job))).text);
    const entry = (await this.entries(place.job, place.area, uri)).find((each) => each.path === place.path);
    if (!entry) throw FileSystemError.FileNotFound(uri);
    if (entry.size > openLimit) throw FileSystemError.Unavailable('This file is above 50 MB: download it instead.');
    const client = await this.plane.client();
    const response =
      place.area === 'artifacts' ? await client.readArtifact(place.job, place.path) : await client.readBlob(blobContainer, entry.blob);
    return new Uint8Array(await response.arrayBuffer());
  }

  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const place = this.placeOf(uri);
    const prefix = place.path ? `${place.path}/` : '';
    const found = new Map<string, FileType>();
    for (const { path } of await this.entries(place.job, place.area, uri)) {
      if (!path.startsWith(prefix)) continue;
      const [name, ...rest] = path.slice(prefix.length).split('/');
      found.set(name!, rest.length ? FileType.Directory : FileType.File);
    }
    return [...found];
  }

  /** Every file of an area, paths relative to it. */
  async files(job: string, area: 'code' | 'artifacts'): Promise<{ path: string; size: number }[]> {
    return this.entries(job, area, Uri.from({ scheme: 'updraft', path: `/${job}/${area}` }));
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions('The files of a job are read-only.');
  }
  writeFile(): never {
    throw FileSystemError.NoPermissions('The files of a job are read-only.');
  }
  delete(): never {
    throw FileSystemError.NoPermissions('The files of a job are read-only.');
  }
  rename(): never {
    throw FileSystemError.NoPermissions('The files of a job are read-only.');
  }

  private placeOf(uri: Uri) {
    const place = parseJobUri(uri);
    if (!place) throw FileSystemError.FileNotFound(uri);
    return place;
  }

  private async entries(job: string, area: string, uri: Uri): Promise<{ path: string; size: number; blob: string }[]> {
    const client = await wrapped(this.plane.client());
    if (area === 'artifacts') return artifacts(client, job, '');
    const resource = await wrapped(client.getJob(job));
    if (area === 'submitted') {
      const place = parseDatastoreUri(resource.properties.properties?.[jobProperty.submittedYaml] ?? '');
      if (!place) throw FileSystemError.FileNotFound(uri);
      const key = `${job}/${place.path}`;
      const content =
        this.sizes.get(key) ??
        client.readBlob(blobContainer, place.path).then(async (answer) => new Uint8Array(await answer.arrayBuffer()));
      this.sizes.set(key, content);
      return [{ path: place.path.split('/').pop()!, size: (await wrapped(content)).length, blob: place.path }];
    }
    const id = isCommand(resource) ? parseAssetId(resource.properties.codeId ?? '') : undefined;
    if (!id) throw FileSystemError.FileNotFound(uri);
    const { codeUri } = (await wrapped(client.getAsset('codes', id.name, id.version))).properties;
    const folder = parseDatastoreUri(codeUri)?.path.replace(/\/+$/, '');
    if (folder === undefined) throw FileSystemError.FileNotFound(uri);
    const { entries } = await wrapped(client.listBlobs(blobContainer, folder, { recursive: true }));
    return entries.map((entry) => ({ path: entry.path, size: entry.size ?? 0, blob: `${folder}/${entry.path}` }));
  }
}

async function artifacts(client: PlaneClient, job: string, folder: string): Promise<{ path: string; size: number; blob: string }[]> {
  const { entries } = await wrapped(client.listArtifacts(job, folder));
  const found = await Promise.all(
    entries.map((entry) =>
      entry.isFolder ? artifacts(client, job, entry.path) : [{ path: entry.path, size: entry.size ?? 0, blob: entry.path }],
    ),
  );
  return found.flat();
}

/** What the editor shows when a file can't be had. */
async function wrapped<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof FileSystemError) throw error;
    if (error instanceof UserError && error.code === 'NotFound') throw FileSystemError.FileNotFound(error.message);
    throw FileSystemError.Unavailable(messageOf(error));
  }
}
