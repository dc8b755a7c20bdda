import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import type { AssetNames, NamedAsset } from '../../spec/checkAssets.ts';

/** Notes which assets are asked for, without knowing any. */
export class AskedNames implements AssetNames {
  readonly asked = new Map<string, { kind: NamedAsset; name: string }>();

  versions(kind: NamedAsset, name: string): undefined {
    this.asked.set(`${kind} ${name}`, { kind, name });
  }

  names(): readonly string[] {
    return [];
  }
}

/** What the plane has of what was asked for. */
export async function fetchNames(client: PlaneClient, asked: AskedNames): Promise<AssetNames> {
  const versions = new Map<string, string[] | null>();
  const names = new Map<NamedAsset, string[]>();
  for (const [key, { kind, name }] of asked.asked) {
    try {
      const found: string[] = [];
      for await (const version of allPages((next) => client.listVersions(kind, name, next))) found.push(version.name);
      versions.set(key, found.length ? found : null);
    } catch (error) {
      if (!(error instanceof UserError) || (error.code !== 'AssetNotFound' && error.code !== 'NotFound')) throw error;
      versions.set(key, null);
    }
    if (versions.get(key) === null && !names.has(kind)) {
      const all: string[] = [];
      for await (const container of allPages((next) => client.listContainers(kind, next))) all.push(container.name);
      names.set(kind, all);
    }
  }
  return { versions: (kind, name) => versions.get(`${kind} ${name}`), names: (kind) => names.get(kind) ?? [] };
}
