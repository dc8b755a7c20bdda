import { type AssetKind, parseAssetId } from './arm.ts';
import { isAzuresRegistry, parseRegistryId } from './registry.ts';
import type { PageAddress } from './webview.ts';

/** The page that shows versions of an asset; code has none, since jobs show theirs. */
export const pageOfAsset = {
  models: 'model',
  data: 'data',
  environments: 'environment',
  components: 'component',
} as const satisfies Partial<Record<AssetKind, PageAddress['page']>>;
export type AssetPageKind = Exclude<keyof typeof pageOfAsset, 'models'>;

interface ShownAsset {
  kind: AssetKind;
  name: string;
  version?: string;
  registry?: string;
}

/** The address of a version's page; undefined for code, and for what a workspace keeps of a registry. */
export const assetPage = ({ kind, name, version, registry }: ShownAsset): PageAddress | undefined =>
  kind === 'codes' || name.includes(':')
    ? undefined
    : { page: pageOfAsset[kind], name, ...(registry === undefined ? {} : { registry }), ...(version ? { version } : {}) };

/** The page of the version that an id names, in a workspace or in a registry of the plane; undefined for code, for a label, and for what Azure alone has. */
export function pageOfAssetId(id: string): PageAddress | undefined {
  const shared = parseRegistryId(id);
  if (shared) {
    const { version, registry } = shared;
    return version === undefined || isAzuresRegistry(registry) ? undefined : assetPage({ ...shared, version });
  }
  const asset = parseAssetId(id);
  return asset && assetPage(asset);
}

/** The kind of asset that a page shows; undefined for the pages of jobs and models. */
export const assetOfPage = (page: PageAddress['page']): AssetPageKind | undefined =>
  (Object.keys(pageOfAsset) as (keyof typeof pageOfAsset)[]).find(
    (kind): kind is AssetPageKind => kind !== 'models' && pageOfAsset[kind] === page,
  );
