import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { resolveUri } from '../client/resolveUri.ts';
import { finetuningFile } from '../protocol/adapterFacts.ts';
import { parseAssetId } from '../protocol/arm.ts';
import { blobAddress, type ModelVersion } from '../protocol/asset.ts';
import { isOfAzuresRegistry } from '../protocol/registry.ts';
import type { RegisteredModel } from './serverKinds.ts';

export interface FoundModel extends RegisteredModel {
  name: string;
  version: string;
}

/** The registered model that a deployment names. Throws `AssetNotFound` where it is not one of this workspace. */
export async function modelOf(client: PlaneClient, id: string, signal: AbortSignal): Promise<FoundModel> {
  const asset = parseAssetId(id);
  if (asset?.kind !== 'models' || isOfAzuresRegistry(id))
    throw new UserError('AssetNotFound', `The model "${id}" is not known here.`, 'Register it in this workspace first.');
  const { properties } = await client.getAsset('models', asset.name, asset.version, signal);
  // Of a registry's model, its own name.
  const name = asset.name.split(':').pop()!;
  return { name, version: asset.version, properties, isAdapter: await isAdapter(client, properties, signal) };
}

/** Whether the folder of a model says that it is an adapter. */
async function isAdapter(client: PlaneClient, { modelType, modelUri }: ModelVersion['properties'], signal: AbortSignal): Promise<boolean> {
  if (modelType !== undefined && modelType !== 'custom_model') return false;
  const uri = await resolveUri(client, modelUri, signal);
  if (uri.startsWith('file:')) return existsSync(path.join(fileURLToPath(uri), finetuningFile));
  const folder = blobAddress(uri);
  return (
    folder !== undefined &&
    (await client.listBlobs(folder.container, folder.path, { signal })).entries.some(({ path: name }) => name === finetuningFile)
  );
}
