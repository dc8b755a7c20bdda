import { anything, define, exactly, type Field, fields, integer, list, mapOf, oneOf, text } from '../field.ts';
import {
  code,
  componentFields,
  componentName,
  componentReference,
  componentResources,
  environment,
  environmentVariables,
  jobFields,
  jobInputs,
  jobOutputs,
  open,
  reference,
  resources,
} from './shared.ts';

const count = (description: string, more = {}) => integer(description, { minimum: 0, ...more });
const parallelTask = define('parallelTask', () =>
  fields(
    'What is done with each mini-batch.',
    {
      type: oneOf('How the work is given.', {
        run_function: 'A Python script with `init()` and `run(mini_batch)`.',
        model: 'An MLflow model that needs no script.',
        function: 'As older files say `run_function`.',
      }),
      environment,
    },
    {
      code: code('Folder with the entry script, relative to this file.'),
      entry_script: text('Python file inside `code` with `init()` and `run(mini_batch)`.', { pathKind: 'script' }),
      program_arguments: text('Arguments of the script; `${{inputs.NAME}}` is filled in.', { isCommand: true }),
      model: text('Model that works without a script.', { assetKind: 'models' }),
      append_row_to: text('Output that collects the results, row by row: `${{outputs.NAME}}`.'),
    },
  ),
);
const parallelParts: Record<string, Field> = {
  task: parallelTask,
  input_data: text('The input that is split: `${{inputs.NAME}}`.', { examples: ['${{inputs.images}}'] }),
  mini_batch_size: text('Size of a mini-batch: a number of files, or an amount such as `10mb` for a table.', {
    default: '10',
    examples: ['10', '10mb'],
  }),
  partition_keys: list('Columns that split a table; each mini-batch has one value of them.', text('A column.')),
  max_concurrency_per_instance: count('Processes on each instance.', { minimum: 1 }),
  error_threshold: integer('Failed files after which the job fails; -1 for any number.', { minimum: -1, default: -1 }),
  mini_batch_error_threshold: integer('Failed mini-batches after which the job fails; -1 for any number.', { minimum: -1, default: -1 }),
  logging_level: oneOf(
    'How much is logged.',
    { DEBUG: 'Everything.', INFO: 'What happens.', WARNING: 'What may be wrong.' },
    { anyCase: false, default: 'INFO' },
  ),
  retry_settings: fields(
    'What happens to a mini-batch that fails.',
    {},
    { max_retries: count('Tries after the first.', { default: 2 }), timeout: count('Seconds that a try may take.', { default: 60 }) },
  ),
};

/** Azure's client makes no text of other values here. */
const textVariables = mapOf('Variables of the process.', text('Its value; numbers need quotes.'), { examples: [{ LOG_LEVEL: 'info' }] });

const body: [Record<string, Field>, Record<string, Field>] = [
  { type: exactly('parallel', 'A parallel component.') },
  { ...parallelParts, resources: componentResources, ...componentFields },
];
export const parallelComponent = define('parallelComponent', () =>
  fields('Splits data into mini-batches and works on them side by side.', { name: componentName, ...body[0] }, body[1], {
    ...open,
    docLink: reference('component-parallel'),
  }),
);
const parallelInPlace = define('parallelComponentInPlace', () =>
  fields('A parallel component in place.', body[0], { name: text('Name; not kept for a component in place.'), ...body[1] }, open),
);
/** A flow as a component: its file is `flow.dag.yaml` or a run's YAML. */
const flowInPlace = define('flowComponentInPlace', () =>
  fields(
    'A prompt flow as a component.',
    { type: exactly('promptflow_parallel', 'A prompt flow.') },
    {
      environment,
      ...componentFields,
      code: code('Folder of the flow.'),
      variant: text('Variant to run.'),
      column_mappings: mapOf('Inputs of the flow, from columns of the data.', text('A mapping.')),
      connections: mapOf('Connections of nodes.', anything('Connections of a node.')),
      environment_variables: environmentVariables,
      additional_includes: list('Files beside the flow.', text('A path.', { pathKind: 'fileOrFolder' })),
    },
    open,
  ),
);

/** Steps of type parallel: of a component, and in place. */
export const parallelSteps = (shared: Record<string, Field>): Field[] => [
  fields(
    'Works on mini-batches side by side.',
    { type: exactly('parallel', 'Works on mini-batches side by side.'), task: parallelTask, input_data: parallelParts.input_data! },
    { ...parallelParts, resources, environment_variables: textVariables, environment, ...shared },
    { additionalProperties: true },
  ),
  fields(
    'Runs a parallel component or a prompt flow.',
    {
      type: exactly('parallel', 'Works on mini-batches side by side.'),
      component: componentReference('The component, or the `flow.dag.yaml` of a prompt flow.', parallelInPlace, flowInPlace),
    },
    { ...parallelParts, resources, environment_variables: textVariables, ...shared },
    { additionalProperties: true },
  ),
];

export const parallelJob = define('parallelJob', () =>
  fields(
    'Works on mini-batches side by side, as a job of its own.',
    { type: exactly('parallel', 'A parallel job.') },
    { ...parallelParts, resources, environment_variables: environmentVariables, inputs: jobInputs, outputs: jobOutputs, ...jobFields },
    { docLink: reference('job-parallel') },
  ),
);
