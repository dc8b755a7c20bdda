import { stringify } from 'yaml';
import { ofStep } from '../protocol/fineTuning.ts';
import { schemaAddress } from './kinds/all.ts';

/** A fine-tuning job as its YAML has it. */
type FineTuningYaml = Readonly<Record<string, any>>;

/**
 * The text of a `pipeline.yml` for a fine-tuning job: an ordinary pipeline of the components that stand beside it, to be read, changed, and run anywhere.
 * `placed` makes of a path in the job's file one in the pipeline's.
 */
export function fineTuningPipeline(job: FineTuningYaml, placed: (path: string) => string): string {
  const all = Object.entries((job.hyperparameters ?? {}) as Record<string, string | number | boolean>);
  // An empty text is what there is without one.
  const given = all.filter(([, value]) => value !== '');
  const names = given.map(([name]) => name);
  const of = (step: string) => Object.fromEntries(ofStep(step, names).map((name) => [name, `\${{parent.inputs.${name}}}`]));
  const input = (name: string) => `\${{parent.inputs.${name}}}`;
  const output = (step: string, name: string) => `\${{parent.jobs.${step}.outputs.${name}}}`;
  const data = (value: unknown, type: string) =>
    typeof value === 'string'
      ? { type, path: placed(value) }
      : { type, ...(value as object), path: placed((value as { path: string }).path) };
  const validation = job.validation_data === undefined ? {} : { validation_data: data(job.validation_data, 'uri_file') };
  const named = registeredName(job);
  const base = output('import', 'base');
  const kept = ['name', 'display_name', 'description', 'experiment_name', 'tags', 'properties'];
  return stringify(
    {
      $schema: schemaAddress('pipelineJob'),
      type: 'pipeline',
      ...Object.fromEntries(kept.flatMap((key) => (job[key] === undefined ? [] : [[key, job[key]]]))),
      settings: { default_compute: job.compute ?? 'azureml:local' },
      inputs: {
        base_model: { ...job.model, type: 'custom_model', path: placed(job.model.path) },
        training_data: data(job.training_data, 'uri_file'),
        ...validation,
        ...Object.fromEntries(given),
      },
      outputs: { model: { type: 'custom_model', ...(named ? { name: named } : {}) } },
      jobs: {
        import: { type: 'command', component: './import.yml', inputs: { base_model: input('base_model'), ...of('import') } },
        prepare: {
          type: 'command',
          component: './prepare.yml',
          inputs: {
            base_model: input('base_model'),
            base,
            training_data: input('training_data'),
            ...(job.validation_data === undefined ? {} : { validation_data: input('validation_data') }),
            ...of('prepare'),
          },
        },
        train: { type: 'command', component: './train.yml', inputs: { base, data: output('prepare', 'data'), ...of('train') } },
        evaluate: {
          type: 'command',
          component: './evaluate.yml',
          inputs: { base, adapter: output('train', 'adapter'), data: output('prepare', 'data'), ...of('evaluate') },
        },
        convert: {
          type: 'command',
          component: './convert.yml',
          inputs: { base_model: input('base_model'), adapter: output('train', 'adapter') },
        },
        verify: {
          type: 'command',
          component: './verify.yml',
          inputs: {
            base_model: input('base_model'),
            gguf: output('convert', 'gguf'),
            evaluation: output('evaluate', 'evaluation'),
            data: output('prepare', 'data'),
            ...of('verify'),
          },
          outputs: { model: input('model').replace('inputs', 'outputs') },
        },
      },
    },
    { lineWidth: 0 },
  );
}

/** Under which name the tuned model is registered: that of the one output, whatever it is called. */
function registeredName(job: FineTuningYaml): string | undefined {
  const outputs = Object.values((job.outputs ?? {}) as Record<string, { name?: string } | null>);
  return outputs.find((each) => each?.name)?.name;
}
