import Type from 'typebox';

/** Parts of several kinds. Each field carries its documentation; keys, types and enums are declared nowhere else. */
export const literalTypes = ['string', 'number', 'integer', 'boolean'] as const;
export const dataTypes = ['uri_file', 'uri_folder', 'mltable'] as const;
export const modelTypes = ['custom_model', 'mlflow_model', 'triton_model'] as const;

export const stringMap = (description: string) => Type.Record(Type.String(), Type.String(), { description });

export const Literal = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

export const JobInputObject = Type.Object(
  {
    type: Type.Optional(
      Type.Enum([...literalTypes, ...dataTypes, ...modelTypes, 'path'], { description: 'What the input is; `uri_folder` when absent.' }),
    ),
    path: Type.Optional(Type.String({ description: 'A local path, a datastore uri, `azureml:name:version`, or a web address.' })),
    mode: Type.Optional(
      Type.Enum(['ro_mount', 'rw_mount', 'mount', 'download', 'direct', 'eval_mount', 'eval_download', 'upload'], {
        description: 'How the command gets it. `direct` hands on the uri itself.',
      }),
    ),
    value: Type.Optional(Literal),
    description: Type.Optional(Type.String()),
    optional: Type.Optional(Type.Boolean()),
    default: Type.Optional(Literal),
    intellectual_property: Type.Optional(Type.Unknown()),
    path_on_compute: Type.Optional(Type.String()),
    datastore: Type.Optional(Type.String()),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    enum: Type.Optional(Type.Array(Literal)),
  },
  { additionalProperties: false },
);
export const JobInputs = Type.Record(Type.String(), Type.Union([Literal, JobInputObject, Type.Null()]), {
  description: 'Values and data that the command reads as `${{inputs.name}}`.',
});

export const JobOutputObject = Type.Object(
  {
    type: Type.Optional(Type.Enum([...dataTypes, ...modelTypes, 'path'], { description: 'What the output is; `uri_folder` when absent.' })),
    path: Type.Optional(Type.String({ description: 'Where it is kept; a place of its own for each job when absent.' })),
    mode: Type.Optional(Type.Enum(['rw_mount', 'mount', 'upload', 'direct'])),
    name: Type.Optional(Type.String({ description: 'Registers the output under this name when the job completes.' })),
    version: Type.Optional(Type.String({ description: 'Version to register; the next one when absent.' })),
    description: Type.Optional(Type.String()),
    path_on_compute: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export const JobOutputs = Type.Record(Type.String(), Type.Union([JobOutputObject, Type.String(), Type.Null()]), {
  description: 'Folders and files that the command writes to `${{outputs.name}}`.',
});

export const ComponentInput = Type.Object(
  {
    type: Type.Enum([...literalTypes, ...dataTypes, ...modelTypes, 'path'], { description: 'What the input is.' }),
    description: Type.Optional(Type.String()),
    optional: Type.Optional(Type.Boolean({ description: 'It may be left out; its use in the command stands inside `$[[ ]]`.' })),
    default: Type.Optional(Literal),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    enum: Type.Optional(Type.Array(Literal)),
    mode: Type.Optional(Type.Enum(['ro_mount', 'rw_mount', 'mount', 'download', 'direct', 'eval_mount', 'eval_download'])),
    intellectual_property: Type.Optional(Type.Unknown()),
    datastore: Type.Optional(Type.String()),
    path: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export const ComponentOutput = Type.Object(
  {
    type: Type.Optional(Type.Enum([...dataTypes, ...modelTypes, ...literalTypes, 'path'])),
    description: Type.Optional(Type.String()),
    mode: Type.Optional(Type.Enum(['rw_mount', 'mount', 'upload', 'direct'])),
    path: Type.Optional(Type.String()),
    early_available: Type.Optional(Type.Boolean()),
    is_control: Type.Optional(Type.Boolean()),
    intellectual_property: Type.Optional(Type.Unknown()),
    name: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export const InlineEnvironment = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    image: Type.Optional(Type.String({ description: 'Container image; on this machine only curated names stand for packages.' })),
    conda_file: Type.Optional(
      Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown())], { description: 'A conda file, or its content.' }),
    ),
    build: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    description: Type.Optional(Type.String()),
    tags: Type.Optional(stringMap('Free labels.')),
    properties: Type.Optional(stringMap('Free facts.')),
    os_type: Type.Optional(Type.String()),
    inference_config: Type.Optional(Type.Unknown()),
    datastore: Type.Optional(Type.String()),
    type: Type.Optional(Type.String()),
    creation_context: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);
export const EnvironmentReference = Type.Union([Type.String(), InlineEnvironment], {
  description: '`azureml:name:version`, a curated name, an environment file (`file:…`), or an environment in place.',
});

export const Limits = Type.Object({
  timeout: Type.Optional(Type.Union([Type.Integer(), Type.String()], { description: 'Seconds after which the job is ended.' })),
});
export const Resources = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Instances and their size; on this machine what it has.',
});
export const Services = Type.Record(Type.String(), Type.Unknown());
