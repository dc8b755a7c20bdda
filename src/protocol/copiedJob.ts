import type { Static } from 'typebox';
import * as Type from 'typebox';
import { JobProperties, jobProperty } from './job.ts';
import { SharedNews } from './sharedFields.ts';

/**
 * Body of `PUT /updraft/copies/{job}`: a job of another control plane as it is now, with its name there. What people write on either plane (its tags, its display name and
 * the like) is in `shared` alone. Its metrics, files and log follow by the routes that every job has. Of a job that has not ended it is sent again at least every `copyHeartbeatMs`.
 */
export const CopiedJob = Type.Object({
  /** Where it ran: the id of the control plane, and the workspace. */
  origin: Type.Object({ plane: Type.String({ minLength: 1, maxLength: 100 }), workspace: Type.String({ minLength: 1, maxLength: 260 }) }),
  /** How new this is: it knows the change log there at least up to here. What is older than the copy changes nothing, however late it comes. */
  asOf: Type.Object({ epoch: Type.String({ minLength: 1, maxLength: 100 }), seq: Type.Integer({ minimum: 0 }) }),
  /** ISO-8601: when it was submitted. */
  createdAt: Type.String(),
  properties: JobProperties,
  shared: SharedNews,
  params: Type.Array(Type.Object({ key: Type.String(), value: Type.String() })),
});
export type CopiedJob = Static<typeof CopiedJob>;

/** What its receiver says: whether the copy was changed, what is newer there, all conflicts, and the fields that were not taken, since they claim to be from the future. */
export interface CopyAnswer {
  changed: boolean;
  shared: SharedNews;
  ahead: string[];
}

/** Milliseconds after which a job that runs elsewhere is told of again, though nothing is new. */
export const copyHeartbeatMs = 60_000;

/** Properties that mean something on the plane where the job ran, and nowhere else. On another one they would have its outputs reused for other steps, or a process looked for that is not there. */
export const ofItsPlane: ReadonlySet<string> = new Set([
  jobProperty.reuseKey,
  jobProperty.handle,
  jobProperty.givesWayTo,
  jobProperty.originAsOf,
  jobProperty.originHeardAt,
  jobProperty.isShared,
]);

/** The value of `jobProperty.origin`. */
export const originText = ({ plane, workspace }: CopiedJob['origin']): string => `${plane}/${workspace}`;

/** Where a job ran that is here as a copy: `originText`; undefined for one that was submitted here. */
export const originOf = ({ properties }: { properties?: Record<string, string> | undefined }): string | undefined =>
  properties?.[jobProperty.origin];

/** For a sentence. */
export function placeOfOrigin(origin: string): string {
  const [plane, workspace] = origin.split('/');
  return `workspace ${workspace} of the control plane ${plane!.slice(0, 8)}`;
}
