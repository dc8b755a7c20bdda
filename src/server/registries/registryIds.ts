import { type AssetKind, assetKinds, parseAssetId } from '../../protocol/arm.ts';
import { parseRegistryId, type RegistryAsset } from '../../protocol/registry.ts';

/** Texts that people write, or that name things outside. An id that is written there is none. */
const texts = new Set(['command', 'description', 'displayName', 'tags', 'properties', 'environmentVariables', 'environment_variables']);
/** What is below these by names that people choose, which may be any. */
const named = new Set(['jobs', 'inputs', 'outputs']);

/** A definition with each text in it that `replacementOf` has another one for; the same object where there is none. `areNames`: its keys are names that people choose. */
function rewritten<T>(value: T, replacementOf: (text: string) => string | undefined, areNames = false): T {
  if (typeof value === 'string') return (replacementOf(value) as T | undefined) ?? value;
  // An input that is a text may have any.
  if (typeof value !== 'object' || value === null || isLiteral(value)) return value;
  const isList = Array.isArray(value);
  let kept: Record<string, unknown> | unknown[] | undefined;
  for (const [key, each] of Object.entries(value)) {
    const isFree = isList || areNames;
    if (!isFree && texts.has(key)) continue;
    const other = rewritten(each, replacementOf, !isFree && named.has(key));
    if (other === each) continue;
    kept ??= isList ? [...value] : { ...(value as Record<string, unknown>) };
    (kept as Record<string, unknown>)[key] = other;
  }
  return (kept ?? value) as T;
}

function isLiteral(value: object): boolean {
  const { jobInputType, job_input_type } = value as { jobInputType?: unknown; job_input_type?: unknown };
  return jobInputType === 'literal' || job_input_type === 'literal';
}

/** As `rewritten`, with replacements that take time: one after the other, each once. */
async function replaced<T, A>(
  value: T,
  parse: (text: string) => A | undefined,
  replace: (asset: A, text: string) => Promise<string>,
): Promise<T> {
  const found = new Map<string, A>();
  rewritten(value, (text) => {
    const asset = parse(text);
    if (asset !== undefined) found.set(text, asset);
    return undefined;
  });
  if (found.size === 0) return value;
  const others = new Map<string, string>();
  for (const [text, asset] of found) others.set(text, await replace(asset, text));
  return rewritten(value, (text) => others.get(text));
}

/** A job, deployment or component with each id of a registry in it replaced; the same object where there is none. */
export const withRegistryIds = <T>(value: T, replace: (asset: RegistryAsset, id: string) => Promise<string>): Promise<T> =>
  replaced(value, parseRegistryId, replace);

export interface WorkspaceAsset {
  kind: AssetKind;
  name: string;
  version: string;
}

const inWorkspace = new RegExp(`^(?:azureml:)?/subscriptions/.+/workspaces/[^/]+/(?:${assetKinds.join('|')})/[^/]+/versions/[^/]+$`, 'i');
const assetOfWorkspace = (id: string): WorkspaceAsset | undefined => (inWorkspace.test(id) ? parseAssetId(id) : undefined);

/** As `withRegistryIds`, for the ids of a workspace's assets. */
export const withWorkspaceIds = <T>(value: T, replace: (asset: WorkspaceAsset) => Promise<string>): Promise<T> =>
  replaced(value, assetOfWorkspace, replace);

/** The first id of a workspace's asset in a component; undefined where there is none. */
export function workspaceIdIn(value: unknown): string | undefined {
  let found: string | undefined;
  rewritten(value, (text) => {
    if (assetOfWorkspace(text)) found ??= text;
    return undefined;
  });
  return found;
}
