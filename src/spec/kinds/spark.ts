import { define, either, empty, exactly, type Field, fields, flag, list, mapOf, number, oneOf, text } from '../field.ts';
import {
  additionalIncludes,
  code,
  componentFields,
  componentName,
  componentReference,
  environment,
  environmentVariables,
  jobFields,
  jobInputs,
  jobOutputs,
  open,
  reference,
} from './shared.ts';

const entry = either(
  'What Spark starts.',
  fields('A Python file.', { file: text('Python file inside `code`.', { pathKind: 'script' }) }),
  fields('A class of a jar.', { class_name: text('Full name of the class.') }),
);
const property = either('A property.', text('A property.'), number('A property.'), flag('A property.'));
const paths = (what: string) => list(what, text('A path inside `code`.', { pathKind: 'script' }));
const sparkParts: Record<string, Field> = {
  code: code('Folder with the entry and what it needs, relative to this file.'),
  args: text('Arguments of the entry; `${{inputs.NAME}}` is filled in.', { isCommand: true }),
  conf: mapOf('Properties of Spark; driver and executor need cores, memory and instances.', property, {
    examples: [
      {
        'spark.driver.cores': 1,
        'spark.driver.memory': '2g',
        'spark.executor.cores': 2,
        'spark.executor.memory': '2g',
        'spark.executor.instances': 2,
      },
    ],
  }),
  py_files: paths('Python files and archives for the path.'),
  jars: paths('Jars for driver and executors.'),
  files: paths('Files for the working folder of each executor.'),
  archives: paths('Archives that are unpacked in the working folder of each executor.'),
  environment: either('Environment with more packages.', environment, empty),
};
const runtime = either(
  'Version of Spark.',
  text('A version.', {
    examples: ['3.4'],
    pattern: '^\\d+(?:\\.\\d+)*$|\\$\\{\\{',
    patternHint: 'Write numbers with dots, such as "3.4".',
  }),
  number('A version that is a number; it is read as text.'),
);
const size = oneOf('Size of a machine.', [
  'standard_e4s_v3',
  'standard_e8s_v3',
  'standard_e16s_v3',
  'standard_e32s_v3',
  'standard_e64s_v3',
]);
const sparkResources = fields(
  'Serverless Spark that the job takes.',
  {},
  { instance_type: size, runtime_version: runtime },
  { examples: [{ instance_type: 'standard_e4s_v3', runtime_version: '3.4' }] },
);
const stepResources = fields('Serverless Spark that the step takes.', {
  instance_type: size,
  runtime_version: runtime,
});

export const sparkJob = define('sparkJob', () =>
  fields(
    'Runs Python or Scala on Spark.',
    { type: exactly('spark', 'A Spark job.'), entry },
    { ...sparkParts, inputs: jobInputs, outputs: jobOutputs, resources: sparkResources, ...jobFields },
    { docLink: reference('job-spark') },
  ),
);
const type = exactly('spark', 'A Spark component.');
const body: Record<string, Field> = { ...sparkParts, ...componentFields, additional_includes: additionalIncludes };
export const sparkComponent = define('sparkComponent', () =>
  fields('A Spark entry with typed inputs and outputs.', { name: componentName, type, entry }, body, {
    ...open,
    docLink: reference('component-spark'),
  }),
);
const sparkInPlace = define('sparkComponentInPlace', () =>
  fields('A Spark component in place.', { type, entry }, { name: text('Name; not kept for a component in place.'), ...body }, open),
);

/** Steps of type spark: of a component, and in place. */
export const sparkSteps = (shared: Record<string, Field>): Field[] => [
  fields(
    'Runs a Spark component.',
    { type: exactly('spark', 'Runs on Spark.'), component: componentReference('The Spark component.', sparkInPlace) },
    { ...sparkParts, entry, resources: stepResources, ...shared },
    { additionalProperties: true },
  ),
  fields(
    'Runs Python or Scala on Spark.',
    { type: exactly('spark', 'Runs on Spark.'), entry },
    { ...sparkParts, resources: sparkResources, environment_variables: environmentVariables, ...shared },
    { additionalProperties: true },
  ),
];
