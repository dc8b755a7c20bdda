import { UserError } from '../../../base/userError.ts';
import { artifactContainer, blobContainer, parseDatastoreUri } from '../../../protocol/asset.ts';
import { artifactFolder } from '../../../protocol/jobPlaces.ts';
import type { StoreReader } from '../../../store/store.ts';

/** Where a blob is. */
export interface BlobAddress {
  container: string;
  path: string;
}

/** What MLflow keeps that is no run's: below this folder of the artifact container. */
const otherFolder = 'MlflowArtifacts';

/** The artifact uri of an experiment: this plane, unless a client chose another place. */
export const artifactRoot = (experimentId: string, location: string | null): string => location ?? `mlflow-artifacts:/${experimentId}`;

/** A uri below an artifact root. */
export const below = (root: string, ...parts: string[]): string => [root.replace(/\/+$/, ''), ...parts].join('/');

/**
 * The blob or folder of a path of MLflow's artifact proxy. `{experiment}/{run}/artifacts/…` is the run's own folder, where the job's other artifacts are;
 * `datastores/{datastore}/paths/…` a place of Azure's.
 */
export function artifactBlob(path: string): BlobAddress {
  const datastore = /^datastores\/([^/]+)\/paths(?:\/(.*))?$/s.exec(path);
  if (datastore) return { container: containerOf(datastore[1]!), path: datastore[2] ?? '' };
  const run = /^\d+\/([^/]+)\/artifacts(?:\/(.*))?$/s.exec(path);
  if (run) return { container: artifactContainer, path: join(artifactFolder(run[1]!), run[2] ?? '') };
  return { container: artifactContainer, path: join(otherFolder, path) };
}

/** The logged model that a path of the artifact container belongs to. */
export const modelOwner = (path: string): string | undefined => /^MlflowArtifacts\/\d+\/models\/([^/]+)\/artifacts\//.exec(path)?.[1];

/** The blob of an artifact uri that this plane serves; undefined for a place elsewhere. */
export function servedAddress(uri: string): BlobAddress | undefined {
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/s.exec(uri);
  if (proxied) return artifactBlob(proxied[1]!.replace(/\/+$/, ''));
  const datastore = parseDatastoreUri(uri);
  return datastore && { container: containerOf(datastore.datastore), path: datastore.path.replace(/\/+$/, '') };
}

/** The uri in Azure's form of what MLflow names: our own places become datastore uris, all else stays. */
export function azureUri(uri: string): string {
  const found = uri.startsWith('mlflow-artifacts:') ? servedAddress(uri) : undefined;
  if (!found) return uri;
  return `azureml://datastores/${found.container === blobContainer ? 'workspaceblobstore' : 'workspaceartifactstore'}/paths/${found.path}`;
}

/** The uri in MLflow's form of what Azure names, for clients that know `mlflow-artifacts:` but not `azureml:`. */
export function mlflowUri(uri: string): string {
  const found = parseDatastoreUri(uri);
  return found ? `mlflow-artifacts:/datastores/${found.datastore}/paths/${found.path}` : uri;
}

/** The files and folders of one level. */
export async function listFolder(
  reader: StoreReader,
  { container, path }: BlobAddress,
): Promise<{ path: string; is_dir: boolean; file_size?: number }[]> {
  return (await reader.blobs(container, path, false)).map((each) => ({
    path: each.path,
    is_dir: each.isFolder,
    ...(each.isFolder ? {} : { file_size: each.size ?? 0 }),
  }));
}

function containerOf(datastore: string): string {
  if (datastore === 'workspaceblobstore') return blobContainer;
  if (datastore === 'workspaceartifactstore') return artifactContainer;
  throw new UserError('NotFound', `This control plane has no datastore "${datastore.slice(0, 100)}".`);
}

const join = (folder: string, path: string): string => (path === '' ? folder : `${folder}/${path}`);
