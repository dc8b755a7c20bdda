import type { Context } from 'hono';
import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { type AssetKind, assetKinds } from '../../../protocol/arm.ts';
import { blobAddress } from '../../../protocol/asset.ts';
import { check } from '../../../protocol/check.ts';
import { memberOf } from '../../../protocol/principal.ts';
import { parseRegistryId, type RegistryRef } from '../../../protocol/registry.ts';
import { originOf, secureOrigin } from '../../origin.ts';
import { registryKeptAs } from '../../registries/registryNames.ts';
import { share } from '../../registries/share.ts';
import { type PlaneServices, servicesOf } from '../../services.ts';
import { refusal } from '../../team/team.ts';
import { noWorkspace, ownWorkspaces, workspaceList } from '../../workspaceNames.ts';
import { publicAddress } from '../storage/blobSource.ts';
import { asDatastoreUri } from '../storage/blobUri.ts';
import { assetRoute } from './assets.ts';
import { pendingUpload } from './pendingUpload.ts';
import { type ArmRequest, jsonBody, methodOf, refuseMethod, withoutNulls } from './request.ts';

const hour = 3_600_000;
const w = 'Microsoft.MachineLearningServices/workspaces';
/** What reading a kind is called among Azure's actions. */
const readActions: Record<AssetKind, string> = {
  codes: `${w}/metadata/snapshots/read`,
  components: `${w}/components/read`,
  data: `${w}/datasets/versions/read`,
  environments: `${w}/environments/read`,
  models: `${w}/models/read`,
};

/** `…/registries/{r}/…`: the assets, how their files come and go, and what is copied from workspaces. */
export async function inRegistry(
  c: Context,
  asked: RegistryRef,
  collection: string,
  rest: string[],
  plane: PlaneServices,
): Promise<Response> {
  const services = servicesOf(plane, c.get('asked'));
  const registry = registryKeptAs(services.workspace) ?? asked.registry;
  const request: ArmRequest = {
    c,
    method: methodOf(c),
    ref: { subscription: asked.subscription, resourceGroup: asked.resourceGroup, workspace: services.workspace, registry },
    rest,
    services,
  };
  const lower = collection.toLowerCase();
  const { method } = request;
  if (lower === 'tempdatarefs' && method === 'PUT') return upload(request, registry);
  if (lower === 'datarefs' && method === 'POST') return download(request);
  if (lower === 'import' && method === 'POST') return importAsset(request, registry, plane);
  // All is done before the import is answered, so there is nothing to be said: Azure's client takes a body for another kind of answer.
  if (lower === 'importresults' && method === 'GET') return c.body(null, 200);
  const kind = assetKinds.find((each) => each === lower);
  if (kind) return assetRoute(request, kind, plane.store);
  throw new UserError(
    method === 'GET' ? 'NotFound' : 'InvalidRequest',
    `"${collection.slice(0, 100)}" is not served for a registry.`,
    'A registry has models, data, environments, components and code.',
  );
}

const Reference = Type.Object({ assetId: Type.String({ maxLength: 2000 }) });

/** `PUT …/tempdatarefs/{n}/versions/{v}`: where the files of a version that is about to be made are put. 409 where there is the version already. */
async function upload(request: ArmRequest, registry: string): Promise<Response> {
  const { assetId } = check(Reference, withoutNulls(await jsonBody(request.c)), 'The request');
  const asset = parseRegistryId(assetId);
  if (!asset || asset.version === undefined || asset.registry.toLowerCase() !== registry.toLowerCase())
    throw new UserError('InvalidRequest', `"${assetId.slice(0, 300)}" names no version of an asset of the registry ${registry}.`);
  if (await request.services.store.resource(asset.kind, asset.name, asset.version))
    throw new UserError('Conflict', `${asset.name}:${asset.version} already exists in the registry ${registry}.`);
  return pendingUpload(request);
}

