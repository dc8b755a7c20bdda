import { stat } from 'node:fs/promises';
import { mapParallel } from '../base/parallel.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { sha256OfFile } from '../files/hash.ts';
import { assetId } from '../protocol/arm.ts';
import { type BlobEntry, blobContainer, type ComponentVersion, type EnvironmentVersion, parseDatastoreUri } from '../protocol/asset.ts';
import { takeCode, takeData } from './snapshot.ts';
import type { SnapshotFile } from './snapshotFiles.ts';
import { dataUri, type UploadOptions, uploadCode, uploadData } from './upload.ts';

/** Files that are hashed at the same time. */
const parallel = 4;

interface PropertiesOf {
  environments: EnvironmentVersion['properties'];
  components: ComponentVersion['properties'];
}

/** Where a submission puts what a job needs. Each method answers the id or uri under which it is found from then on. */
export interface Destination {
  /** A code folder with what is included beside it; or only that. */
  code(folder: string | undefined, includes: string[]): Promise<string>;
  /** A file or folder of data. */
  data(local: string): Promise<string>;
  asset<K extends keyof PropertiesOf>(kind: K, name: string, version: string, properties: PropertiesOf[K]): Promise<string>;
}

/** Sends to the plane what it does not have. */
export const sendTo = (client: PlaneClient, options: UploadOptions): Destination => ({
  code: (folder, includes) => uploadCode(client, folder, includes, options),
  data: (local) => uploadData(client, local, options),
  asset: async (kind, name, version, properties) => (await client.putAsset(kind, name, version, properties as never)).id,
});

/** Something that a submission would upload. */
export interface PlannedUpload {
  local: string;
  files: SnapshotFile[];
}

/** Sends nothing, answers the same ids and uris, and keeps what would be sent. */
export class PlannedDestination implements Destination {
  /** What the plane does not have yet, by the id or uri that it would get. */
  readonly uploads = new Map<string, PlannedUpload>();
  /** What the plane has already, by its content. */
  readonly present: PlannedUpload[] = [];
  readonly assets: Record<string, Record<string, unknown>> = {};
  /** The files of data that the plane does not have, by uri, with their hashes. */
  readonly files: Record<string, BlobEntry[]> = {};
  /** Code that comes from another plane, by the id that it would get. */
  readonly promotedCode = new Map<string, { path: string; size: number }[]>();
  private readonly client: PlaneClient;

  constructor(client: PlaneClient) {
    this.client = client;
  }

  async code(folder: string | undefined, includes: string[]): Promise<string> {
    const { hash, files, remove } = await takeCode(folder, includes);
    await remove();
    const found = (await this.client.findCode(hash)).value[0];
    const id = found?.id ?? assetId(this.client.workspace, 'codes', hash, '1');
    const upload = { local: folder ?? includes.join(', '), files };
    if (found) this.present.push(upload);
    else this.uploads.set(id, upload);
    return id;
  }

  async data(local: string): Promise<string> {
    const isFile = (await stat(local)).isFile();
    const { hash, files } = await takeData(local);
    const uri = dataUri(local, hash);
    const place = parseDatastoreUri(uri)!.path;
    // Of a file the folder around it is asked: it lies there alone.
    const { entries } = await this.client.listBlobs(blobContainer, isFile ? place.slice(0, place.lastIndexOf('/')) : place, {
      recursive: true,
    });
    if (entries.length > 0) {
      this.present.push({ local, files });
      return uri;
    }
    this.uploads.set(uri, { local, files });
    this.files[uri] = await mapParallel(files, parallel, async (each) => ({
      path: isFile ? '' : each.path,
      isFolder: false,
      size: each.size,
      sha256: await sha256OfFile(each.file),
    }));
    return uri;
  }

  async asset<K extends keyof PropertiesOf>(kind: K, name: string, version: string, properties: PropertiesOf[K]): Promise<string> {
    const id = assetId(this.client.workspace, kind, name, version);
    this.assets[id] = properties;
    return id;
  }
}
