import {
  anything,
  define,
  either,
  empty,
  exactly,
  type Field,
  fields,
  flag,
  integer,
  list,
  mapOf,
  number,
  oneOf,
  text,
  variants,
} from '../field.ts';
import { connectionFields, credentials } from './connection.ts';
import { article, dataInput, jobFields, jobOutputs, modelInput, queueSettings } from './shared.ts';

const data = (what: string): Field =>
  either(what, text('A local path, `azureml:NAME:VERSION` or a web address.', { pathKind: 'fileOrFolder', assetKind: 'data' }), dataInput);
const tasks = {
  chatCompletion: 'Answers in a chat.',
  textCompletion: 'Goes on with a text.',
  textClassification: 'Class of a text.',
  questionAnswering: 'Answers from a text.',
  textSummarization: 'Short form of a text.',
  tokenClassification: 'Class of each token.',
  textTranslation: 'Translation.',
  imageClassification: 'Class of an image.',
  imageInstanceSegmentation: 'Outlines of objects.',
  imageObjectDetection: 'Objects in an image.',
  videoMultiObjectTracking: 'Objects along a video.',
};
const type = exactly('finetuning', 'A fine-tuning job.');
const base: Record<string, Field> = {
  task: oneOf('What the model is to do.', tasks),
  model: modelInput,
};
const shared: Record<string, Field> = {
  training_data: data('Examples to learn from.'),
  validation_data: data('Examples to measure by.'),
  outputs: jobOutputs,
  queue_settings: queueSettings,
  resources: fields('Machines that may be used.', {}, { instance_types: list('Sizes of machines.', text('A size.')) }),
  ...jobFields,
};
const numbersOrText = mapOf('Hyperparameters of the trainer, by its own names.', either('A value.', text('A value as text.'), empty));

export const finetuningJob = define('finetuningJob', () =>
  variants('Fine-tunes a model.', 'model_provider', [
    fields(
      'Fine-tunes a model of Azure OpenAI.',
      { type, ...base, model_provider: exactly('azure_open_ai', 'A model of Azure OpenAI.') },
      {
        ...shared,
        hyperparameters: fields(
          'Hyperparameters.',
          {},
          {
            n_epochs: integer('Passes over the data.', { minimum: 1 }),
            batch_size: integer('Examples of a step.', { minimum: 1 }),
            learning_rate_multiplier: number('Factor of the learning rate.', { minimum: 0 }),
          },
        ),
      },
      { docLink: article('how-to-fine-tune-model') },
    ),
    fields(
      'Fine-tunes an open model.',
      { type, ...base, model_provider: exactly('custom', 'A model of a registry or of your own.') },
      { ...shared, hyperparameters: numbersOrText },
      { docLink: article('how-to-fine-tune-model') },
    ),
  ]),
);

export const distillationJob = define('distillationJob', () =>
  fields(
    'Trains a small model on the answers of a large one.',
    {
      type: exactly('distillation', 'A distillation job.'),
      data_generation_type: oneOf('What the teacher gives.', {
        label_generation: 'Answers to your questions.',
        data_generation: 'Questions and answers.',
      }),
      data_generation_task_type: oneOf('Kind of data.', {
        NLI: 'Inference from text.',
        NLU_QA: 'Questions on a text.',
        CONVERSATION: 'Conversations.',
        MATH: 'Mathematics.',
        SUMMARIZATION: 'Summaries.',
      }),
      teacher_model_endpoint_connection: variants('Connection to the teacher.', 'type', [
        fields(
          'A serverless endpoint.',
          { type: exactly('serverless', 'A serverless endpoint.'), api_key: text('Key of the endpoint.', { secret: true }) },
          { ...connectionFields, endpoint: text('Address of the endpoint.'), credentials },
        ),
        fields('Any other connection.', { type: text('Kind of the connection.') }, { ...connectionFields, credentials }),
      ]),
      student_model: either('Model that learns.', text('A registered model or one of a registry.', { assetKind: 'models' }), modelInput),
    },
    {
      ...shared,
      teacher_model_settings: fields(
        'How the teacher is asked.',
        {},
        {
          inference_parameters: mapOf('Parameters of the requests.', anything('A parameter.')),
          endpoint_request_settings: fields(
            'How requests are sent.',
            {},
            {
              request_batch_size: integer('Requests at the same time.', { minimum: 1 }),
              min_endpoint_success_ratio: number('Part of the requests that must succeed.', { minimum: 0, maximum: 1 }),
            },
          ),
        },
      ),
      prompt_settings: fields(
        'How prompts are written.',
        {},
        {
          enable_chain_of_thought: flag('The teacher reasons step by step.'),
          enable_chain_of_density: flag('Summaries get denser step by step.'),
          max_len_summary: integer('Longest summary, in words.', { minimum: 1 }),
        },
      ),
      hyperparameters: numbersOrText,
      resources: fields(
        'Machines that may be used.',
        {},
        {
          instance_type: text('Size of a machine.'),
          instance_count: integer('Machines.', { minimum: 1 }),
          properties: mapOf('Settings.', anything('A setting.')),
        },
      ),
    },
    { docLink: article('concept-model-distillation') },
  ),
);
