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

/** Names one Azure ML workspace. */
export const WorkspaceRef = Type.Object({ subscription: Type.String(), resourceGroup: Type.String(), workspace: Type.String() });
export type WorkspaceRef = Static<typeof WorkspaceRef>;

/** The workspace every embedded plane starts with; a GUID because clients parse the subscription as one. */
export const defaultWorkspace: WorkspaceRef = {
  subscription: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'local',
  workspace: 'local',
};

/** MLflow's header for a request that names no workspace in its path. */
export const workspaceHeader = 'x-mlflow-workspace';

/** `/subscriptions/…/workspaces/W`, without a final slash. */
export function workspacePath(ws: WorkspaceRef): string {
  const part = encodeURIComponent;
  return `/subscriptions/${part(ws.subscription)}/resourceGroups/${part(ws.resourceGroup)}/providers/Microsoft.MachineLearningServices/workspaces/${part(ws.workspace)}`;
}

/** Collections of a workspace that hold versions under a named container. */
export const assetKinds = ['codes', 'components', 'data', 'environments', 'models'] as const;
export type AssetKind = (typeof assetKinds)[number];

/** The ARM id of an asset version. */
export function assetId(ws: WorkspaceRef, kind: AssetKind, name: string, version: string): string {
  return `${workspacePath(ws)}/${kind}/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
}

/** Reads `…/{kind}/{name}/versions/{version}` off the end of an ARM id, with or without the `azureml:` prefix; undefined when it is none. */
export function parseAssetId(id: string): { kind: AssetKind; name: string; version: string } | undefined {
  const match = /\/(codes|components|data|environments|models)\/([^/]+)\/versions\/([^/]+)$/i.exec(id);
  if (!match) return undefined;
  try {
    return { kind: match[1]!.toLowerCase() as AssetKind, name: decodeURIComponent(match[2]!), version: decodeURIComponent(match[3]!) };
  } catch {
    return undefined;
  }
}
