import { define, exactly, type Field, fields, text } from '../field.ts';
import {
  additionalIncludes,
  code,
  commandLimits,
  commandText,
  componentFields,
  componentName,
  componentResources,
  distribution,
  environment,
  environmentVariables,
  jobFields,
  jobInputs,
  jobOutputs,
  open,
  queueSettings,
  reference,
  reserved,
  resources,
} from './shared.ts';

const type = exactly('command', 'A command job; also the default.', { default: 'command' });

/** What a command job may have beside its command and environment; a step in place has the same. */
export const commandOptions: Record<string, Field> = {
  code: code(),
  inputs: jobInputs,
  outputs: jobOutputs,
  environment_variables: environmentVariables,
  resources,
  distribution,
  limits: commandLimits,
  queue_settings: queueSettings,
};

export const commandJob = define('commandJob', () =>
  fields(
    'Runs a command on data.',
    { command: commandText(), environment },
    {
      type,
      ...commandOptions,
      ...jobFields,
      parent_job_name: text('Job under which this one is listed.', { assetKind: 'jobs' }),
      parameters: reserved('Parameters that the service read out of the command.'),
    },
    { docLink: reference('job-command') },
  ),
);

/** What a command component has beside its name. */
const componentBody: [Record<string, Field>, Record<string, Field>] = [
  { command: commandText(), environment },
  {
    type,
    code: code('Folder that goes with the component, relative to this file.'),
    ...componentFields,
    resources: componentResources,
    distribution,
    queue_settings: queueSettings,
    environment_variables: environmentVariables,
    limits: commandLimits,
    additional_includes: additionalIncludes,
  },
];
export const commandComponent = define('commandComponent', () =>
  fields(
    'A command with typed inputs and outputs, for steps of pipelines.',
    { name: componentName, ...componentBody[0] },
    componentBody[1],
    {
      ...open,
      docLink: reference('component-command'),
    },
  ),
);
export const commandComponentInPlace = define('commandComponentInPlace', () =>
  fields(
    'A command component in place.',
    componentBody[0],
    { name: text('Name; not kept for a component in place.'), ...componentBody[1] },
    open,
  ),
);
