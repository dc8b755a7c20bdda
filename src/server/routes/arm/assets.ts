import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import type { AssetKind, WorkspaceRef } from '../../../protocol/arm.ts';
import type { StoredResource, StoreReader, StoreWriter } from '../../../store/store.ts';
import { safeName } from '../../paths.ts';
import type { Services } from '../../services.ts';
import { jsonBody, page } from './request.ts';
import { toResource } from './resource.ts';

/** The field that a kind can't do without. */
const required: Record<AssetKind, string | undefined> = {
  codes: 'codeUri',
  components: 'componentSpec',
  data: 'dataUri',
  environments: undefined,
  models: 'modelUri',
};

/** `…/{kind}[/{name}[/versions[/{version}]]]` for codes, components, data, environments and models. */
export async function assetRoute(
  c: Context,
  ref: WorkspaceRef,
  kind: AssetKind,
  [name, versions, version]: string[],
  services: Services,
): Promise<Response> {
  const { store, user } = services;
  const method = c.req.method;
  const ws = ref.workspace;
  const show = (stored: StoredResource) => toResource(ref, stored, user);

  if (name === undefined) {
    if (method !== 'GET') throw new UserError('InvalidRequest', `${method} is not supported on ${kind}.`);
    const all = c.req.query('listViewType') === 'All';
    return page(c, services.url(), (offset, limit) =>
      store
        .resources(ws, kind, undefined, offset, limit)
        .filter((each) => all || !isHidden(each, c.req.query('listViewType')))
        .map((each) => show(container(store, each))),
    );
  }
  safeName(name, 'asset');
  if (versions === undefined) {
    if (method === 'GET') return c.json(show(container(store, mustFind(store.resource(ws, kind, name, '')))));
    if (method === 'PUT') {
      const properties = propertiesOf(await jsonBody(c));
      const stored = await store.write((writer) => writer.putResource({ workspace: ws, kind, name, version: '', properties }));
      return c.json(show(container(store, stored)), 201);
    }
    if (method === 'DELETE') {
      await store.write((writer) => {
        for (const each of writer.resources(ws, kind, name, 0, 100_000)) writer.deleteResource(ws, kind, name, each.version);
        writer.deleteResource(ws, kind, name, '');
      });
      return c.body(null, 200);
    }
  } else if (versions.toLowerCase() === 'versions') {
    if (version === undefined && method === 'GET') {
      const hash = c.req.query('hash');
      if (kind === 'codes' && hash !== undefined) {
        const code = store.codeByHash(ws, hash);
        return c.json({ value: code ? [show(code)] : [] });
      }
      return page(c, services.url(), (offset, limit) => store.resources(ws, kind, name, offset, limit).map(show));
    }
    if (version !== undefined) {
      safeName(version, 'version');
      if (method === 'GET') return c.json(show(mustFind(store.resource(ws, kind, name, version))));
      if (method === 'PUT') {
        const properties = propertiesOf(await jsonBody(c));
        const field = required[kind];
        if (field !== undefined && properties[field] === undefined)
          throw new UserError('InvalidRequest', `properties.${field} is missing.`);
        const { stored, created } = await store.write((writer) => putVersion(writer, ws, kind, name, version, properties));
        return c.json(show(stored), created ? 201 : 200);
      }
      if (method === 'DELETE') {
        await store.write((writer) => {
          writer.deleteResource(ws, kind, name, version);
          if (!writer.latestVersion(ws, kind, name)) writer.deleteResource(ws, kind, name, '');
        });
        return c.body(null, 200);
      }
    }
  }
  throw new UserError('InvalidRequest', `${method} is not supported on ${kind}/${name}.`);

  function mustFind(stored: StoredResource | undefined): StoredResource {
    if (stored) return stored;
    const label = version ? `${name}:${version}` : name;
    const known = version ? store.resources(ws, kind, name, 0, 5).map((each) => each.version) : [];
    const hint = known.length ? `It has the versions ${known.join(', ')}.` : undefined;
    throw new UserError('AssetNotFound', `There is no ${kind.replace(/s$/, '')} "${label}" in the workspace ${ws}.`, hint);
  }
}

/** What of a version may change after its creation; the rest is what jobs rely on. */
const mutable = ['description', 'tags', 'properties', 'isArchived', 'stage', 'aliases', 'provisioningState', 'mlflow'];

/** Creates a version, or changes what is mutable of it; throws `Conflict` for other content. The container comes along. */
export function putVersion(
  writer: StoreWriter,
  ws: string,
  kind: AssetKind,
  name: string,
  version: string,
  properties: Record<string, unknown>,
): { stored: StoredResource; created: boolean } {
  const found = writer.resource(ws, kind, name, version);
  if (found && fixedPart(found.properties) !== fixedPart(properties)) {
    throw new UserError(
      'Conflict',
      `${name}:${version} exists already, with other content.`,
      'Versions never change: choose another version.',
    );
  }
  const stored = writer.putResource({
    workspace: ws,
    kind,
    name,
    version,
    properties: { ...found?.properties, ...properties, provisioningState: 'Succeeded' },
  });
  if (!writer.resource(ws, kind, name, '')) writer.putResource({ workspace: ws, kind, name, version: '', properties: {} });
  return { stored, created: !found };
}

function fixedPart(properties: Record<string, unknown>): string {
  const kept = Object.entries(properties).filter(([key, value]) => !mutable.includes(key) && value !== null && value !== undefined);
  return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function propertiesOf(body: Record<string, unknown>): Record<string, unknown> {
  const { properties } = body;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties))
    throw new UserError('InvalidRequest', 'The body needs "properties", an object.');
  return properties as Record<string, unknown>;
}

/** Auto-increment: one more than the greatest whole number among the versions. */
export function nextVersion(reader: StoreReader, ws: string, kind: AssetKind, name: string): string {
  const numbers = reader.resources(ws, kind, name, 0, 100_000).map((each) => (/^\d+$/.test(each.version) ? Number(each.version) : 0));
  return String(Math.max(0, ...numbers) + 1);
}

function container(reader: StoreReader, stored: StoredResource): StoredResource {
  const latest = reader.latestVersion(stored.workspace, stored.kind, stored.name);
  return {
    ...stored,
    modifiedAt: latest?.modifiedAt ?? stored.modifiedAt,
    properties: {
      isArchived: false,
      tags: {},
      ...stored.properties,
      description: stored.properties.description ?? latest?.properties.description ?? null,
      latestVersion: latest?.version ?? null,
      nextVersion: nextVersion(reader, stored.workspace, stored.kind as AssetKind, stored.name),
    },
  };
}

function isHidden(stored: StoredResource, view: string | undefined): boolean {
  return (stored.properties.isArchived === true) !== (view === 'ArchivedOnly');
}
