import { folderOf, pathFrom } from './paths.ts';
import { type Values, writtenSettings } from './settings.ts';

export interface Choices {
  /** The file of the base model, or `azureml:NAME:VERSION`; '' while none is chosen. */
  model: string;
  /** Absolute paths; '' for none. */
  training: string;
  validation: string;
  settings: Values;
  /** Under which the adapter is registered. */
  name: string;
}

/** The YAML of a fine-tuning job, to stand beside its training data. */
export function jobYaml({ model, training, validation, settings, name }: Choices): string {
  const folder = folderOf(training);
  const path = (file: string) => scalar(file.startsWith('azureml:') ? file : pathFrom(folder, file));
  return [
    '$schema: https://azuremlschemas.azureedge.net/latest/finetuningJob.schema.json',
    'type: finetuning',
    'task: chatCompletion',
    'model_provider: custom',
    'model:',
    '  type: custom_model',
    `  path: ${model ? path(model) : '# choose a base model'}`,
    `training_data: ${training ? path(training) : '# choose a file'}`,
    ...(validation ? [`validation_data: ${path(validation)}`] : []),
    'hyperparameters:',
    ...writtenSettings(settings).map(([key, value]) => `  ${key}: ${scalar(value)}`),
    'outputs:',
    '  registered_model:',
    '    type: custom_model',
    `    name: ${scalar(name)}`,
    '',
  ].join('\n');
}

/** A text as YAML: plain where every reader takes it for a text, else in quotes. */
function scalar(text: string): string {
  const isPlain =
    /^(?:azureml:[\w.:-]*\w|[A-Za-z_./][\w./ -]*)$/.test(text) &&
    !/\s$|\s#/.test(text) &&
    !/^(?:y|n|yes|no|on|off|true|false|null|\.(?:nan|inf)|[.\d_e+-]+)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
