import { UserError } from '../base/userError.ts';
import { parseAssetId } from '../protocol/arm.ts';
import { artifactsOutput, artifactsUri, parseOutputReference } from '../protocol/jobPlaces.ts';
import type { PlaneClient } from './planeClient.ts';

/** The datastore (or file) uri behind an input: asset ids, short names and outputs of jobs are looked up. */
export async function resolveUri(client: PlaneClient, uri: string, signal?: AbortSignal): Promise<string> {
  const asset = parseAssetId(uri);
  if (asset?.kind === 'data') return (await client.getAsset('data', asset.name, asset.version, signal)).properties.dataUri;
  if (asset?.kind === 'models')
    return resolveUri(client, (await client.getAsset('models', asset.name, asset.version, signal)).properties.modelUri, signal);
  const named = parseOutputReference(uri);
  if (named) {
    const { job, output, path: below } = named;
    if (output === artifactsOutput) return artifactsUri(job, below);
    const found = (await client.getJob(job, signal)).properties.outputs?.[output]?.uri;
    if (!found) throw new UserError('InputUnavailable', `The job ${job} has no output "${output}".`);
    return below ? `${found.replace(/\/$/, '')}/${below}` : found;
  }
  return uri;
}
