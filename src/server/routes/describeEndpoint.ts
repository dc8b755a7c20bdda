import { onlineDeploymentOf } from '../../protocol/onlineDeployment.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { StoredResource } from '../../store/store.ts';
import type { PlaneServices } from '../services.ts';
import { endpointFailure } from './scoreEndpoint.ts';

/** Answers `swagger.json` of an endpoint: what one of its deployments is asked and answers. Without a name it is the one with most traffic. */
export async function describeEndpoint(
  { store, serving }: Pick<PlaneServices, 'store' | 'serving'>,
  { workspace, name, properties: stored }: StoredResource,
  url: string,
  version: 2 | 3,
  { deployment: named, signal }: { deployment: string | undefined; signal: AbortSignal },
): Promise<Response> {
  const served = serving();
  if (!served) return endpointFailure(501, 'NotImplemented', 'This control plane runs nothing itself, so that it serves no deployments.');
  const traffic = Object.entries((stored.properties as { traffic?: Record<string, number> }).traffic ?? {}).filter(
    ([, share]) => share > 0,
  );
  const chosen = named ?? traffic.sort(([, a], [, b]) => b - a)[0]?.[0];
  if (chosen === undefined) return endpointFailure(404, 'NotFound', `The endpoint ${name} has no deployment that gets traffic.`);
  const deployment = await store.in(workspace, thePlane).resource('onlineDeployments', name, chosen);
  if (!deployment) return endpointFailure(404, 'NotFound', `The endpoint ${name} has no deployment "${chosen.slice(0, 100)}".`);
  const document = await served.swaggerOf(onlineDeploymentOf(deployment), url, version, signal);
  if (!document)
    return endpointFailure(
      404,
      'NotFound',
      `Nobody has said what the deployment ${chosen} is asked and answers: its model is no language model, and no MLflow model that was logged with a signature.`,
    );
  return Response.json(document, { headers: { 'azureml-model-deployment': chosen } });
}
