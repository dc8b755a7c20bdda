import type { Static } from 'typebox';
import * as Type from 'typebox';
import { type AssetKind, assetId, assetKinds, defaultWorkspace, StringMap, SystemData, workspacePath } from './arm.ts';

/** Names one registry: assets that many workspaces use. */
export interface RegistryRef {
  subscription: string;
  resourceGroup: string;
  registry: string;
}

/** A registry in ARM's envelope. */
export const Registry = Type.Object({
  id: Type.String(),
  name: Type.String(),
  location: Type.Optional(Type.String()),
  tags: Type.Optional(StringMap),
  properties: Type.Record(Type.String(), Type.Unknown()),
  systemData: Type.Optional(SystemData),
});
export type Registry = Static<typeof Registry>;

/** `/subscriptions/…/registries/R`, without a final slash. */
export const registryPath = (ref: RegistryRef): string => workspacePath({ ...ref, workspace: '' });

/** A version of an asset of a registry; `version` is undefined where a label is given instead. */
export interface RegistryAsset {
  registry: string;
  kind: AssetKind;
  name: string;
  version: string | undefined;
  label: string | undefined;
}

const idPattern = new RegExp(
  `^(?:azureml:)?azureml://registries/([^/]+)/(${assetKinds.join('|')})/([^/]+)/(versions|labels)/([^/]+)$`,
  'i',
);

/** Reads `azureml://registries/R/{kind}/{name}/versions/{version}`, or `…/labels/{label}`; undefined for any other text. */
export function parseRegistryId(id: string): RegistryAsset | undefined {
  const match = idPattern.exec(id);
  if (!match) return undefined;
  try {
    const [registry, kind, name, form, last] = match.slice(1).map(decodeURIComponent) as [string, string, string, string, string];
    const isVersion = form.toLowerCase() === 'versions';
    return {
      registry,
      kind: kind.toLowerCase() as AssetKind,
      name,
      version: isVersion ? last : undefined,
      label: isVersion ? undefined : last,
    };
  } catch {
    return undefined;
  }
}

/** The id of a version of an asset of a registry. */
export const registryAssetId = (registry: string, kind: AssetKind, name: string, version: string): string =>
  assetId({ ...defaultWorkspace, registry }, kind, name, version);

/**
 * Whether a name is one of Azure's own registries, such as `azureml` and `azureml-meta`. No control plane has them; the environments of `azureml` are known by their names
 * (`spec/curatedEnvironments.ts`).
 */
export const isAzuresRegistry = (registry: string): boolean => /^azureml(?:-|$)/i.test(registry);

/** Whether an id names an environment of Azure's registry `azureml`. */
export const isOfAzuresRegistry = (id: string): boolean =>
  isAzuresRegistry(/^(?:azureml:)?azureml:\/\/registries\/([^/]+)/i.exec(id)?.[1] ?? '');
