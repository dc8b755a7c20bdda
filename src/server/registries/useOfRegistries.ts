import { UserError } from '../../base/userError.ts';
import { type AssetKind, assetNouns, nameInWorkspace } from '../../protocol/arm.ts';
import { memberOf } from '../../protocol/principal.ts';
import { isAzuresRegistry, type RegistryAsset, registryAssetId } from '../../protocol/registry.ts';
import type { Store, StoredResource, WorkspaceStore } from '../../store/store.ts';
import type { Services } from '../services.ts';
import { copiedProperties } from './copyAsset.ts';
import { withRegistryIds } from './registryIds.ts';
import { findRegistry, noRegistry, registriesSeen, storeOfRegistry } from './registryNames.ts';

const readAssets = 'Microsoft.MachineLearningServices/registries/assets/read';
/** Where a version says which one of the registry it is: one that was deleted and created again may have other content. */
const madeAt = 'azureml.registryAssetCreatedAt';

/**
 * What a job, a deployment or a component of a workspace uses of registries. Before it is kept, who submits it must be able to read each asset that it names, and the workspace gets it under a name of its own (`REGISTRY:NAME`),
 * which is in no list: from then on whatever runs in the workspace finds it there, needs no role on the registry, and goes on when the registry is gone.
 */
export class UseOfRegistries {
  private readonly plane: Store;
  private readonly services: Services;
  private readonly brought = new Map<string, string>();
  /** The components that what is looked at is a part of. */
  private readonly above: string[] = [];

  constructor(plane: Store, services: Services) {
    this.plane = plane;
    this.services = services;
  }

  /** The same with versions in place of labels. Throws `AssetNotFound`, or `NotFound` for a registry that is not there for who asks, with the names that there are. */
  in<T>(value: T): Promise<T> {
    return withRegistryIds(value, (asset, id) => this.bring(asset, id));
  }

  /** As `in`, for what lies in a registry itself: it is looked for, and nothing is brought to a workspace. */
  found<T>(value: T): Promise<T> {
    return withRegistryIds(value, async (asset, id) => {
      if (isAzures(asset)) return id;
      const { registry, found } = await this.find(asset);
      return asPrefixed(id, registryAssetId(registry, asset.kind, asset.name, found.version));
    });
  }

  private async bring(asset: RegistryAsset, id: string): Promise<string> {
    if (isAzures(asset)) return id;
    const key = `${asset.registry} ${asset.kind} ${asset.name} ${asset.version ?? `@${asset.label}`}`.toLowerCase();
    let whole = this.brought.get(key);
    if (whole === undefined) {
      if (this.above.includes(key))
        throw new UserError('InvalidReference', `The component "${asset.name}" of the registry ${asset.registry} contains itself.`);
      this.above.push(key);
      whole = await this.copy(asset);
      this.above.pop();
      this.brought.set(key, whole);
    }
    return asPrefixed(id, whole);
  }

  private async copy(asset: RegistryAsset): Promise<string> {
    const { kind, name } = asset;
    const { store, blobs } = this.services;
    const { registry, from, found } = await this.find(asset).catch(async (error) => {
      // What the workspace has, whatever runs in it may use: also when the registry is gone, or not for who asks.
      const kept = await this.kept(asset);
      if (kept) return { registry: kept, from: undefined, found: undefined };
      throw error;
    });
    if (!found) return registryAssetId(registry, kind, name, asset.version!);
    const { version } = found;
    const here = nameInWorkspace(registry, name);
    const present = await store.resource(kind, here, version);
    const isSame = (present?.properties.properties as Record<string, unknown> | undefined)?.[madeAt] === String(found.createdAt);
    // A component brings what it is made of.
    const spec = found.properties.componentSpec === undefined ? undefined : await this.in(found.properties.componentSpec);
    if (!isSame) {
      const folder = `registries/${registry}/${kind}/${name}/${version}/${found.createdAt}`;
      const copied = await copiedProperties(
        { from, to: store, blobs },
        found.properties,
        folder,
        `the ${assetNouns[kind]} ${name}:${version}`,
      );
      // By their hash the codes of the workspace itself are found.
      const { hash_sha256: _hash, ...facts } = (copied.properties ?? {}) as Record<string, unknown>;
      const properties = {
        ...copied,
        ...(spec ? { componentSpec: spec } : {}),
        properties: { ...facts, [madeAt]: String(found.createdAt) },
      };
      await store.write(async (writer) => {
        // Whoever remembers another one that had this number is told that it is gone.
        if (present) await writer.deleteResource(kind, here, version);
        await writer.putResource({ kind, name: here, version, properties });
      });
    }
    return registryAssetId(registry, kind, name, version);
  }

