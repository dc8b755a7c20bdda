import type { Static } from 'typebox';
import * as Type from 'typebox';

/** The MLflow whose REST API the plane speaks; `GET /version` answers it. */
export const mlflowVersion = '3.17.2';

/** MLflow's wire shapes (snake_case JSON, int64 as numbers). Source: contract/mlflow-2.19-protos.json. */
export const MetricPoint = Type.Object({
  key: Type.String(),
  value: Type.Union([Type.Number(), Type.String()]),
  /** Milliseconds since 1970. */
  timestamp: Type.Union([Type.Integer(), Type.String()]),
  step: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
});
export type MetricPoint = Static<typeof MetricPoint>;

export const KeyValue = Type.Object({ key: Type.String(), value: Type.String() });
export type KeyValue = Static<typeof KeyValue>;

export const runStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof runStatuses)[number];

export const RunInfo = Type.Object({
  run_id: Type.String(),
  run_uuid: Type.Optional(Type.String()),
  run_name: Type.Optional(Type.String()),
  experiment_id: Type.String(),
  user_id: Type.Optional(Type.String()),
  status: Type.Enum([...runStatuses]),
  start_time: Type.Optional(Type.Integer()),
  end_time: Type.Optional(Type.Integer()),
  artifact_uri: Type.Optional(Type.String()),
  lifecycle_stage: Type.Optional(Type.String()),
});
export type RunInfo = Static<typeof RunInfo>;

export const Run = Type.Object({
  info: RunInfo,
  data: Type.Object({
    metrics: Type.Optional(Type.Array(MetricPoint)),
    params: Type.Optional(Type.Array(KeyValue)),
    tags: Type.Optional(Type.Array(KeyValue)),
  }),
});
export type Run = Static<typeof Run>;

/** What of a logged model is looked at: its metrics, each with the dataset that it was measured on, where one was named. */
export const LoggedModel = Type.Object({
  info: Type.Object({ model_id: Type.String(), name: Type.Optional(Type.String()), source_run_id: Type.Optional(Type.String()) }),
  data: Type.Object({
    metrics: Type.Optional(Type.Array(Type.Object({ ...MetricPoint.properties, dataset_name: Type.Optional(Type.String()) }))),
    params: Type.Optional(Type.Array(KeyValue)),
  }),
});
export type LoggedModel = Static<typeof LoggedModel>;

export const Experiment = Type.Object({
  experiment_id: Type.String(),
  name: Type.String(),
  artifact_location: Type.Optional(Type.String()),
  lifecycle_stage: Type.String(),
  creation_time: Type.Optional(Type.Integer()),
  last_update_time: Type.Optional(Type.Integer()),
  tags: Type.Optional(Type.Array(KeyValue)),
});
export type Experiment = Static<typeof Experiment>;

/** `{error_code, message}`, MLflow's error body. */
export const MlflowError = Type.Object({ error_code: Type.String(), message: Type.String() });
export type MlflowError = Static<typeof MlflowError>;

/**
 * Answer of `GET /updraft/metrics/{job}?key=a&key=b&points=N&axis=step|time&from=X&to=Y`: for each key (all when none is named) columns of equal length. At most about `points` points a key, chosen by M4
 * (first, last, min and max of each bucket), so that no extreme is lost. `axis` orders them, `from` and `to` (inclusive, on that axis) zoom. `total` is the number of points
 * stored. Non-finite values are null.
 */
export const MetricSeries = Type.Object({
  key: Type.String(),
  total: Type.Integer(),
  steps: Type.Array(Type.Number()),
  values: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  times: Type.Array(Type.Number()),
});
export type MetricSeries = Static<typeof MetricSeries>;

/** A part of a series: from and to are inclusive, steps or ms since 1970. */
export interface MetricWindow {
  axis: 'step' | 'time';
  from: number;
  to: number;
}

/** `GET …/api/2.0/mlflow` limits: https://mlflow.org/docs/latest/rest-api.html, "Request Limits". */
export const mlflowLimits = {
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  itemsPerBatch: 1000,
  keyLength: 250,
  paramLength: 6000,
  tagLength: 8000,
} as const;
