import { UserError } from '../../../base/userError.ts';
import type { RunDataset } from '../../../store/lineage.ts';
import type { StoreReader } from '../../../store/store.ts';
import type { Endpoints } from './endpoint.ts';
import { experimentsOf } from './experiments.ts';
import { activeRun } from './findRun.ts';
import { checkLength, lengthLimits } from './names.ts';
import { Fields, invalid, missing } from './request.ts';

const mostSummaries = 1000;
const mostExperiments = 20;

/** What went into a run and what came out: datasets and logged models. */
export function lineageEndpoints(): Endpoints {
  return {
    'POST runs/log-inputs': async (fields, { store }) => {
      const run = fields.text('run_id');
      const datasets = fields.objects('datasets').map((each, index) => datasetOf(new Fields(each as Record<string, unknown>), index));
      const models = fields.objects<{ model_id: string }>('models').map((each) => new Fields(each).text('model_id'));
      await store.write(async (writer) => {
        const { name } = await activeRun(writer, run);
        for (const dataset of datasets) await writer.lineage.addDataset(name, dataset);
        for (const id of models) await writer.lineage.addModel(name, 'input', { id, step: 0 });
        await writer.announce('job', name, 'put');
      });
      return {};
    },
    'POST runs/outputs': async (fields, { store }) => {
      if (!fields.has('models')) throw missing('models');
      const models = fields.objects('models').map((each) => {
        const model = new Fields(each as Record<string, unknown>);
        return { id: model.text('model_id'), step: model.whole('step', 0) };
      });
      await store.write(async (writer) => {
        const { name } = await activeRun(writer, fields.text('run_id'));
        for (const model of models) await writer.lineage.addModel(name, 'output', model);
        await writer.announce('job', name, 'put');
      });
      return {};
    },
    'POST experiments/search-datasets': async (fields, { store }) => {
      const ids = fields.texts('experiment_ids');
      if (ids.length === 0) throw invalid('SearchDatasets request must specify at least one experiment_id.');
      if (ids.length > mostExperiments)
        throw invalid(
          `SearchDatasets request cannot specify more than ${mostExperiments} experiment_ids. Received ${ids.length} experiment_ids.`,
        );
      const ours = await experimentsOf(store, ids);
      return {
        dataset_summaries: (await store.lineage.datasetSummaries(ours, mostSummaries)).map((each) => ({
          experiment_id: each.experimentId,
          name: each.name,
          digest: each.digest,
          ...(each.context === null ? {} : { context: each.context }),
        })),
      };
    },
  };
}

function datasetOf(input: Fields, index: number): RunDataset {
  const at = `datasets[${index}]`;
  const dataset = input.object('dataset');
  if (!dataset) throw missing(`${at}.dataset`);
  const required = (name: string, limit: number): string => {
    const value = dataset.optionalText(name);
    if (!value) throw missing(`${at}.dataset.${name}`);
    checkLength(`${at}.dataset.${name}`, limit, value);
    return value;
  };
  const optional = (name: string, limit: number): string | undefined => {
    const value = dataset.optionalText(name) || undefined;
    if (value !== undefined) checkLength(`${at}.dataset.${name}`, limit, value);
    return value;
  };
  const tags = input.pairs('tags');
  for (const [key, value] of Object.entries(tags)) {
    checkLength(`${at}.tags.key`, lengthLimits.inputTagKey, key);
    checkLength(`${at}.tags.value`, lengthLimits.inputTagValue, value);
  }
  return {
    name: required('name', lengthLimits.datasetName),
    digest: required('digest', lengthLimits.datasetDigest),
    sourceType: required('source_type', lengthLimits.datasetName),
    source: required('source', lengthLimits.datasetSource),
    schema: optional('schema', lengthLimits.datasetSchema),
    profile: optional('profile', lengthLimits.datasetProfile),
    tags,
  };
}

/** `inputs` and `outputs` of a run as MLflow has them; both absent when there are none. */
export async function lineageOf(reader: StoreReader, job: string): Promise<{ inputs?: object; outputs?: object }> {
  const { lineage } = reader;
  const [datasets, input, output] = await Promise.all([lineage.datasets(job), lineage.models(job, 'input'), lineage.models(job, 'output')]);
  return {
    ...(datasets.length || input.length
      ? {
          inputs: {
            dataset_inputs: datasets.map(({ tags, sourceType, ...dataset }) => ({
              tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
              dataset: { ...dataset, source_type: sourceType },
            })),
            model_inputs: input.map(({ id }) => ({ model_id: id })),
          },
        }
      : {}),
    ...(output.length ? { outputs: { model_outputs: output.map(({ id, step }) => ({ model_id: id, step })) } } : {}),
  };
}

/** Throws as MLflow does where a model's id stands for none. */
export const noSuchModel = (id: string): UserError => new UserError('NotFound', `Logged model with ID '${id}' not found.`);
