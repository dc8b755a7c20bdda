import type { Static } from 'typebox';
import * as Type from 'typebox';
import { JobProperties } from './job.ts';

/**
 * Body of `PUT /updraft/copies/{job}`: a job that has ended on another control plane, with its name there. `tags` are all of its run's, MLflow's own
 * among them. Its metrics, files and log follow by the routes that every job has.
 */
export const CopiedJob = Type.Object({
  /** Where it ran: the id of the control plane, and the workspace. */
  origin: Type.Object({ plane: Type.String({ minLength: 1, maxLength: 100 }), workspace: Type.String({ minLength: 1, maxLength: 260 }) }),
  /** ISO-8601: when it was submitted. */
  createdAt: Type.String(),
  properties: JobProperties,
  tags: Type.Record(Type.String(), Type.String()),
  params: Type.Array(Type.Object({ key: Type.String(), value: Type.String() })),
});
export type CopiedJob = Static<typeof CopiedJob>;

/** The value of `jobProperty.origin`. */
export const originText = ({ plane, workspace }: CopiedJob['origin']): string => `${plane}/${workspace}`;
