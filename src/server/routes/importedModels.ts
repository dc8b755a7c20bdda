import { isDeepStrictEqual } from 'node:util';
import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { ImportedLoggedModel, ImportedModelVersion } from '../../protocol/importedModel.ts';
import type { StoreWriter } from '../../store/store.ts';
import { jsonBody } from './arm/request.ts';
import { artifactRoot, below, servedAddress } from './mlflow/artifactAddress.ts';
import { modelSource } from './mlflow/registry/modelSource.ts';
import { change, mlflowFactsOf, registered, stageOf, tagsOf } from './mlflow/registry/registered.ts';

/**
 * Logged models and versions of registered models that come from another MLflow server, under their own ids and numbers, which MLflow's own routes choose by themselves. Sent again, nothing changes; the
 * answer says whether anything was `changed`, and of a logged model the `folder` of the artifact container in which its files are to be.
 */
export function importedModelRoutes(): Hono {
  return new Hono()
    .put('/updraft/imports/logged-models/:id', async (c) => {
      const { store } = c.get('asked');
      const id = c.req.param('id');
      if (!/^m-[0-9a-f]{32}$/.test(id))
        throw new UserError('InvalidRequest', `"${id.slice(0, 100)}" is no id of a logged model.`, 'It is "m-" and 32 hexadecimal digits.');
      const model = check(ImportedLoggedModel, await jsonBody(c), 'The logged model');
      return c.json(await store.write((writer) => putLoggedModel(writer, id, model)));
    })
    .put('/updraft/imports/models/:name/versions/:version', async (c) => {
      const { store } = c.get('asked');
      const { name, version } = c.req.param();
      if (!/^[1-9]\d{0,14}$/.test(version))
        throw new UserError('InvalidRequest', `"${version.slice(0, 100)}" is no number of a version.`, 'It is a whole number from 1 on.');
      const imported = check(ImportedModelVersion, await jsonBody(c), 'The version');
      return c.json({ changed: await store.write((writer) => putVersion(writer, name, version, imported)) });
    });
}

async function putLoggedModel(writer: StoreWriter, id: string, model: ImportedLoggedModel): Promise<{ changed: boolean; folder: string }> {
  const experiment = await writer.experiment({ name: model.experiment });
  if (!experiment) throw new UserError('NotFound', `There is no experiment "${model.experiment}".`, 'Create it first.');
  const before = await writer.entities.get('loggedModel', id);
  if (before && before.body.experiment_id !== experiment.id)
    throw new UserError('Conflict', `The logged model ${id} is in another experiment here.`, 'Nothing was changed.');
  const body = {
    model_id: id,
    experiment_id: experiment.id,
    name: model.name,
    artifact_location: below(artifactRoot(experiment.id, experiment.artifactLocation), 'models', id, 'artifacts'),
    creation_timestamp_ms: model.createdAt,
    last_updated_timestamp_ms: model.modifiedAt,
    status: model.status,
    ...(model.modelType === undefined ? {} : { model_type: model.modelType }),
    ...(model.runId === undefined ? {} : { source_run_id: model.runId }),
    params: model.params,
    // Tags that people have set here alone stay.
    tags: { ...before?.body.tags, ...model.tags },
  };
  let changed = !before || !isDeepStrictEqual(before.body, body);
  if (changed) await writer.entities.put({ kind: 'loggedModel', id, scope: experiment.id, at: model.createdAt, body });
  const known = new Set((await writer.lineage.modelMetrics(id)).map(({ key, at, step, run }) => JSON.stringify([key, at, step, run])));
  for (const { key, value, timestamp, step, run_id, dataset_name, dataset_digest } of model.metrics) {
    const metric = { key, value: Number(value), at: Number(timestamp), step: Number(step ?? 0), run: run_id };
    if (known.has(JSON.stringify([key, metric.at, metric.step, run_id]))) continue;
    await writer.lineage.logModelMetric(id, { ...metric, datasetName: dataset_name, datasetDigest: dataset_digest });
    changed = true;
  }
  const address = servedAddress(body.artifact_location);
  if (!address)
    throw new UserError(
      'Conflict',
      `The experiment "${model.experiment}" keeps its artifacts elsewhere.`,
      'Rename it here, and import again.',
    );
  return { changed, folder: address.path };
}

async function putVersion(writer: StoreWriter, name: string, version: string, imported: ImportedModelVersion): Promise<boolean> {
  const model = await registered(writer, name);
  const { source, runId, modelId } = imported;
  const found =
    model.kind === 'prompts'
      ? { source, download: source, azure: source, runId, modelId }
      : await modelSource(writer, { source, runId, modelId });
  const mlflow = {
    createdAt: imported.createdAt,
    updatedAt: imported.modifiedAt,
    source,
    download: found.download === source ? undefined : found.download,
    runId: found.runId,
    modelId: found.modelId,
    runLink: imported.runLink,
  };
  const before = await writer.resource(model.kind, name, version);
  if (before) {
    const { source: own, runId: ownRun, modelId: ownModel } = mlflowFactsOf(before);
    if (own !== source || ownRun !== found.runId || ownModel !== found.modelId)
      throw new UserError(
        'Conflict',
        `There is another version ${version} of ${name} here.`,
        'Nothing was changed. A version never changes.',
      );
  }
  const properties = {
    description: imported.description ?? '',
    tags: { ...(before ? tagsOf(before) : {}), ...imported.tags },
    ...(imported.stage && imported.stage !== 'None' ? { stage: imported.stage } : {}),
  };
  if (before) {
    const same =
      before.properties.description === properties.description &&
      isDeepStrictEqual(tagsOf(before), properties.tags) &&
      (properties.stage === undefined || properties.stage === stageOf(before));
    if (!same) await change(writer, before, properties, { touch: false });
    return !same;
  }
  await writer.putResource({
    kind: model.kind,
    name,
    version,
    properties: {
      modelUri: found.azure,
      ...(model.kind === 'models' ? { modelType: 'mlflow_model', flavors: {}, provisioningState: 'Succeeded' } : {}),
      jobName: found.runId && (await writer.job(found.runId)) ? found.runId : null,
      ...properties,
      mlflow,
    },
  });
  // Numbers are not used twice.
  const { lastVersion = 0, ...facts } = mlflowFactsOf(model);
  await change(writer, model, { mlflow: { ...facts, lastVersion: Math.max(lastVersion, Number(version)) } }, { touch: false });
  return true;
}
