import { UserError } from '../base/userError.ts';
import { assetId } from '../protocol/arm.ts';
import { allPages, type PlaneClient, type WorkspaceResource } from './planeClient.ts';

/** Where a model is, or will be, deployed. */
export interface DeploymentPlace {
  endpoint: string;
  deployment: string;
}

/** Characters of the name of an endpoint or a deployment, at least and at most. */
const shortest = 3;
const longest = 32;

/** Names for the endpoint of a model and the deployment of a version: Azure's rule for both is letters, digits and `-`. */
export const placeOf = (model: string, version: string): DeploymentPlace => ({
  endpoint: nameFrom(model, 'model'),
  deployment: nameFrom(`version-${version}`, 'version'),
});

/**
 * Deploys a version of a model that needs no scoring script, to an endpoint that is called like the model and made if need be. All traffic goes to the first deployment of an endpoint; later ones get none
 * until somebody says so. What becomes of it is told by the feed.
 */
export async function deployModel(client: PlaneClient, model: string, version: string): Promise<DeploymentPlace> {
  const place = placeOf(model, version);
  const path = ['onlineEndpoints', place.endpoint];
  const id = assetId(client.workspace, 'models', model, version);
  const before = await findDeployment(client, place);
  const endpoint = before.endpoint ?? (await client.putResource(path, { location: 'local', properties: { authMode: 'Key', traffic: {} } }));
  if (before.deployment && before.deployment.properties.model !== id)
    throw new UserError(
      'Conflict',
      `The endpoint ${place.endpoint} has a deployment ${place.deployment} already, of something else.`,
      'Deploy it with a YAML file under another name: "updraft online-deployment create".',
    );
  await client.putResource([...path, 'deployments', place.deployment], {
    location: 'local',
    properties: {
      endpointComputeType: 'Managed',
      model: id,
      requestSettings: { requestTimeout: 'PT3M', maxConcurrentRequestsPerInstance: 4 },
    },
    sku: { name: 'Default', capacity: 1 },
  });
  const { traffic = {} } = endpoint.properties as { traffic?: Record<string, number> };
  if (!Object.values(traffic).some((share) => share > 0))
    await client.patchResource(path, { properties: { traffic: { [place.deployment]: 100 } } });
  return place;
}

/** The endpoint and the deployment of such names; undefined where there is none. Lists are read, since that nothing is there is no error. */
export async function findDeployment(
  client: PlaneClient,
  { endpoint: name, deployment }: DeploymentPlace,
): Promise<{ endpoint?: WorkspaceResource; deployment?: WorkspaceResource }> {
  const named = async (path: string[], wanted: string) => {
    for await (const each of allPages((next) => client.listResources(path, next))) if (each.name === wanted) return each;
    return undefined;
  };
  const endpoint = await named(['onlineEndpoints'], name);
  const found = endpoint && (await named(['onlineEndpoints', name, 'deployments'], deployment));
  return { ...(endpoint ? { endpoint } : {}), ...(found ? { deployment: found } : {}) };
}

function nameFrom(text: string, before: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  const named = /^[A-Za-z]/.test(plain) && plain.length >= shortest ? plain : `${before}-${plain}`;
  return named.slice(0, longest).replace(/-+$/, '');
}
