import { UserError } from '../base/userError.ts';
import { parseAssetId } from '../protocol/arm.ts';
import type { PlaneClient } from './planeClient.ts';

/** The datastore (or file) uri behind an input: asset ids, short names and outputs of jobs are looked up. */
export async function resolveUri(client: PlaneClient, uri: string): Promise<string> {
  const asset = parseAssetId(uri);
  if (asset?.kind === 'data') return (await client.getAsset('data', asset.name, asset.version)).properties.dataUri;
  if (asset?.kind === 'models') return resolveUri(client, (await client.getAsset('models', asset.name, asset.version)).properties.modelUri);
  const output = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+)(?:\/paths\/(.*))?$/.exec(uri);
  if (output) {
    const found = (await client.getJob(output[1]!)).properties.outputs?.[output[2]!]?.uri;
    if (!found) throw new UserError('InputUnavailable', `The job ${output[1]} has no output "${output[2]}".`);
    return output[3] ? `${found.replace(/\/$/, '')}/${output[3]}` : found;
  }
  return uri;
}
