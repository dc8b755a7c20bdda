import type { Static, TSchema } from 'typebox';
import * as Type from 'typebox';

/** ARM's record of who made a resource and when; times are ISO-8601 in UTC with 7 decimals, as Azure writes them. */
export const SystemData = Type.Object({
  createdAt: Type.String(),
  createdBy: Type.Optional(Type.String()),
  createdByType: Type.Optional(Type.String()),
  lastModifiedAt: Type.String(),
  lastModifiedBy: Type.Optional(Type.String()),
});
export type SystemData = Static<typeof SystemData>;

/** ARM's envelope around `properties`. Unknown properties are kept and echoed. */
export function Resource<T extends TSchema>(properties: T) {
  return Type.Object({
    id: Type.String(),
    name: Type.String(),
    type: Type.String(),
    properties,
    systemData: Type.Optional(SystemData),
  });
}

/** One page of a list; `nextLink` is absent on the last page and followed verbatim. */
export interface Page<T> {
  value: T[];
  nextLink?: string;
}

/** ARM's error body (common-types v3). */
export const ArmError = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    target: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    details: Type.Optional(Type.Array(Type.Unknown())),
    additionalInfo: Type.Optional(Type.Array(Type.Object({ type: Type.String(), info: Type.Unknown() }))),
  }),
});
export type ArmError = Static<typeof ArmError>;

/** String-to-string map, as ARM's `tags` and `properties`. */
export const StringMap = Type.Record(Type.String(), Type.String());
export type StringMap = Static<typeof StringMap>;

/** Names one Azure ML workspace, or with `registry` a registry, which holds assets as a workspace does and nothing else. */
export const WorkspaceRef = Type.Object({
  subscription: Type.String(),
  resourceGroup: Type.String(),
  workspace: Type.String(),
  registry: Type.Optional(Type.String()),
});
export type WorkspaceRef = Static<typeof WorkspaceRef>;

/** The workspace every embedded plane starts with; a GUID because clients parse the subscription as one. */
export const defaultWorkspace: WorkspaceRef = {
  subscription: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'local',
  workspace: 'local',
};

/** MLflow's header for a request that names no workspace in its path. */
export const workspaceHeader = 'x-mlflow-workspace';

/** `/subscriptions/…/resourceGroups/G`, without a final slash. */
export const resourceGroupPath = ({ subscription, resourceGroup }: Pick<WorkspaceRef, 'subscription' | 'resourceGroup'>): string =>
  `/subscriptions/${encodeURIComponent(subscription)}/resourceGroups/${encodeURIComponent(resourceGroup)}`;

/** `/subscriptions/…/workspaces/W` or `…/registries/R`, without a final slash. */
export function workspacePath({ workspace, registry, ...group }: WorkspaceRef): string {
  const place = registry === undefined ? `workspaces/${encodeURIComponent(workspace)}` : `registries/${encodeURIComponent(registry)}`;
  return `${resourceGroupPath(group)}/providers/Microsoft.MachineLearningServices/${place}`;
}

/** What the ids of assets begin with. Those of a registry name no subscription. */
export const assetRoot = (ws: WorkspaceRef): string =>
  ws.registry === undefined ? workspacePath(ws) : `azureml://registries/${encodeURIComponent(ws.registry)}`;

/** Collections of a workspace that hold versions under a named container. */
export const assetKinds = ['codes', 'components', 'data', 'environments', 'models'] as const;
export type AssetKind = (typeof assetKinds)[number];

/** What one asset of a kind is called. */
export const assetNouns: Record<AssetKind, string> = {
  codes: 'code',
  components: 'component',
  data: 'data',
  environments: 'environment',
  models: 'model',
};

/** The ARM id of an asset version; in a registry `azureml://registries/R/{kind}/{name}/versions/{version}`. */
export function assetId(ws: WorkspaceRef, kind: AssetKind, name: string, version: string): string {
  return `${assetRoot(ws)}/${kind}/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
}

/**
 * The name by which a workspace knows an asset of a registry that something in it uses: `REGISTRY:NAME`. No asset of a workspace can be called so.
 */
export const nameInWorkspace = (registry: string, name: string): string => `${registry}:${name}`;

/**
 * Reads `…/{kind}/{name}/versions/{version}` off the end of an ARM id, with or without the `azureml:` prefix; undefined when it is none. Of an asset of a registry the name is the one that it has in a workspace.
 */
export function parseAssetId(id: string): { kind: AssetKind; name: string; version: string } | undefined {
  const match = /\/(codes|components|data|environments|models)\/([^/]+)\/versions\/([^/]+)$/i.exec(id);
  if (!match) return undefined;
  try {
    const [kind, name, version] = match.slice(1).map(decodeURIComponent) as [string, string, string];
    const registry = /^(?:azureml:)?azureml:\/\/registries\/([^/]+)\//i.exec(id)?.[1];
    return {
      kind: kind.toLowerCase() as AssetKind,
      name: registry === undefined ? name : nameInWorkspace(decodeURIComponent(registry), name),
      version,
    };
  } catch {
    return undefined;
  }
}
