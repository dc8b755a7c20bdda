import { stringify } from 'yaml';

/** What a fine-tuning job asks for, of its YAML. Paths are as they are to stand in the pipeline's YAML. */
export interface FineTuning {
  displayName?: string;
  description?: string;
  experimentName?: string;
  tags?: Record<string, string>;
  /** GGUF file of the base model: a path or `azureml:NAME:VERSION`. */
  model: string;
  trainingData: string;
  validationData?: string;
  testData?: string;
  hyperparameters: Readonly<Record<string, string | number | boolean>>;
  /** Under which the adapter is registered. */
  registeredModel?: string;
}

type Kind = 'whole' | 'number' | 'yes' | 'text';

/** Which step takes which hyperparameter, by the names that Azure ML's own fine-tuning components have for them where they have one. */
const takenBy: Record<string, { steps: string[]; kind: Kind }> = {
  num_train_epochs: { steps: ['train'], kind: 'whole' },
  per_device_train_batch_size: { steps: ['train'], kind: 'whole' },
  learning_rate: { steps: ['train'], kind: 'number' },
  lora_r: { steps: ['import', 'train'], kind: 'whole' },
  lora_alpha: { steps: ['train'], kind: 'number' },
  lora_dropout: { steps: ['train'], kind: 'number' },
  target_modules: { steps: ['import', 'train'], kind: 'text' },
  precision: { steps: ['train'], kind: 'text' },
  checkpoint_steps: { steps: ['train'], kind: 'whole' },
  early_stopping_patience: { steps: ['train'], kind: 'whole' },
  max_seq_length: { steps: ['prepare'], kind: 'whole' },
  skip_bad_rows: { steps: ['prepare'], kind: 'yes' },
  max_kl: { steps: ['verify'], kind: 'number' },
  seed: { steps: ['prepare', 'train'], kind: 'whole' },
};

/** What is wrong with a hyperparameter; undefined when nothing is. */
export function hyperparameterProblem(name: string, value: unknown): string | undefined {
  const known = Object.hasOwn(takenBy, name) ? takenBy[name] : undefined;
  if (!known) return `"${name}" is no hyperparameter that is known here. There are: ${Object.keys(takenBy).join(', ')}.`;
  const text = String(value).trim();
  const number = text === '' ? Number.NaN : Number(text);
  const isRight =
    known.kind === 'whole'
      ? Number.isSafeInteger(number) && number >= 0
      : known.kind === 'number'
        ? Number.isFinite(number) && number >= 0
        : known.kind === 'yes'
          ? /^(true|false)$/i.test(text)
          : /^[\w.,\- ]+$/.test(text);
  const wanted = { whole: 'a whole number', number: 'a number', yes: 'true or false', text: 'letters, digits, commas and dots' }[
    known.kind
  ];
  return isRight ? undefined : `"${name}" must be ${wanted}, and is ${JSON.stringify(value)}.`;
}

/** The text of `pipeline.yml`, which stands beside the components: the fine-tuning as an ordinary pipeline, to be read, changed, and run anywhere. */
export function pipelineText(job: FineTuning): string {
  const given = Object.entries(job.hyperparameters);
  const of = (step: string) =>
    Object.fromEntries(
      given.filter(([name]) => takenBy[name]?.steps.includes(step)).map(([name]) => [name, `\${{parent.inputs.${name}}}`]),
    );
  const input = (name: string) => `\${{parent.inputs.${name}}}`;
  const output = (step: string, name: string) => `\${{parent.jobs.${step}.outputs.${name}}}`;
  const file = (path: string) => ({ type: 'uri_file', path });
  const base = output('import', 'base');
  return stringify(
    {
      $schema: 'https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json',
      type: 'pipeline',
      ...(job.displayName ? { display_name: job.displayName } : {}),
      ...(job.description ? { description: job.description } : {}),
      ...(job.experimentName ? { experiment_name: job.experimentName } : {}),
      ...(job.tags ? { tags: job.tags } : {}),
      settings: { default_compute: 'azureml:local' },
      inputs: {
        base_model: { type: 'custom_model', path: job.model },
        training_data: file(job.trainingData),
        ...(job.validationData ? { validation_data: file(job.validationData) } : {}),
        ...(job.testData ? { test_data: file(job.testData) } : {}),
        ...Object.fromEntries(given),
      },
      outputs: { model: { type: 'custom_model', ...(job.registeredModel ? { name: job.registeredModel } : {}) } },
      jobs: {
        import: { type: 'command', component: './import.yml', inputs: { base_model: input('base_model'), ...of('import') } },
        prepare: {
          type: 'command',
          component: './prepare.yml',
          inputs: {
            base,
            training_data: input('training_data'),
            ...(job.validationData ? { validation_data: input('validation_data') } : {}),
            ...(job.testData ? { test_data: input('test_data') } : {}),
            ...of('prepare'),
          },
        },
        train: { type: 'command', component: './train.yml', inputs: { base, data: output('prepare', 'data'), ...of('train') } },
        evaluate: {
          type: 'command',
          component: './evaluate.yml',
          inputs: { base, adapter: output('train', 'adapter'), data: output('prepare', 'data') },
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
          outputs: { model: '${{parent.outputs.model}}' },
        },
      },
    },
    { lineWidth: 0 },
  );
}
