import { artifactContainer, datastoreUri } from '../../../protocol/asset.ts';
import { safePath } from '../../paths.ts';
import { locate } from './blobSource.ts';

/**
 * Turns a blob address that this plane gave out (`https://localhost:PORT/{container}/{path}`, or the same below `publicUrl`) into the datastore uri that is stored, since the plane's port
 * changes. Every other uri stays as it is.
 */
export function asDatastoreUri(uri: string, publicUrl: string | undefined): string {
  const match = /^https?:\/\/(?:[^/@]*@)?([^/@]+)\/(?:[^/]+\.blob\.[^/]+\/)?([^/?#]+)(?:\/([^?#]*))?/i.exec(uri);
  const host = match?.[1]?.toLowerCase();
  const isOurs =
    host !== undefined &&
    (/^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host) || (publicUrl !== undefined && host === new URL(publicUrl).host));
  const located = match && isOurs && locate(match[2]!);
  if (!located) return uri;
  const path = `${located.root}${safePath(decodeURIComponent(match[3] ?? ''))}`;
  return datastoreUri(path, located.container === artifactContainer ? 'workspaceartifactstore' : 'workspaceblobstore');
}
