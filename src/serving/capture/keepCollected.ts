import { isNotFound } from '../../client/feed/lookUps.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { blobContainer, datastoreUri } from '../../protocol/asset.ts';

/** Writes a file of a collection to the workspace's datastore. Its collection is a data asset, as in Azure: `ENDPOINT-DEPLOYMENT-COLLECTION`, version 1. */
export async function keepCollected(client: PlaneClient, file: string, text: string): Promise<void> {
  await client.writeBlob(blobContainer, file, text);
  const [base, endpoint, deployment, collection] = file.split('/');
  const name = `${endpoint}-${deployment}-${collection}`;
  try {
    await client.getAsset('data', name, '1');
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.putAsset('data', name, '1', {
      dataType: 'uri_folder',
      dataUri: datastoreUri(`${base}/${endpoint}/${deployment}/${collection}/`),
      description: `What the deployment ${deployment} of the endpoint ${endpoint} was asked or has answered.`,
    });
  }
}
