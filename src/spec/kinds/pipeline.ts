import { anything, as, define, either, empty, exactly, type Field, fields, flag, integer, list, mapOf, text, variants } from '../field.ts';
import { automlStep } from './automl.ts';
import { commandComponentInPlace, commandOptions } from './command.ts';
import { dataTransferSteps, importSteps } from './dataTransfer.ts';
import { parallelSteps } from './parallel.ts';
import {
  commandText,
  componentFields,
  componentName,
  componentReference,
  compute,
  environment,
  jobFields,
  jobInput,
  jobInputs,
  jobOutput,
  jobOutputs,
  open,
  reference,
} from './shared.ts';
import { sparkSteps } from './spark.ts';
import { sweepStep } from './sweep.ts';

/** What a step takes: a value, data, or a binding to the pipeline's input or to another step's output. */
const stepInputs = mapOf(
  'What the step gives to its component or command.',
  as(jobInput, 'A value, data, or a binding: `${{parent.inputs.NAME}}`, `${{parent.jobs.STEP.outputs.NAME}}`.'),
  {
    examples: [{ data: '${{parent.inputs.raw}}', model: '${{parent.jobs.train.outputs.model}}' }],
  },
);
const stepOutputs = mapOf(
  'Where the outputs of the step go.',
  either(
    'An output in place, or a binding to an output of the pipeline: `${{parent.outputs.NAME}}`.',
    text('A binding.', {
      pattern: '\\$\\{\\{',
      patternHint: 'Bind it to an output of the pipeline: "${{parent.outputs.NAME}}", or describe it: "{type: uri_folder, path: …}".',
    }),
    jobOutput,
    empty,
  ),
  { examples: [{ model: '${{parent.outputs.trained}}' }] },
);

/** Facts of every step. */
const stepFields: Record<string, Field> = {
  inputs: stepInputs,
  outputs: stepOutputs,
  compute: compute('Compute of this step; the default of the pipeline when absent.'),
  identity: jobFields.identity,
  display_name: jobFields.display_name,
  description: jobFields.description,
  tags: jobFields.tags,
  properties: jobFields.properties,
  comment: text('A note for the reader of the graph.'),
  services: jobFields.services,
};

const commandType = exactly('command', 'Runs a command; also the default.');
const blockReference = (what: string) =>
  either(what, text('A step: `${{parent.jobs.STEP}}`.'), list('Several steps.', text('A step: `${{parent.jobs.STEP}}`.')));

/** One step of a pipeline. */
export const step: Field = define('step', () =>
  variants(
    'A step: a component with its bindings, or a job in place.',
    'type',
    [
      fields(
        'Runs a command component.',
        { component: componentReference('The component that runs.', commandComponentInPlace) },
        {
          type: commandType,
          ...commandOptions,
          ...stepFields,
          environment,
          command: commandText('Replaces the command of the component.'),
        },
        { additionalProperties: true, docLink: reference('job-pipeline') },
      ),
      fields(
        'Runs a command in place.',
        { command: commandText(), environment },
        { type: commandType, ...commandOptions, ...stepFields, name: jobFields.name, experiment_name: jobFields.experiment_name },
        { docLink: reference('job-command') },
      ),
      fields(
        'Runs another pipeline as one step.',
        { type: exactly('pipeline', 'A pipeline component.'), component: componentReference('The pipeline component: a file or a name.') },
        { ...stepFields, settings: anything('Settings of the inner pipeline.') },
        { additionalProperties: true, docLink: reference('component-pipeline') },
      ),
      sweepStep(stepFields),
      ...parallelSteps(stepFields),
      ...sparkSteps(stepFields),
      automlStep(stepFields),
      ...importSteps(stepFields),
      dataTransferSteps(stepFields),
      fields(
        'Repeats a step until a condition holds.',
        {
          type: exactly('do_while', 'A loop.'),
          body: text('The step that is repeated: `${{parent.jobs.STEP}}`.'),
          mapping: mapOf(
            'Which output of the body becomes which input of the next round.',
            either('An input.', text('An input.'), list('Several inputs.', text('An input.'))),
          ),
          limits: fields('When it ends in any case.', { max_iteration_count: integer('Rounds at most.', { minimum: 1, maximum: 1000 }) }),
        },
        { condition: text('An output of the body that says whether another round follows.'), ...stepFields },
        { additionalProperties: true },
      ),
      fields(
        'Runs one of two blocks.',
        { type: exactly('if_else', 'A condition.') },
        {
          condition: either('An output that is `true` or `false`.', text('A binding.'), flag('A fixed answer.')),
          true_block: blockReference('What runs when it is true.'),
          false_block: blockReference('What runs when it is false.'),
          ...stepFields,
        },
        { additionalProperties: true },
      ),
      fields(
        'Runs a step for each item.',
        {
          type: exactly('parallel_for', 'A loop whose rounds run side by side.'),
          body: text('The step that runs for each item: `${{parent.jobs.STEP}}`.'),
          items: either(
            'The items: a list, a map, or JSON as text. Each gives values of inputs of the body.',
            list('Items.', mapOf('Values by input.', jobInput)),
            mapOf('Items by name.', mapOf('Values by input.', jobInput)),
            text('JSON, or a binding.'),
          ),
        },
        { max_concurrency: integer('Rounds at the same time.', { minimum: 1 }), ...stepFields },
        { additionalProperties: true },
      ),
    ],
    { defaultVariant: 'command' },
  ),
);

