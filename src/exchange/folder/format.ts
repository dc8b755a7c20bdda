import type { Static } from 'typebox';
import * as Type from 'typebox';
import { assetKinds, type WorkspaceRef } from '../../protocol/arm.ts';
import { KeyValue } from '../../protocol/mlflow.ts';

/** Says that a folder is an export, of which version of the format, and how much there is. */
export const manifestFile = 'manifest.json';
/** SHA-256 of every file, as `sha256sum -c` reads them. */
export const sumsFile = 'SHA256SUMS';
/** Who made each thing where it was exported from, and when: a line of JSON each. It is not imported. */
export const createdFile = 'created.jsonl';
export const experimentsFile = 'experiments.json';
export const readmeFile = 'README.md';
/** In the folder of each job, asset and model: what its YAML can't carry. */
export const recordFile = 'record.json';
export const metricsFile = 'metrics.parquet';

export const formatVersion = 1;

/** The workspace that ids in records name, whatever the true one was called. */
export const exportedWorkspace: WorkspaceRef = {
  subscription: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'exported',
  workspace: 'exported',
};

export const Manifest = Type.Object({
  format: Type.Literal('updraft-export'),
  version: Type.Integer(),
  /** false until all of it is there. */
  complete: Type.Boolean(),
  counts: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  /** SHA-256 of the file of sums, in hex. */
  sums: Type.Optional(Type.String()),
  /** When, by whom and from where. */
  exported: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type Manifest = Static<typeof Manifest>;

/** Paths below the folder of a record whose names a disk could not have, by what they are called on the disk. */
const Names = Type.Record(Type.String(), Type.String());

export const JobRecord = Type.Object({
  name: Type.String(),
  /** Control plane and workspace where it ran, with a slash between them. */
  origin: Type.String({ pattern: '^[^/]{1,100}/.{1,260}$' }),
  createdAt: Type.String(),
  /** As ARM has them; ids name `exportedWorkspace`. */
  properties: Type.Record(Type.String(), Type.Unknown()),
  tags: Type.Record(Type.String(), Type.String()),
  params: Type.Array(KeyValue),
  /** What MLflow knows of where its data came from, and the logged models. */
  inputs: Type.Optional(Type.Unknown()),
  outputs: Type.Optional(Type.Unknown()),
  names: Type.Optional(Names),
});
export type JobRecord = Static<typeof JobRecord>;

export const AssetRecord = Type.Object({
  kind: Type.Enum([...assetKinds]),
  name: Type.String(),
  version: Type.String(),
  properties: Type.Record(Type.String(), Type.Unknown()),
  names: Type.Optional(Names),
});
export type AssetRecord = Static<typeof AssetRecord>;

export const ModelRecord = Type.Object({
  name: Type.String(),
  description: Type.Optional(Type.String()),
  tags: Type.Array(KeyValue),
});
export type ModelRecord = Static<typeof ModelRecord>;

export const Experiments = Type.Array(Type.Object({ name: Type.String(), tags: Type.Array(KeyValue) }));

/** JSON whose keys are in order at every level: equal values are equal texts. */
export function textOf(value: unknown): string {
  const ordered = JSON.stringify(
    value,
    (_key, each) =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
        : each,
    2,
  );
  return `${ordered}\n`;
}
