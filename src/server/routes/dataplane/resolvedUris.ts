import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { parseAssetId } from '../../../protocol/arm.ts';
import { check } from '../../../protocol/check.ts';
import { jobOutputUri } from '../arm/jobOutputUri.ts';
import { type ArmRequest, jsonBody, refuseMethod } from '../arm/request.ts';

const Body = Type.Object({ values: Type.Array(Type.String(), { maxItems: 10_000 }) });

/** `POST …/dataversion/batchGetResolvedUris` and `…/models/batchGetResolvedUris`: ids of outputs and of registered versions to datastore uris. */
export async function resolvedUris(request: ArmRequest): Promise<Response> {
  const { c, method, rest, services } = request;
  const [kind, action] = rest.map((each) => each.toLowerCase());
  if (method !== 'POST' || action !== 'batchgetresolveduris' || (kind !== 'dataversion' && kind !== 'models')) refuseMethod(request);
  const { values } = check(Body, await jsonBody(c), 'The request');
  const resolve = async (id: string): Promise<{ uri: string; type: string }> => {
    const output = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+)$/.exec(id);
    if (output)
      return {
        uri: await jobOutputUri(services.store, id),
        type: (await services.store.job(output[1]!))!.properties.outputs![output[2]!]!.jobOutputType,
      };
    const asset = parseAssetId(id);
    const found = asset && (await services.store.resource(asset.kind, asset.name, asset.version))?.properties;
    if (!found) throw new UserError('NotFound', `There is nothing behind the id "${id.slice(0, 300)}".`);
    return { uri: String(found.dataUri ?? found.modelUri), type: String(found.dataType ?? found.modelType ?? 'uri_folder') };
  };
  const entries = await Promise.all(values.map(async (id) => [id, await resolve(id)] as const));
  return c.json({
    values: Object.fromEntries(entries.map(([id, { uri, type }]) => [id, kind === 'models' ? { path: uri } : { uri, type }])),
  });
}
