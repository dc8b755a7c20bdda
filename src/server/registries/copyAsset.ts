import { mapParallel } from '../../base/parallel.ts';
import { UserError } from '../../base/userError.ts';
import { blobAddress, blobContainer, datastoreUri } from '../../protocol/asset.ts';
import type { Blobs } from '../../store/blobs.ts';
import type { StoredBlob, StoreReader, WorkspaceStore } from '../../store/store.ts';

/** Names of files that are copied at a time, and contents that are held at a time. */
const atOnce = 1000;
const heldAtOnce = 16;

export interface Places {
  from: StoreReader;
  to: WorkspaceStore;
  blobs: Blobs;
}

/**
 * The properties of an asset as they are in another workspace or registry. Its files come along by their names: contents are kept once for the whole plane, so no byte is copied. What lies on the web stays there. `folder`
 * is where the files go, `what` the asset in messages. Throws `InvalidRequest` for files that the plane does not keep.
 */
export async function copiedProperties(
  places: Places,
  properties: Record<string, unknown>,
  folder: string,
  what: string,
): Promise<Record<string, unknown>> {
  const { codeUri, dataUri, modelUri, build } = properties as Record<string, any>;
  const copy = async (uri: string): Promise<string> => {
    const address = blobAddress(uri);
    if (!address) {
      if (!uri.startsWith('azureml:')) return uri;
      throw new UserError(
        'InvalidRequest',
        `The files of ${what} are at ${uri.slice(0, 300)}, which the control plane does not keep, so they can't be shared.`,
        'Create it anew from its files.',
      );
    }
    const target = `${folder}/${address.path.split('/').pop()}`;
    await copyFiles(places, address, target);
    return datastoreUri(target);
  };
  return {
    ...properties,
    ...(codeUri === undefined ? {} : { codeUri: await copy(codeUri) }),
    ...(dataUri === undefined ? {} : { dataUri: await copy(dataUri) }),
    ...(modelUri === undefined ? {} : { modelUri: await copy(modelUri) }),
    ...(build?.contextUri === undefined ? {} : { build: { ...build, contextUri: await copy(build.contextUri) } }),
  };
}

/** Gives a file, or all files of a folder, a further name in another workspace or registry. */
async function copyFiles({ from, to, blobs }: Places, at: { container: string; path: string }, target: string): Promise<void> {
  const write = async (found: StoredBlob[], nameOf: (path: string) => string) => {
    // Content whose last name went a moment ago is not swept away meanwhile.
    await mapParallel(found, heldAtOnce, async ({ sha256, path }) => {
      if ((await blobs.hold(sha256)) === undefined) throw new UserError('NotFound', `The content of "${path}" is not there any more.`);
    });
    await to.write(async (writer) => {
      for (const { path, sha256, size, metadata } of found) await writer.putBlob(blobContainer, nameOf(path), sha256, size, metadata);
    });
  };
  const file = await from.blob(at.container, at.path);
  if (file) await write([file], () => target);
  const prefix = `${at.path}/`;
  for (let after = ''; ; ) {
    const page = await from.blobsFrom(at.container, prefix, after, atOnce);
    if (page.length > 0) await write(page, (path) => `${target}/${path.slice(prefix.length)}`);
    if (page.length < atOnce) return;
    after = page.at(-1)!.path;
  }
}
