import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Resource, StringMap } from './arm.ts';

const AssetBase = {
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  tags: Type.Optional(StringMap),
  properties: Type.Optional(StringMap),
  isArchived: Type.Optional(Type.Boolean()),
  isAnonymous: Type.Optional(Type.Boolean()),
  provisioningState: Type.Optional(Type.String()),
};

/** The named holder of versions. `latestVersion`/`nextVersion` drive auto-increment. */
export const AssetContainer = Resource(
  Type.Object({
    description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    tags: Type.Optional(StringMap),
    properties: Type.Optional(StringMap),
    isArchived: Type.Optional(Type.Boolean()),
    latestVersion: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    nextVersion: Type.Optional(Type.String()),
  }),
);
export type AssetContainer = Static<typeof AssetContainer>;

/** A snapshot of a code folder. `properties.hash_sha256` is its content address; `codeUri` a blob folder. */
export const CodeVersion = Resource(Type.Object({ ...AssetBase, codeUri: Type.String() }));
export type CodeVersion = Static<typeof CodeVersion>;

/** `componentSpec` is the component's YAML as JSON (snake_case); its `code` and `environment` carry `azureml:` + ARM id. */
export const ComponentVersion = Resource(Type.Object({ ...AssetBase, componentSpec: Type.Record(Type.String(), Type.Unknown()) }));
export type ComponentVersion = Static<typeof ComponentVersion>;

export const DataVersion = Resource(
  Type.Object({ ...AssetBase, dataType: Type.Enum(['uri_file', 'uri_folder', 'mltable']), dataUri: Type.String() }),
);
export type DataVersion = Static<typeof DataVersion>;

/** `condaFile` is the file's text. */
export const EnvironmentVersion = Resource(
  Type.Object({
    ...AssetBase,
    image: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    condaFile: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    build: Type.Optional(Type.Unknown()),
    osType: Type.Optional(Type.String()),
  }),
);
export type EnvironmentVersion = Static<typeof EnvironmentVersion>;

/** `jobName` is the run that made it (lineage). `aliases` are MLflow's stage aliases of this version. */
export const ModelVersion = Resource(
  Type.Object({
    ...AssetBase,
    modelType: Type.Optional(Type.Enum(['custom_model', 'mlflow_model', 'triton_model'])),
    modelUri: Type.String(),
    jobName: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    flavors: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    stage: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    aliases: Type.Optional(Type.Array(Type.String())),
  }),
);
export type ModelVersion = Static<typeof ModelVersion>;

/** The run that wrote the files of a version of a model, or else the one that registered it. */
export function runOf({ properties }: ModelVersion): string | undefined {
  const facts = properties.properties ?? {};
  return facts['azureml.producerJobName'] ?? properties.jobName ?? facts['azureml.jobName'] ?? undefined;
}

export type AssetVersion = CodeVersion | ComponentVersion | DataVersion | EnvironmentVersion | ModelVersion;

/** One entry of a folder of blobs or artifacts. `size` in bytes, absent for folders. `path` is relative to the listed root. */
export const BlobEntry = Type.Object({
  path: Type.String(),
  isFolder: Type.Boolean(),
  size: Type.Optional(Type.Integer()),
  sha256: Type.Optional(Type.String()),
});
export type BlobEntry = Static<typeof BlobEntry>;

/** The blob container behind `workspaceblobstore`, and the one of logs and artifacts. */
export const blobContainer = 'azureml-blobstore';
export const artifactContainer = 'azureml';

/** Reads `azureml://[…/]datastores/{d}/paths/{p}`; undefined for another form. The path has no leading slash. */
export function parseDatastoreUri(uri: string): { datastore: string; path: string } | undefined {
  const match = /^azureml:\/\/(?:.*\/)?datastores\/([^/]+)\/paths\/(.*)$/.exec(uri);
  return match ? { datastore: match[1]!, path: match[2]! } : undefined;
}

/** The default datastore's uri of `path`. */
export const datastoreUri = (path: string, datastore = 'workspaceblobstore'): string => `azureml://datastores/${datastore}/paths/${path}`;

/** The uri of a path in one of the two containers. */
export const blobUri = (container: string, path: string): string =>
  datastoreUri(path, container === artifactContainer ? 'workspaceartifactstore' : 'workspaceblobstore');

/** Where on a plane a datastore uri points; undefined for a datastore that no plane holds, and for another form. */
export function blobAddress(uri: string): { container: string; path: string } | undefined {
  const parsed = parseDatastoreUri(uri);
  const container = parsed && { workspaceblobstore: blobContainer, workspaceartifactstore: artifactContainer }[parsed.datastore];
  return parsed && container ? { container, path: parsed.path.replace(/\/+$/, '') } : undefined;
}
