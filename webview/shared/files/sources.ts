import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { parseAssetId } from '../../../src/protocol/arm.ts';
import { artifactContainer, type BlobEntry, blobContainer, blobUri, parseDatastoreUri } from '../../../src/protocol/asset.ts';
import type { FileNode } from './fileNode.ts';

const range = (bytes: number | undefined, from = 0) =>
  bytes === undefined ? (from === 0 ? undefined : { start: from }) : { start: from, end: from + bytes - 1 };
const join = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);

/** What a job logged, and its logs. */
export function artifactsNode(job: string, name: string, path = ''): FileNode {
  return {
    id: `artifacts:${job}/${path}`,
    name,
    ...(path === '' ? { icon: 'archive' } : {}),
    concerns: (change) => change.id === job && (change.kind === 'artifact' || (change.kind === 'log' && path !== '')),
    async list(client) {
      const { entries } = await client.listArtifacts(job, path);
      return entries.map((entry) => artifact(job, join(path, entry.path), entry));
    },
  };
}

function artifact(job: string, path: string, entry: BlobEntry): FileNode {
  return entry.isFolder ? artifactsNode(job, entry.path, path) : artifactFile(job, path, entry.path, entry.size);
}

/** A file that a job logged. `size` in bytes, where known. */
export function artifactFile(job: string, path: string, name: string, size?: number): FileNode {
  return {
    id: `artifacts:${job}/${path}`,
    name,
    ...(size === undefined ? {} : { size }),
    read: (client, bytes, from) => client.readArtifact(job, path, range(bytes, from)),
    openInEditor: { command: 'artifact.open', args: { name: job, path } },
    saveInEditor: { name: job, path },
  };
}

/** The blobs behind a datastore's uri: a folder, or one file. Undefined for an address that the plane does not keep. */
export function uriNode(uri: string, name: string, isFile: boolean): FileNode | undefined {
  const place = parseDatastoreUri(uri);
  if (!place) return undefined;
  // The two datastores that every workspace has.
  const container = place.datastore === 'workspaceartifactstore' ? artifactContainer : blobContainer;
  const path = place.path.replace(/\/+$/, '');
  return isFile ? blob(container, path, name) : blobFolder(container, path, name);
}

function blobFolder(container: string, path: string, name: string): FileNode {
  return {
    id: `blobs:${container}/${path}`,
    name,
    async list(client) {
      const { entries } = await client.listBlobs(container, path);
      // An output that is one file is kept under its own name.
      if (entries.length === 0) return [blob(container, path, name)];
      return entries.map((entry) =>
        entry.isFolder
          ? blobFolder(container, join(path, entry.path), entry.path)
          : { ...blob(container, join(path, entry.path), entry.path), ...(entry.size === undefined ? {} : { size: entry.size }) },
      );
    },
  };
}

function blob(container: string, path: string, name: string): FileNode {
  return {
    id: `blobs:${container}/${path}`,
    name,
    read: (client, bytes, from) => client.readBlob(container, path, range(bytes, from)),
    saveInEditor: { uri: blobUri(container, path) },
  };
}

/** The code snapshot of a job: `codeId` is the ARM id of a code version. */
export function codeFolder(job: string, codeId: string): FileNode {
  return {
    id: `code:${job}`,
    name: 'Code that ran',
    icon: 'file-code',
    async list(client) {
      const root = await codeRoot(client, codeId);
      return root ? inCode(client, job, root, '') : [];
    },
  };
}

async function codeRoot(client: PlaneClient, codeId: string): Promise<string | undefined> {
  const asset = parseAssetId(codeId);
  if (asset?.kind !== 'codes') return undefined;
  const { codeUri } = (await client.getAsset('codes', asset.name, asset.version)).properties;
  return parseDatastoreUri(codeUri)?.path.replace(/\/+$/, '');
}

async function inCode(client: PlaneClient, job: string, root: string, path: string): Promise<FileNode[]> {
  const { entries } = await client.listBlobs(blobContainer, join(root, path).replace(/\/+$/, ''));
  return entries.map((entry): FileNode => {
    const below = join(path, entry.path);
    const id = `code:${job}/${below}`;
    if (entry.isFolder) return { id, name: entry.path, list: (each) => inCode(each, job, root, below) };
    return {
      id,
      name: entry.path,
      ...(entry.size === undefined ? {} : { size: entry.size }),
      read: (each, bytes, from) => each.readBlob(blobContainer, join(root, below), range(bytes, from)),
      openInEditor: { command: 'job.openSnapshot', args: { name: job, path: below } },
    };
  });
}
