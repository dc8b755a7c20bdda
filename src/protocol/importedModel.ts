import type { Static } from 'typebox';
import * as Type from 'typebox';
import { StringMap } from './arm.ts';
import { MetricPoint } from './mlflow.ts';

/** Body of `PUT /updraft/imports/logged-models/{id}`: a logged model of another MLflow server, with its id there. Times in ms since 1970. */
export const ImportedLoggedModel = Type.Object({
  /** Name of its experiment, which is there already. */
  experiment: Type.String({ minLength: 1 }),
  name: Type.String({ minLength: 1 }),
  createdAt: Type.Integer({ minimum: 0 }),
  modifiedAt: Type.Integer({ minimum: 0 }),
  status: Type.Enum(['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED']),
  modelType: Type.Optional(Type.String()),
  runId: Type.Optional(Type.String()),
  params: StringMap,
  tags: StringMap,
  metrics: Type.Array(
    Type.Object({
      ...MetricPoint.properties,
      run_id: Type.String(),
      dataset_name: Type.Optional(Type.String()),
      dataset_digest: Type.Optional(Type.String()),
    }),
  ),
});
export type ImportedLoggedModel = Static<typeof ImportedLoggedModel>;

/**
 * Body of `PUT /updraft/imports/models/{name}/versions/{version}`: a version of a registered model of another MLflow server, with its number there. The model is there already. `source` is
 * `runs:/{run}/{path}` or `models:/{logged model}` of what was imported before, or a place elsewhere.
 */
export const ImportedModelVersion = Type.Object({
  createdAt: Type.Integer({ minimum: 0 }),
  modifiedAt: Type.Integer({ minimum: 0 }),
  source: Type.String({ minLength: 1 }),
  runId: Type.Optional(Type.String()),
  modelId: Type.Optional(Type.String()),
  runLink: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  stage: Type.Optional(Type.Enum(['None', 'Staging', 'Production', 'Archived'])),
  tags: StringMap,
});
export type ImportedModelVersion = Static<typeof ImportedModelVersion>;
