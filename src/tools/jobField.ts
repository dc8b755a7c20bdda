import * as Type from 'typebox';

/** The input of a tool that is about one job. */
export const jobField = Type.String({ description: "The job's name, as list_jobs has it.", minLength: 1, maxLength: 255 });

/** No field that a tool does not know: what a model misspells it should hear of. */
export const fields = <P extends Record<string, Type.TSchema>>(properties: P) => Type.Object(properties, { additionalProperties: false });
