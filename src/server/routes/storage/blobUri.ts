import { artifactContainer, datastoreUri } from '../../../protocol/asset.ts';
import { safePath } from '../../paths.ts';
import { locate } from './blobSource.ts';

/**
 * A `https://localhost:PORT/{container}/{path}` that this plane gave out, or the same below `publicUrl`, as the datastore uri by which it is kept: the port may be another one tomorrow.
 * Every other uri stays as it is.
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
