import type { TSchema } from 'typebox';
import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { type AssetKind, assetNouns, parseAssetId } from '../../../protocol/arm.ts';
import { blobAddress } from '../../../protocol/asset.ts';
import { check } from '../../../protocol/check.ts';
import type { Store, StoredResource, StoreReader, StoreWriter } from '../../../store/store.ts';
import { forgetComments } from '../../comments/comments.ts';
import { safeName } from '../../paths.ts';
import { workspaceIdIn } from '../../registries/registryIds.ts';
import { UseOfRegistries } from '../../registries/useOfRegistries.ts';
import type { Services } from '../../services.ts';
import { checkModelName } from '../mlflow/names.ts';
import { asDatastoreUri } from '../storage/blobUri.ts';
import { withBlobAddresses } from './blobAddresses.ts';
import { jobOutputUri } from './jobOutputUri.ts';
import { pendingUpload } from './pendingUpload.ts';
import { type ArmRequest, canonical, jsonBody, page, refuseMethod, viewOf, withoutNulls } from './request.ts';
import { placeOf, toResource } from './resource.ts';

const shared = {
  description: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  // Azure's own clients put numbers among them (`hash_version`).
  properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  isArchived: Type.Optional(Type.Boolean()),
  isAnonymous: Type.Optional(Type.Boolean()),
};

