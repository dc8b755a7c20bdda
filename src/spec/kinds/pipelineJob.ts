import Type from 'typebox';
import { componentFields } from './commandComponent.ts';
import { commandJobFields } from './commandJob.ts';
import { JobInputs, JobOutputs, stringMap } from './shared.ts';

const { command, environment, ...optionalFields } = commandJobFields;

/** A step: a component by file or name with its bindings, or a command job in place. */
export const PipelineStep = Type.Object(
  {
    ...optionalFields,
    type: Type.Optional(Type.Enum(['command', 'pipeline'], { description: 'What kind of step it is.' })),
    component: Type.Optional(
      Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown())], {
        description: "A component's file, `azureml:name:version`, or the component in place.",
      }),
    ),
    command: Type.Optional(command),
    environment: Type.Optional(environment),
    trial: Type.Optional(Type.Unknown()),
    settings: Type.Optional(Type.Unknown()),
    jobs: Type.Optional(Type.Unknown()),
    comment: Type.Optional(Type.String()),
    is_deterministic: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const PipelineSettings = Type.Object(
  {
    default_compute: Type.Optional(Type.String({ description: 'Compute of the steps that name none.' })),
    default_datastore: Type.Optional(Type.String()),
    continue_on_step_failure: Type.Optional(Type.Boolean({ description: 'Steps that do not depend on a failed one still run.' })),
    continue_on_failed_optional_input: Type.Optional(Type.Boolean()),
    force_rerun: Type.Optional(Type.Boolean({ description: 'Nothing is reused from earlier runs.' })),
    on_init: Type.Optional(Type.String()),
    on_finalize: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** Steps that feed one another. Reference: learn.microsoft.com/azure/machine-learning/reference-yaml-job-pipeline */
export const PipelineJob = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    type: Type.Literal('pipeline'),
    name: commandJobFields.name,
    display_name: commandJobFields.display_name,
    experiment_name: commandJobFields.experiment_name,
    description: Type.Optional(Type.String()),
    tags: Type.Optional(stringMap('Free labels, editable later.')),
    properties: Type.Optional(stringMap('Free facts, fixed.')),
    compute: Type.Optional(Type.String()),
    component: Type.Optional(Type.Unknown()),
    settings: Type.Optional(PipelineSettings),
    inputs: Type.Optional(JobInputs),
    outputs: Type.Optional(JobOutputs),
    jobs: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), { description: 'The steps by name.' }),
    identity: Type.Optional(Type.Unknown()),
    id: Type.Optional(Type.String()),
    status: Type.Optional(Type.Unknown()),
    creation_context: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

/** A pipeline that is a step of others. */
export const PipelineComponent = Type.Object(
  {
    ...componentFields,
    type: Type.Literal('pipeline'),
    jobs: PipelineJob.properties.jobs,
    settings: Type.Optional(Type.Unknown()),
    source_job: Type.Optional(Type.Unknown()),
    source_job_id: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
