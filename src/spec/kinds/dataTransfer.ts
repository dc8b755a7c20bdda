import { define, either, exactly, type Field, fields, list, mapOf, oneOf, text, variants } from '../field.ts';
import {
  article,
  componentFields,
  componentInput,
  componentName,
  componentOutput,
  componentReference,
  jobFields,
  jobInputs,
  jobOutput,
  jobOutputs,
  open,
} from './shared.ts';

const connection = text('Connection of the workspace that knows the address and the secret.', { examples: ['azureml:my_snowflake'] });
const docLink = article('concept-data#data-import');
/** Where data comes from outside of Azure ML, or goes to. */
export const externalData = define('externalData', () =>
  variants(
    'A place outside of Azure ML.',
    'type',
    [
      fields(
        'A database.',
        { type: exactly('database', 'A database.'), connection },
        {
          query: text('SQL that selects the rows.'),
          table_name: text('Table to read or write.'),
          stored_procedure: text('Stored procedure that gives the rows.'),
          stored_procedure_params: list(
            'Parameters of the stored procedure.',
            fields('A parameter.', {}, { name: text('Name.'), value: text('Value.'), type: text('Type.') }),
          ),
        },
      ),
      fields('Files.', { connection }, { type: exactly('file_system', 'Files.'), path: text('Path behind the connection.') }),
    ],
    { defaultVariant: 'file_system' },
  ),
);

const type = exactly('data_transfer', 'Moves data.');
const copyMode = oneOf('What happens to files that are there already.', {
  merge_with_overwrite: 'They are overwritten.',
  fail_if_conflict: 'The job fails.',
});
const copy = exactly('copy_data', 'Copies between datastores.');
const bring = exactly('import_data', 'Brings data in from a database or S3.');
const send = exactly('export_data', 'Writes data out to a database.');

export const dataTransferJob = define('dataTransferJob', () =>
  variants('Moves data between places.', 'task', [
    fields(
      'Copies between datastores.',
      { type, task: copy },
      { data_copy_mode: copyMode, inputs: jobInputs, outputs: jobOutputs, ...jobFields },
      { docLink },
    ),
    fields('Brings data in.', { type, task: bring, source: externalData }, { outputs: jobOutputs, ...jobFields }, { docLink }),
    fields('Writes data out.', { type, task: send, sink: externalData }, { inputs: jobInputs, ...jobFields }, { docLink }),
  ]),
);

const copyBody: [Record<string, Field>, Record<string, Field>] = [
  { type, task: copy },
  { data_copy_mode: copyMode, ...componentFields },
];
const endKind = fields('What kind of place it is.', {
  type: oneOf('Kind of the place.', { file_system: 'Files.', database: 'A database.' }),
});
export const dataTransferComponent = define('dataTransferComponent', () =>
  variants('Moves data between places, for steps of pipelines.', 'task', [
    fields('Copies between datastores.', { name: componentName, ...copyBody[0] }, copyBody[1], { ...open, docLink }),
    fields('Brings data in.', { name: componentName, type, task: bring, source: endKind }, componentFields, { ...open, docLink }),
    fields('Writes data out.', { name: componentName, type, task: send, sink: endKind }, componentFields, { ...open, docLink }),
  ]),
);
const copyInPlace = define('dataTransferComponentInPlace', () => fields('A copy in place.', copyBody[0], copyBody[1], open));

/** Steps of type data_transfer, by task. */
export const dataTransferSteps = (shared: Record<string, Field>): Field =>
  variants('Moves data.', 'task', [
    fields('Runs a copy component.', { type, task: copy, component: componentReference('The component.', copyInPlace) }, shared, {
      additionalProperties: true,
    }),
    fields('Copies between datastores.', { type, task: copy }, { data_copy_mode: copyMode, ...shared }),
    fields(
      'Brings data in.',
      { type, task: bring, source: externalData },
      { ...shared, component: componentReference('A component of a registry.') },
      { additionalProperties: true },
    ),
    fields(
      'Writes data out.',
      { type, task: send, sink: externalData },
      { ...shared, component: componentReference('A component of a registry.') },
      { additionalProperties: true },
    ),
  ]);

const importSource = variants('Where the data comes from.', 'type', [
  fields('A database.', {
    type: oneOf('Kind of database.', { azuresqldb: 'Azure SQL.', azuresynapseanalytics: 'Azure Synapse.', snowflake: 'Snowflake.' }),
    connection,
    query: text('SQL that selects the rows.'),
  }),
  fields('Amazon S3.', { type: exactly('s3', 'Amazon S3.'), connection, path: text('Path of the bucket.') }),
]);
const importType = exactly('import', 'Brings data in.');
const superseded = {
  deprecated: true,
  deprecationMessage: 'Use a data import (`az ml data import`) or a data_transfer job with the task "import_data".',
};
export const importJob = define('importJob', () =>
  fields(
    'Brings data in from a database or S3.',
    { source: importSource, output: jobOutput },
    { type: importType, ...jobFields },
    { docLink, ...superseded },
  ),
);
export const importComponent = define('importComponent', () =>
  fields(
    'Brings data in, for steps of pipelines.',
    { name: componentName, source: mapOf('Values that say where the data comes from.', componentInput), output: componentOutput },
    { type: importType, ...componentFields },
    { ...open, docLink, ...superseded },
  ),
);
const importInPlace = define('importComponentInPlace', () =>
  fields(
    'An import component in place.',
    { source: mapOf('Values that say where the data comes from.', componentInput), output: componentOutput },
    { type: importType, name: text('Not kept.'), ...componentFields },
    open,
  ),
);
export const importSteps = (shared: Record<string, Field>): Field[] => [
  fields('Runs an import component.', { type: importType, component: componentReference('The component.', importInPlace) }, shared, {
    additionalProperties: true,
  }),
  fields(
    'Brings data in.',
    { type: importType, source: importSource, output: either('What is written.', jobOutput, text('A binding.')) },
    shared,
  ),
];