/** What a new version must look like; unknown properties are kept. */
const versions: Record<AssetKind, TSchema> = {
  codes: Type.Object({ ...shared, codeUri: Type.String({ minLength: 1 }) }),
  components: Type.Object({ ...shared, componentSpec: Type.Record(Type.String(), Type.Unknown()) }),
  data: Type.Object({
    ...shared,
    dataUri: Type.String({ minLength: 1 }),
    dataType: Type.Optional(Type.Enum(['uri_file', 'uri_folder', 'mltable'])),
  }),
  environments: Type.Object({
    ...shared,
    image: Type.Optional(Type.String()),
    condaFile: Type.Optional(Type.String()),
    build: Type.Optional(Type.Object({ contextUri: Type.Optional(Type.String()), dockerfilePath: Type.Optional(Type.String()) })),
    osType: Type.Optional(Type.String()),
  }),
  models: Type.Object({
    ...shared,
    modelUri: Type.String({ minLength: 1 }),
    modelType: Type.Optional(Type.String()),
    flavors: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
};

/** Body of `POST …/components/batchGet`. */
const Ids = Type.Object({ ids: Type.Array(Type.String(), { maxItems: 1000 }) });

/** `…/{kind}[/{name}[/versions[/{version}[/startPendingUpload]]]]` for codes, components, data, environments and models, of a workspace or a registry. */
export async function assetRoute(request: ArmRequest, kind: AssetKind, plane: Store): Promise<Response> {
  const { c, method, ref, services } = request;
  const [name, collection, version, action] = request.rest;
  const { store } = services;
  const show = (stored: StoredResource) => toResource(ref, withBlobAddresses(c, stored, ref.registry !== undefined));
  if (request.rest.length > 4) refuseMethod(request);

  if (name === undefined) {
    if (method !== 'GET') refuseMethod(request);
    const isShown = viewOf(c);
    const search = (c.req.query('search') ?? '').toLowerCase();
    return page(
      c,
      (offset, limit) => store.resources(kind, undefined, offset, limit),
      async (each) => show(await container(store, each)),
      async (each) =>
        each.name.toLowerCase().includes(search) && isShown(each.properties.isArchived === true) && !(await isAnonymous(store, each)),
    );
  }
  if (kind === 'components' && name === 'batchGet' && method === 'POST' && collection === undefined) {
    const { ids } = check(Ids, await jsonBody(c), 'The request');
    return c.json({
      value: await Promise.all(
        ids.map(async (id) => {
          const asset = parseAssetId(id);
          const found = asset?.kind === kind ? await store.resource(kind, asset.name, asset.version) : undefined;
          if (!found) throw new UserError('AssetNotFound', `There is no component "${id.slice(0, 300)}" in the ${placeOf(ref)}.`);
          return show(found);
        }),
      ),
    });
  }
  // MLflow's clients may register a model under a name that Azure's can't give.
  if (kind === 'models' && (await store.resource(kind, name, ''))) checkModelName(name);
  // What the workspace uses of a registry is read by the name that it has here.
  else if (method === 'GET' && name.includes(':')) for (const each of name.split(':')) safeName(each, 'asset');
  else safeName(name, 'asset');
  if (collection === undefined) return containerRoute();
  if (collection.toLowerCase() !== 'versions') refuseMethod(request);
  if (version === undefined) {
    if (method !== 'GET') refuseMethod(request);
    const hash = c.req.query('hash');
    if (kind === 'codes' && hash !== undefined) {
      const code = await store.codeByHash(hash);
      return c.json({ value: code ? [show(code)] : [] });
    }
    // "@latest" of a name that there is not is a 404 to the SDK.
    // In a registry Azure's client takes an empty list for that.
    if (kind === 'models' && ref.registry === undefined) await mustFind(await store.resource(kind, name, ''));
    const isShown = viewOf(c);
    return page(
      c,
      (offset, limit) => store.resources(kind, name, offset, limit),
      show,
      (each) => isShown(each.properties.isArchived === true),
    );
  }
  safeName(version, 'version');
  // The SDK's word for the version that a component is used with when none is named.
  const wanted =
    version === 'azureml_default' && method === 'GET' ? ((await store.latestVersion(kind, name))?.version ?? version) : version;
  if (action !== undefined) {
    if (method === 'POST' && action.toLowerCase() === 'startpendingupload') return pendingUpload(request);
    return refuseMethod(request);
  }
  if (method === 'GET') return c.json(show(await mustFind(await store.resource(kind, name, wanted))));
  if (method === 'PUT') {
    const given = await withUsed(request, propertiesOf(await jsonBody(c)), plane);
    if (ref.registry !== undefined) mustBeSelfContained(given, ref.registry, services.publicUrl);
    const properties = await normalised(
      kind,
      version,
      check(versions[kind], given, `The ${assetNouns[kind]}`) as Record<string, unknown>,
      services,
    );
    const { stored, created } = await store.write((writer) => putVersion(writer, kind, name, version, properties));
    return c.json(show(stored), created ? 201 : 200);
  }
  if (method === 'DELETE') {
    const isThere = (await store.resource(kind, name, version)) !== undefined;
    await store.write(async (writer) => {
      await writer.deleteResource(kind, name, version);
      const isLast = !(await writer.latestVersion(kind, name));
      if (isLast) await writer.deleteResource(kind, name, '');
      if (kind === 'models') await forgetComments(writer, { kind, name, ...(isLast ? {} : { version }) });
    });
    return c.body(null, isThere ? 200 : 204);
  }
  return refuseMethod(request);

  async function containerRoute(): Promise<Response> {
    if (method === 'GET') return c.json(show(await container(store, await mustFind(await store.resource(kind, name!, '')))));
    if (method === 'PUT') {
      const {
        latestVersion: _latest,
        nextVersion: _next,
        provisioningState: _state,
        ...properties
      } = check(Type.Object(shared), propertiesOf(await jsonBody(c)), `The ${assetNouns[kind]}`) as Record<string, unknown>;
      const { stored, created } = await store.write(async (writer) => ({
        created: !(await writer.resource(kind, name!, '')),
        stored: await writer.putResource({ kind, name: name!, version: '', properties }),
      }));
      return c.json(show(await container(store, stored)), created ? 201 : 200);
    }
    if (method === 'DELETE') {
      const isThere = (await store.resource(kind, name!, '')) !== undefined;
      await store.write(async (writer) => {
        for (let page = await writer.resources(kind, name!, 0, 1000); page.length; page = await writer.resources(kind, name!, 0, 1000))
          for (const each of page) await writer.deleteResource(kind, name!, each.version);
        await writer.deleteResource(kind, name!, '');
        if (kind === 'models') await forgetComments(writer, { kind, name: name! });
      });
      return c.body(null, isThere ? 200 : 204);
    }
    return refuseMethod(request);
  }

  async function mustFind(stored: StoredResource | undefined): Promise<StoredResource> {
    if (stored) return stored;
    const label = version ? `${name}:${version}` : name;
    const known = version ? (await store.resources(kind, name!, 0, 5)).map((each) => each.version) : [];
    const hint = known.length ? `It has the versions ${known.join(', ')}.` : undefined;
    throw new UserError('AssetNotFound', `There is no ${assetNouns[kind]} "${label}" in the ${placeOf(ref)}.`, hint);
  }
}

/** The spec of a component with what it names in registries: brought to the workspace, or of a registry's own, only looked for. */
async function withUsed(
  { ref, rest, services }: ArmRequest,
  given: Record<string, unknown>,
  plane: Store,
): Promise<Record<string, unknown>> {
  const { componentSpec } = given;
  if (typeof componentSpec !== 'object' || componentSpec === null) return given;
  const use = new UseOfRegistries(plane, services);
  try {
    return { ...given, componentSpec: await (ref.registry === undefined ? use.in(componentSpec) : use.found(componentSpec)) };
  } catch (error) {
    // One that is there may be archived after what it names is gone.
    if (await services.store.resource('components', rest[0]!, rest[2]!)) return given;
    throw error;
  }
}

/** What is in a registry is used where its author's workspace and datastores are not there. */
function mustBeSelfContained(given: Record<string, unknown>, registry: string, publicUrl: string | undefined): void {
  const { codeUri, dataUri, modelUri } = given as Record<string, unknown>;
  for (const uri of [codeUri, dataUri, modelUri])
    if (typeof uri === 'string' && uri.startsWith('azureml:') && !blobAddress(asDatastoreUri(uri, publicUrl)))
      throw new UserError(
        'InvalidRequest',
        `The path ${uri.slice(0, 300)} is not in the registry ${registry}.`,
        'Upload the files, or share an asset of a workspace.',
      );
  const foreign = workspaceIdIn(given.componentSpec);
  if (foreign !== undefined)
    throw new UserError(
      'InvalidReference',
      `The component names ${foreign.slice(0, 300)}, which is in a workspace. Workspaces that use the registry ${registry} do not have it.`,
      'Name assets of registries, or share the component from its workspace, which brings what it names.',
    );
}

/** The same whichever way a client says it: addresses of this plane become datastore uris, and outputs of jobs the place where they are. */
async function normalised(
  kind: AssetKind,
  version: string,
  properties: Record<string, unknown>,
  { store, publicUrl }: Pick<Services, 'store' | 'publicUrl'>,
): Promise<Record<string, unknown>> {
  const { codeUri, dataUri, modelUri, build } = properties as Record<string, any>;
  return {
    ...properties,
    ...(codeUri === undefined ? {} : { codeUri: asDatastoreUri(codeUri, publicUrl) }),
    ...(dataUri === undefined ? {} : { dataUri: await jobOutputUri(store, asDatastoreUri(dataUri, publicUrl)) }),
    ...(modelUri === undefined ? {} : { modelUri: await jobOutputUri(store, asDatastoreUri(modelUri, publicUrl)) }),
    ...(build?.contextUri === undefined ? {} : { build: { ...build, contextUri: asDatastoreUri(build.contextUri, publicUrl) } }),
    ...(kind === 'components' ? { componentSpec: { ...(properties.componentSpec as object), version } } : {}),
    ...(kind === 'models' ? { flavors: properties.flavors ?? {} } : {}),
    properties: properties.properties ?? {},
    tags: properties.tags ?? {},
  };
}

/** What of a version may change after its creation; the rest is what jobs rely on. */
const mutable = [
  'description',
  'tags',
  'properties',
  'isArchived',
  'stage',
  'aliases',
  'provisioningState',
  'autoDeleteSetting',
  'flavors',
  'jobName',
  'referencedUris',
  'mlflow',
];

/** Creates a version, or changes what is mutable of it; throws `Conflict` for other content. The container comes along. */
export async function putVersion(
  writer: StoreWriter,
  kind: AssetKind,
  name: string,
  version: string,
  properties: Record<string, unknown>,
): Promise<{ stored: StoredResource; created: boolean }> {
  const found = await writer.resource(kind, name, version);
  if (found && fixedPart(found.properties) !== fixedPart(properties)) {
    throw new UserError(
      'Conflict',
      `${name}:${version} already exists, with other content. Asset paths cannot be updated.`,
      'Versions never change: choose another version.',
    );
  }
  const stored = await writer.putResource({
    kind,
    name,
    version,
    properties: { ...found?.properties, ...properties, provisioningState: 'Succeeded' },
  });
  if (!(await writer.resource(kind, name, ''))) await writer.putResource({ kind, name, version: '', properties: {} });
  return { stored, created: !found };
}

function fixedPart(properties: Record<string, unknown>): string {
  const { componentSpec, ...rest } = withoutNulls(properties);
  const { name: _name, version: _version, ...spec } = (componentSpec ?? {}) as Record<string, unknown>;
  // What an anonymous component is called has no part in the hash that is its version.
  const fixed = componentSpec ? { ...rest, componentSpec: properties.isAnonymous === true ? spec : componentSpec } : rest;
  // `false` is what Azure's clients send for what was not set.
  return canonical(Object.fromEntries(Object.entries(fixed).filter(([key, value]) => !mutable.includes(key) && value !== false)));
}

function propertiesOf(body: Record<string, unknown>): Record<string, unknown> {
  const { properties } = body;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties))
    throw new UserError('InvalidRequest', 'The body needs "properties", an object.');
  return withoutNulls(properties as Record<string, unknown>);
}

/** Components and environments that were written in place, all under one name of the SDK's, are in no list. */
const isAnonymous = async (reader: StoreReader, { kind, name }: StoredResource): Promise<boolean> =>
  (kind === 'components' || kind === 'environments') && (await reader.latestVersion(kind, name))?.properties.isAnonymous === true;

async function container(reader: StoreReader, stored: StoredResource): Promise<StoredResource> {
  const latest = await reader.latestVersion(stored.kind, stored.name);
  return {
    ...stored,
    modifiedAt: latest?.modifiedAt ?? stored.modifiedAt,
    properties: {
      isArchived: false,
      tags: {},
      properties: {},
      ...stored.properties,
      description: stored.properties.description ?? latest?.properties.description ?? null,
      latestVersion: latest?.version ?? null,
      nextVersion: String((await reader.greatestVersion(stored.kind, stored.name)) + 1),
    },
  };
}
