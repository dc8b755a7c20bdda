import * as Type from 'typebox';

/** The input of a tool that works on a job's YAML. */
export const fileField = Type.String({
  description: 'Path of the YAML file of a job, whole or relative to the folder of the workspace.',
  minLength: 1,
  maxLength: 4096,
});
