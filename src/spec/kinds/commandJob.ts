import Type from 'typebox';
import { EnvironmentReference, JobInputs, JobOutputs, Limits, Resources, Services, stringMap } from './shared.ts';

/** A command on data. Reference: learn.microsoft.com/azure/machine-learning/reference-yaml-job-command */
export const commandJobFields = {
  $schema: Type.Optional(Type.String()),
  type: Type.Optional(Type.Literal('command', { description: '`command`, which is also the default.' })),
  name: Type.Optional(Type.String({ description: 'Unique name; made up when absent.', pattern: '^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$' })),
  display_name: Type.Optional(Type.String({ description: 'What people read; need not be unique.' })),
  experiment_name: Type.Optional(
    Type.String({ description: "The experiment under which jobs are grouped; the folder's name when absent." }),
  ),
  description: Type.Optional(Type.String()),
  tags: Type.Optional(stringMap('Free labels, editable later.')),
  properties: Type.Optional(stringMap('Free facts, fixed.')),
  command: Type.String({ description: 'What the shell runs.' }),
  code: Type.Optional(Type.String({ description: 'The folder that is uploaded and in which the command runs.' })),
  environment: EnvironmentReference,
  environment_variables: Type.Optional(stringMap("Variables of the command's process.")),
  inputs: Type.Optional(JobInputs),
  outputs: Type.Optional(JobOutputs),
  compute: Type.Optional(Type.String({ description: 'Where it runs. On the embedded control plane every name means this machine.' })),
  resources: Type.Optional(Resources),
  limits: Type.Optional(Limits),
  distribution: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  identity: Type.Optional(Type.Unknown()),
  services: Type.Optional(Services),
  queue_settings: Type.Optional(Type.Unknown()),
  parent_job_name: Type.Optional(Type.String()),
  additional_includes: Type.Optional(Type.Array(Type.String(), { description: 'Files and folders outside of `code` that go with it.' })),
  creation_context: Type.Optional(Type.Unknown()),
  status: Type.Optional(Type.Unknown()),
  id: Type.Optional(Type.String()),
  log_files: Type.Optional(Type.Unknown()),
};

export const CommandJob = Type.Object(commandJobFields, { additionalProperties: false });
