import Type from 'typebox';
import { dataTypes, InlineEnvironment, modelTypes, stringMap } from './shared.ts';

const common = {
  $schema: Type.Optional(Type.String()),
  version: Type.Optional(Type.String({ description: 'The next one when absent.' })),
  description: Type.Optional(Type.String()),
  tags: Type.Optional(stringMap('Free labels.')),
  properties: Type.Optional(stringMap('Free facts.')),
};

/** Reference: learn.microsoft.com/azure/machine-learning/reference-yaml-data */
export const Data = Type.Object(
  {
    ...common,
    name: Type.String(),
    path: Type.String({ description: 'A local path, a datastore uri or a web address.' }),
    type: Type.Optional(Type.Enum([...dataTypes], { description: '`uri_folder` when absent.' })),
    datastore: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** Reference: learn.microsoft.com/azure/machine-learning/reference-yaml-model */
export const Model = Type.Object(
  {
    ...common,
    name: Type.String(),
    path: Type.String({ description: 'A local path, a datastore uri, or `azureml://jobs/J/outputs/O`.' }),
    type: Type.Optional(Type.Enum([...modelTypes], { description: '`custom_model` when absent.' })),
    flavors: Type.Optional(Type.Unknown()),
    stage: Type.Optional(Type.String()),
    datastore: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** Reference: learn.microsoft.com/azure/machine-learning/reference-yaml-environment */
export const Environment = Type.Object({ ...InlineEnvironment.properties, name: Type.String() }, { additionalProperties: false });
