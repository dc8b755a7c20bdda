import type { Static } from 'typebox';
import * as Type from 'typebox';
import { type Experiment, KeyValue, MetricPoint, Run } from '../../protocol/mlflow.ts';

/** A file of a run or of a logged model, where it comes from. */
export interface ArrivingFile {
  /** Below the artifacts, with `/`. */
  path: string;
  /** Bytes, when they are known before. */
  size?: number | undefined;
  open(signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** 64-bit numbers: servers write them either way. */
const Long = Type.Union([Type.Integer(), Type.String({ pattern: '^-?\\d+$' })]);
const Pairs = Type.Optional(Type.Array(KeyValue));
const Text = Type.Optional(Type.String());

/** A dataset that went into a run, as MLflow writes it. */
const DatasetInput = Type.Object({
  tags: Pairs,
  dataset: Type.Object({
    name: Type.String(),
    digest: Type.String(),
    source_type: Type.String(),
    source: Type.String(),
    schema: Text,
    profile: Text,
  }),
});

/** A run with what went into it and came out. */
export const SourceRun = Type.Intersect([
  Run,
  Type.Object({
    inputs: Type.Optional(
      Type.Object({
        dataset_inputs: Type.Optional(Type.Array(DatasetInput)),
        model_inputs: Type.Optional(Type.Array(Type.Object({ model_id: Type.String() }))),
      }),
    ),
    outputs: Type.Optional(
      Type.Object({ model_outputs: Type.Optional(Type.Array(Type.Object({ model_id: Type.String(), step: Type.Optional(Long) }))) }),
    ),
  }),
]);
export type SourceRun = Static<typeof SourceRun>;

/** A logged model. Times in ms since 1970. */
export const SourceLoggedModel = Type.Object({
  info: Type.Object({
    model_id: Type.String(),
    name: Type.String(),
    artifact_uri: Text,
    creation_timestamp_ms: Type.Optional(Long),
    last_updated_timestamp_ms: Type.Optional(Long),
    /** MLflow's word, or its number. */
    status: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
    model_type: Text,
    source_run_id: Text,
    tags: Pairs,
  }),
  data: Type.Optional(
    Type.Object({
      params: Pairs,
      metrics: Type.Optional(
        Type.Array(Type.Object({ ...MetricPoint.properties, run_id: Text, dataset_name: Text, dataset_digest: Text })),
      ),
    }),
  ),
});
export type SourceLoggedModel = Static<typeof SourceLoggedModel>;

/** A registered model; a prompt is one with a tag that says so. */
export const SourceRegisteredModel = Type.Object({
  name: Type.String(),
  description: Text,
  tags: Pairs,
  aliases: Type.Optional(Type.Array(Type.Object({ alias: Type.String(), version: Long }))),
});
export type SourceRegisteredModel = Static<typeof SourceRegisteredModel>;

/** A version of a registered model. Times in ms since 1970. */
export const SourceVersion = Type.Object({
  version: Long,
  creation_timestamp: Type.Optional(Long),
  last_updated_timestamp: Type.Optional(Long),
  description: Text,
  source: Text,
  run_id: Text,
  run_link: Text,
  model_id: Text,
  current_stage: Text,
  tags: Pairs,
});
export type SourceVersion = Static<typeof SourceVersion>;

/** Everything that is read of MLflow: of a server, or of the folder in which it keeps files. What is deleted there is left out. What it yields comes from outside and is not checked yet. */
export interface MlflowSource {
  /** Its address or folder, for messages. */
  readonly name: string;
  experiments(): AsyncIterable<Experiment>;
  /** The oldest first, mostly. */
  runs(experiment: Experiment): AsyncIterable<SourceRun>;
  /** All points of a metric, in parts. */
  points(run: SourceRun, key: string): AsyncIterable<MetricPoint[]>;
  runFiles(run: SourceRun): AsyncIterable<ArrivingFile>;
  loggedModels(experiment: Experiment): AsyncIterable<SourceLoggedModel>;
  modelFiles(model: SourceLoggedModel): AsyncIterable<ArrivingFile>;
  /** With the prompts. */
  registeredModels(): AsyncIterable<SourceRegisteredModel>;
  versions(model: SourceRegisteredModel): AsyncIterable<SourceVersion>;
}
