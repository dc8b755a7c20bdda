import Type from 'typebox';
import { ComponentInput, ComponentOutput, EnvironmentReference, Limits, Resources, stringMap } from './shared.ts';

/** Fields of every component. */
export const componentFields = {
  $schema: Type.Optional(Type.String()),
  name: Type.Optional(Type.String({ description: 'Name under which it is registered.', pattern: '^[a-z][a-z\\d_]*$' })),
  version: Type.Optional(Type.String()),
  display_name: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  tags: Type.Optional(stringMap('Free labels.')),
  properties: Type.Optional(stringMap('Free facts.')),
  inputs: Type.Optional(
    Type.Union([Type.Record(Type.String(), ComponentInput), Type.Null()], { description: 'What a step has to give it.' }),
  ),
  outputs: Type.Optional(Type.Union([Type.Record(Type.String(), ComponentOutput), Type.Null()], { description: 'What it writes.' })),
  is_deterministic: Type.Optional(
    Type.Boolean({ description: 'Same inputs, same outputs: the result of an earlier run is reused. True when absent.' }),
  ),
  intellectual_property: Type.Optional(Type.Unknown()),
  creation_context: Type.Optional(Type.Unknown()),
  id: Type.Optional(Type.String()),
};

/** A command with typed inputs and outputs. Reference: learn.microsoft.com/azure/machine-learning/reference-yaml-component-command */
export const CommandComponent = Type.Object(
  {
    ...componentFields,
    type: Type.Optional(Type.Literal('command')),
    command: Type.String({ description: 'What the shell runs.' }),
    code: Type.Optional(Type.String({ description: 'The folder that goes with it, relative to this file.' })),
    environment: EnvironmentReference,
    environment_variables: Type.Optional(stringMap("Variables of the command's process.")),
    resources: Type.Optional(Resources),
    limits: Type.Optional(Limits),
    distribution: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    additional_includes: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
