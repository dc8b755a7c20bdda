import { artifactContainer, datastoreUri } from '../../../protocol/asset.ts';
import { safePath } from '../../paths.ts';
import { locate } from './blobSource.ts';

/**
 * An `https://localhost:PORT/{container}/{path}` that this plane gave out, as the datastore uri by which it is kept: the port may be another one tomorrow.
 * Every other uri stays as it is.
 */
export function asDatastoreUri(uri: string): string {
  const match = /^https?:\/\/(?:[^/@]*@)?(?:localhost|127\.0\.0\.1)(?::\d+)?\/(?:[^/]+\.blob\.[^/]+\/)?([^/?#]+)(?:\/([^?#]*))?/i.exec(uri);
  const located = match && locate(match[1]!);
  if (!located) return uri;
  const path = `${located.root}${safePath(decodeURIComponent(match[2] ?? ''))}`;
  return datastoreUri(path, located.container === artifactContainer ? 'workspaceartifactstore' : 'workspaceblobstore');
}