/** `POST …/datarefs/{n}/versions/{v}`: how the files of a version are read. The URL is that of the container: the client adds the path. */
async function download({ c, ref, services }: ArmRequest): Promise<Response> {
  const { assetId, blobUri } = check(
    Type.Object({ ...Reference.properties, blobUri: Type.Optional(Type.String({ maxLength: 4000 })) }),
    withoutNulls(await jsonBody(c)),
    'The request',
  );
  const asset = parseRegistryId(assetId);
  const found = asset?.version === undefined ? undefined : await services.store.resource(asset.kind, asset.name, asset.version);
  if (!found) throw new UserError('AssetNotFound', `There is no asset "${assetId.slice(0, 300)}" in the registry ${ref.registry}.`);
  const { modelUri, dataUri, codeUri } = found.properties as Record<string, string | undefined>;
  const address = blobAddress(asDatastoreUri(blobUri ?? modelUri ?? dataUri ?? codeUri ?? '', services.publicUrl));
  if (!address) throw new UserError('InvalidRequest', `The control plane does not keep the files of ${found.name}:${found.version}.`);
  const container = publicAddress(address).split('/')[0]!;
  const blob = `${await secureOrigin(c, services)}/${container}`;
  const sas = services.sas.sign({
    container,
    permissions: 'rl',
    expiresAt: Date.now() + hour,
    principal: services.principal,
    workspace: services.workspace,
  });
  return c.json({
    blobReferenceForConsumption: {
      blobUri: blob,
      storageAccountArmId: `/subscriptions/${ref.subscription}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.Storage/storageAccounts/local`,
      credential: { credentialType: 'SAS', sasUri: `${blob}?${sas}` },
    },
  });
}

const Import = Type.Object({
  properties: Type.Object({
    referenceType: Type.Optional(Type.String()),
    sourceAssetId: Type.String({ maxLength: 2000 }),
    destinationName: Type.Optional(Type.String()),
    destinationVersion: Type.Optional(Type.String()),
  }),
});

/** `POST …/import`: copies an asset of a workspace into the registry. */
async function importAsset(request: ArmRequest, registry: string, plane: PlaneServices): Promise<Response> {
  const { c, services } = request;
  if (request.rest.length > 0) refuseMethod(request);
  const { properties } = check(Import, withoutNulls(await jsonBody(c)), 'The request');
  const { sourceAssetId } = properties;
  const [, workspaceId, collection, name, version] =
    /^azureml:\/\/locations\/[^/]+\/workspaces\/([^/]+)\/(\w+)\/([^/]+)\/versions\/([^/]+)$/i.exec(sourceAssetId) ?? [];
  const kind = assetKinds.find((each) => each === collection?.toLowerCase());
  if (!kind || !workspaceId || !name || !version)
    throw new UserError(
      'InvalidRequest',
      `"${sourceAssetId.slice(0, 300)}" names no asset of a workspace.`,
      'Give azureml://locations/LOCATION/workspaces/WORKSPACE-ID/models/NAME/versions/VERSION.',
    );
  const workspace = await workspaceOfId(workspaceId, request, plane);
  const member = memberOf(services.principal);
  const scope = plane.team?.scopeOf(workspace);
  await share(
    {
      from: plane.store.in(workspace, services.principal),
      registry,
      to: services.store,
      blobs: services.blobs,
      mustRead: (each) => {
        if (member && !(scope && plane.team!.may(member, readActions[each], scope))) throw refusal(member, readActions[each], scope!);
      },
    },
    { kind, name: decodeURIComponent(name), version: decodeURIComponent(version) },
    { name: properties.destinationName ?? name, version: properties.destinationVersion ?? version },
  );
  const path = new URL(c.req.url).pathname.replace(/\/import\/?$/i, '/importResults/done');
  return c.body(null, 202, { location: `${originOf(c)}${path}`, 'retry-after': '1' });
}

/** The workspace with an id; throws `NotFound` where there is none for who asks. */
async function workspaceOfId(id: string, { services }: ArmRequest, { store, team }: PlaneServices): Promise<string> {
  const list = store.in(workspaceList, services.principal);
  const member = memberOf(services.principal);
  for (const name of await ownWorkspaces(store)) {
    const found = await list.resource('workspaces', name, '');
    const { workspaceId } = (found?.properties.properties ?? {}) as { workspaceId?: string };
    if (workspaceId !== undefined && workspaceId.toLowerCase() === id.toLowerCase() && (!member || team!.sees(member, name))) return name;
  }
  throw noWorkspace(id);
}