  /** The registry that a version came from which the workspace has; undefined where it has none. */
  private async kept({ registry, kind, name, version }: RegistryAsset): Promise<string | undefined> {
    const own = (await findRegistry(this.plane, registry))?.name ?? registry;
    const found = version === undefined ? undefined : await this.services.store.resource(kind, nameInWorkspace(own, name), version);
    return found && own;
  }

  private async find(asset: RegistryAsset): Promise<{ registry: string; from: WorkspaceStore; found: StoredResource }> {
    const registry = await this.registryOf(asset.registry);
    const from = this.plane.in(storeOfRegistry(registry), this.services.principal);
    return { registry, from, found: await versionOf(from, registry, asset) };
  }

  /** Its own name; throws for one that is not there, or not for who asks. */
  private async registryOf(name: string): Promise<string> {
    const { team, principal } = this.services;
    if (principal.kind === 'job')
      throw new UserError('Forbidden', `The token of a job does not open the registry "${name.slice(0, 100)}".`);
    const found = await findRegistry(this.plane, name);
    const member = memberOf(principal);
    const scope = found && team?.scopeOf(storeOfRegistry(found.name));
    if (!found || (member && !(scope && team!.may(member, readAssets, scope))))
      throw noRegistry(name, await registriesSeen(this.plane, team, principal));
    return found.name;
  }
}

/** Whether Azure has it and the runner knows it by its name; throws for what Azure alone has. */
function isAzures({ registry, kind, name }: RegistryAsset): boolean {
  if (!isAzuresRegistry(registry)) return false;
  if (kind === 'environments') return true;
  throw new UserError(
    'AssetNotFound',
    `This control plane does not have Azure's public registry "${registry}", so there is no ${assetNouns[kind]} "${name}".`,
    'Create it in the workspace, or in a registry of this control plane.',
  );
}

/** In components an id stands behind `azureml:`. */
const asPrefixed = (before: string, id: string): string => (before.startsWith('azureml:azureml:') ? `azureml:${id}` : id);

async function versionOf(from: WorkspaceStore, registry: string, { kind, name, version, label }: RegistryAsset): Promise<StoredResource> {
  if (label !== undefined && label !== 'latest')
    throw new UserError(
      'InvalidReference',
      `The label "${label.slice(0, 50)}" is not known.`,
      'The only label is "latest"; or name a version.',
    );
  const found = version === undefined ? await newest(from, kind, name) : await from.resource(kind, name, version);
  if (found) return found;
  const [versions, names] = [await from.resources(kind, name, 0, 8), await from.resources(kind, undefined, 0, 8)];
  throw new UserError(
    'AssetNotFound',
    `There is no ${assetNouns[kind]} "${name}${version === undefined ? '' : `:${version}`}" in the registry ${registry}.`,
    versions.length > 0
      ? `It has the versions ${versions.map((each) => each.version).join(', ')}.`
      : names.length > 0
        ? `It has ${names.map((each) => each.name).join(', ')}.`
        : `It has no ${assetNouns[kind]}.`,
  );
}

/** The newest version that is not archived. */
const newest = async (from: WorkspaceStore, kind: AssetKind, name: string): Promise<StoredResource | undefined> =>
  (await from.resources(kind, name, 0, 100)).find(({ properties }) => properties.isArchived !== true);
