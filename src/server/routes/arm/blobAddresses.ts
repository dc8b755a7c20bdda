import type { Context } from 'hono';
import { blobAddress } from '../../../protocol/asset.ts';
import type { StoredResource } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import { publicAddress } from '../storage/blobSource.ts';

/** What Azure calls the account of its storage: the SDK looks for this host in an address. */
const account = 'local.blob.core.windows.net';

/**
 * For Azure's clients, which know the content of code and of a build's context by an https address only, as Azure gives it; in a registry that of models and data, too. The datastore uri behind it is what is stored, and what every
 * other client gets. An address that comes back in a request is known again.
 */
export function withBlobAddresses(c: Context, stored: StoredResource, isInRegistry: boolean): StoredResource {
  if (!c.get('asked').isAzureClient) return stored;
  const { codeUri, build, modelUri, dataUri, ...rest } = stored.properties as Record<'codeUri' | 'modelUri' | 'dataUri', unknown> & {
    build?: { contextUri?: unknown };
  };
  // The client cuts these at the container.
  const plain = (uri: unknown): unknown => {
    const place = isInRegistry && typeof uri === 'string' ? blobAddress(uri) : undefined;
    return place ? `${originOf(c)}/${publicAddress(place).split('/').map(encodeURIComponent).join('/')}` : uri;
  };
  const address = (uri: unknown): unknown => {
    const place = typeof uri === 'string' ? blobAddress(uri) : undefined;
    return place ? `${originOf(c)}/${account}/${publicAddress(place).split('/').map(encodeURIComponent).join('/')}` : uri;
  };
  return {
    ...stored,
    properties: {
      ...rest,
      ...(modelUri === undefined ? {} : { modelUri: plain(modelUri) }),
      ...(dataUri === undefined ? {} : { dataUri: plain(dataUri) }),
      ...(codeUri === undefined ? {} : { codeUri: address(codeUri) }),
      ...(build === undefined ? {} : { build: { ...build, contextUri: address(build.contextUri) } }),
    },
  };
}