export const steps = define('steps', () =>
  mapOf('The steps by name. Their order follows from what they read of each other.', step, {
    propertyNames: { pattern: '^[a-z_][a-z0-9_]*$', description: 'lower-case letters, digits and "_", not starting with a digit' },
  }),
);

export const pipelineSettings = define('pipelineSettings', () =>
  fields(
    'What holds for all steps.',
    {},
    {
      default_compute: {
        ...compute('Compute of the steps that name none.'),
        pattern: '^azureml:(?!.*\\$\\{\\{).+|^serverless$',
        patternHint: 'Write "azureml:NAME", or "serverless".',
      },
      default_datastore: text('Datastore of the outputs that name none.', {
        assetKind: 'datastores',
        pattern: '^azureml:(?!.*\\$\\{\\{).+',
        patternHint: 'Write "azureml:NAME".',
      }),
      continue_on_step_failure: flag('Steps that do not depend on a failed one still run.', { default: false }),
      continue_on_failed_optional_input: flag('A step runs although what feeds its optional input failed.', { default: true }),
      force_rerun: flag('Nothing is reused from earlier runs.', { default: false }),
      on_init: text('Step that runs before all others.'),
      on_finalize: text('Step that runs after all others, whatever became of them.'),
    },
    open,
  ),
);

export const pipelineJob = define('pipelineJob', () =>
  fields(
    'Runs steps that feed one another.',
    { type: exactly('pipeline', 'A pipeline job.') },
    {
      jobs: steps,
      component: componentReference('A pipeline component that runs in place of `jobs`.'),
      inputs: as(jobInputs, 'Values and data of the pipeline, read by steps as `${{parent.inputs.NAME}}`.'),
      outputs: as(jobOutputs, 'What the pipeline gives; a step is bound to each as `${{parent.outputs.NAME}}`.'),
      settings: pipelineSettings,
      ...jobFields,
    },
    { docLink: reference('job-pipeline') },
  ),
);

export const pipelineComponent = define('pipelineComponent', () =>
  fields(
    'Steps as one component, for steps of other pipelines.',
    { name: componentName, type: exactly('pipeline', 'A pipeline component.') },
    {
      jobs: steps,
      ...componentFields,
      settings: pipelineSettings,
      source_job: anything('Job of which the component is made.'),
      source_job_id: text('Id of the job of which the component is made.', { assetKind: 'jobs' }),
    },
    { ...open, docLink: reference('component-pipeline') },
  ),
);
