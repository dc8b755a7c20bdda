import { anything, define, type Field, fields, flag, list, mapOf, oneOf, text } from '../field.ts';
import { $schema, description, labels, version } from './shared.ts';

const docLink = 'https://microsoft.github.io/promptflow/reference/flow-yaml-schema-reference.html';
const open = { additionalProperties: true } as const;
const valueTypes = oneOf(
  'Type of the value.',
  ['int', 'double', 'bool', 'string', 'list', 'object', 'image', 'file_path', 'secret', 'prompt_template', 'assistant_definition'],
  { anyCase: false },
);
const value = anything('A value; `${inputs.NAME}` or `${NODE.output}` when it is nothing else.');

const source = fields(
  'Where the tool comes from.',
  {},
  {
    type: oneOf('Kind of source.', {
      code: 'A file of the flow.',
      package: 'A tool of a package.',
      package_with_prompt: 'A tool of a package with a prompt of the flow.',
    }),
    path: text('File of the flow.', { pathKind: 'file' }),
    tool: text('Full name of the tool.'),
  },
  open,
);
const nodeFields: Record<string, Field> = {
  type: oneOf('Kind of node.', {
    python: 'A Python function.',
    llm: 'A prompt that a model answers.',
    prompt: 'A prompt that is filled in.',
    custom_llm: 'A tool with a prompt.',
    csharp: 'A C# function.',
  }),
  source,
  inputs: mapOf('Values of the parameters.', value),
  connection: text('Connection to the model.'),
  provider: text('Provider of the model.'),
  module: text('Module of the provider.'),
  api: oneOf('Interface of the model.', { chat: 'A chat.', completion: 'A completion.' }),
  tool: text('Name of the tool, as older files say it.'),
  aggregation: flag('Runs once for all lines.', { default: false }),
  reduce: flag('As older files say `aggregation`.', { deprecated: true, deprecationMessage: 'Use "aggregation".' }),
  enable_cache: flag('Keeps its answers.'),
  use_variants: flag('The node stands in `node_variants`.'),
  activate: fields('When it runs.', {}, { when: value, is: value }),
  comment: text('A note.'),
};
const environment = fields(
  'Where it runs.',
  {},
  {
    image: text('Container image.'),
    python_requirements_txt: text('File of Python packages.', { pathKind: 'file' }),
  },
  open,
);

export const promptFlow = define('promptFlow', () =>
  fields(
    'A prompt flow: nodes that feed one another.',
    { nodes: list('The nodes.', fields('A node.', { name: text('Name of the node.') }, nodeFields, open)) },
    {
      $schema,
      name: text('Name of the flow.'),
      id: text('Id of the flow.'),
      version: version(),
      display_name: text('What people read.'),
      description,
      type: oneOf('What the flow is for.', { standard: 'Anything.', chat: 'A chat.', evaluation: 'Judging another flow.' }),
      language: oneOf('Language of its tools.', { python: 'Python.', csharp: 'C#.' }),
      inputs: mapOf(
        'What the flow takes.',
        fields(
          'An input.',
          { type: valueTypes },
          {
            default: value,
            description,
            enum: list('The only values that are allowed.', value),
            is_chat_input: flag('The message of the person.'),
            is_chat_history: flag('What was said before.'),
          },
          open,
        ),
      ),
      outputs: mapOf(
        'What the flow gives.',
        fields(
          'An output.',
          { type: text('Type of the value.') },
          {
            reference: value,
            description,
            is_chat_output: flag('The message of the flow.'),
            evaluation_only: flag('For judging only.'),
          },
          open,
        ),
      ),
      node_variants: mapOf(
        'Variants by node.',
        fields(
          'Variants of a node.',
          {},
          {
            default_variant_id: text('Variant that is taken.'),
            variants: mapOf(
              'Variants by id.',
              fields('A variant.', {}, { description, node: fields('The node.', {}, nodeFields, open) }, open),
            ),
          },
          open,
        ),
      ),
      environment,
      environment_variables: mapOf('Variables of the process.', anything('A value.')),
      additional_includes: list('Files and folders beside the flow.', text('A path.', { pathKind: 'fileOrFolder' })),
      message_format: oneOf('Format of messages.', ['basic', 'openai-vision'], { anyCase: false }),
      tags: labels(),
      azureml: anything('What holds when the flow is a component.'),
    },
    { ...open, docLink, localNote: 'Flows can be written and checked here; running them comes later.' },
  ),
);
export const promptFlowRun = define('promptFlowRun', () =>
  fields(
    'A run of a flow over data.',
    {},
    {
      $schema,
      name: text('Name of the run.'),
      flow: text('Folder of the flow.', { pathKind: 'fileOrFolder' }),
      data: text('Lines to run on.', { pathKind: 'fileOrFolder', assetKind: 'data' }),
      run: text('Run whose outputs are taken along.'),
      column_mapping: mapOf('Inputs of the flow, from `${data.COLUMN}` or `${run.outputs.NAME}`.', anything('A mapping.')),
      column_mappings: mapOf('Inputs of the flow as a component.', anything('A mapping.')),
      variant: text('Variant to run: `${NODE.VARIANT}`.'),
      connections: mapOf('Connections by node.', anything('Connections of a node.')),
      environment_variables: mapOf('Variables of the process.', anything('A value.')),
      display_name: text('What people read.'),
      description,
      tags: labels(),
      properties: mapOf('Facts.', anything('A fact.')),
      resources: fields('Machine of the run.', {}, { instance_type: text('Size.'), compute: text('Compute instance.') }, open),
      runtime: text('Runtime of the run.'),
      identity: anything('As whom it runs.'),
      init: mapOf('Arguments of a class flow.', value),
      config: mapOf('Settings.', value),
      azureml: anything('What holds when the flow is a component.'),
      version: version(),
      type: text('Kind of the run.'),
    },
    { ...open, docLink, localNote: 'Runs of flows can be written and checked here; running them comes later.' },
  ),
);
