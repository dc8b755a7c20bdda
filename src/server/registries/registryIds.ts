import { type AssetKind, assetKinds, parseAssetId } from '../../protocol/arm.ts';
import { parseRegistryId, type RegistryAsset } from '../../protocol/registry.ts';

/** Texts that people write, or that name things outside. An id that is written there is none. */
const texts = new Set(['command', 'description', 'displayName', 'tags', 'properties', 'environmentVariables', 'environment_variables']);

/** What stands for an id of a registry. */
export type Replace = (asset: RegistryAsset, id: string) => Promise<string>;

/** A job, deployment or component with each id of a registry in it replaced; the same object where there is none. */
export async function withRegistryIds<T>(value: T, replace: Replace): Promise<T> {
  if (typeof value === 'string') {
    const asset = parseRegistryId(value);
    return asset ? ((await replace(asset, value)) as T) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  // An input that is a text may have any.
  if (isLiteral(value)) return value;
  let kept: Record<string, unknown> | unknown[] | undefined;
  for (const [key, each] of Object.entries(value)) {
    if (!Array.isArray(value) && texts.has(key)) continue;
    const replaced = await withRegistryIds(each, replace);
    if (replaced === each) continue;
    kept ??= Array.isArray(value) ? [...value] : { ...(value as Record<string, unknown>) };
    (kept as Record<string, unknown>)[key] = replaced;
  }
  return (kept ?? value) as T;
}

function isLiteral(value: object): boolean {
  const { jobInputType, job_input_type } = value as { jobInputType?: unknown; job_input_type?: unknown };
  return jobInputType === 'literal' || job_input_type === 'literal';
}

const inWorkspace = new RegExp(`^(?:azureml:)?/subscriptions/.+/workspaces/[^/]+/(?:${assetKinds.join('|')})/[^/]+/versions/[^/]+$`, 'i');

/** The asset of a workspace behind an id in the spec of a component; undefined for any other text. */
export const assetOfWorkspace = (id: string): { kind: AssetKind; name: string; version: string } | undefined =>
  inWorkspace.test(id) ? parseAssetId(id) : undefined;

/** As `withRegistryIds`, for the ids of a workspace's assets. */
export async function withWorkspaceIds<T>(
  value: T,
  replace: (asset: { kind: AssetKind; name: string; version: string }) => Promise<string>,
): Promise<T> {
  if (typeof value === 'string') {
    const asset = assetOfWorkspace(value);
    return asset ? ((await replace(asset)) as T) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const [key, each] of Object.entries(value)) entries.push([key, texts.has(key) ? each : await withWorkspaceIds(each, replace)]);
  return (Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries)) as T;
}

/** The first id of a workspace's asset in a component; undefined where there is none. */
export function workspaceIdIn(value: unknown): string | undefined {
  if (typeof value === 'string') return assetOfWorkspace(value) ? value : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const found = texts.has(key) ? undefined : workspaceIdIn(each);
    if (found !== undefined) return found;
  }
  return undefined;
}
