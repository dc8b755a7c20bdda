import type { PlaneClient } from '../client/planeClient.ts';
import { resolveUri } from '../client/resolveUri.ts';
import { modelText, signatureInputs, signatureOutputs } from '../client/sampleRequest.ts';
import { parseAssetId } from '../protocol/arm.ts';
import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';
import { apiOfChat, apiOfSignature, type EndpointApi } from './endpointApi.ts';
import { modelOf } from './modelOf.ts';
import { serverKindOf } from './serverKinds.ts';

/** What a deployment is asked and answers: of a language model, and of an MLflow model that was logged with a signature. Undefined for others: nobody has said it. */
export async function apiOf(client: PlaneClient, deployment: OnlineDeployment, signal: AbortSignal): Promise<EndpointApi | undefined> {
  const asset = deployment.model === undefined ? undefined : parseAssetId(deployment.model);
  if (asset?.kind !== 'models') return undefined;
  const model = await modelOf(client, deployment.model!, signal);
  const { engine, environment } = serverKindOf(deployment, model);
  if (engine === 'gguf') return apiOfChat(deployment.name);
  if (environment !== 'model') return undefined;
  const uri = await resolveUri(client, model.properties.modelUri, signal);
  const mlmodel = (await modelText(client, uri, 'MLmodel', signal)) ?? '';
  const inputs = signatureInputs(mlmodel);
  return inputs && apiOfSignature(deployment.name, inputs, signatureOutputs(mlmodel));
}
