import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Names of the two quotas that are nobody's own: of all jobs of a workspace together, and of each person who has none of their own. */
export const workspaceQuota = 'workspace';
export const defaultQuota = 'default';

/** Days over which running hours are counted, where a quota says nothing else. */
export const usualWindowDays = 30;
export const bytesOfGb = 1_000_000_000;

/**
 * What jobs may use. What is absent is not limited; 0 allows none. `jobsAtOnce`: jobs that a runner has in hand, others wait. `runningHours`: within the last `windowDays` days, today among them; once they are used up, jobs are refused.
 * `storageGb`: GB (10⁹ bytes) under names of the workspace, or for a person those that the own jobs have written; beyond that, jobs and uploads are refused.
 */
export const QuotaLimits = Type.Object(
  {
    jobsAtOnce: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    storageGb: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000_000 })),
    runningHours: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000_000 })),
    windowDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 })),
  },
  { additionalProperties: false },
);
export type QuotaLimits = Static<typeof QuotaLimits>;

/** Body of `PUT …/workspaces/{w}/quotas/{name}`, where the name is `workspace`, `default` or a person's. It replaces what was there. */
export const QuotaBody = Type.Object({ properties: QuotaLimits });

/** What is used at this moment, in the units of the limits. */
export interface QuotaUse {
  jobsAtOnce: number;
  storageGb: number;
  runningHours: number;
}

/** One line of `GET …/workspaces/{w}/quotas`: the workspace, or a person who has a quota or uses something. */
export interface QuotaView {
  id: string;
  name: string;
  type: string;
  properties: {
    /** Whose it is: the workspace's, everybody's who has none of their own, or a person's. */
    of: 'workspace' | 'default' | 'person';
    /** What was set under this very name. */
    set?: QuotaLimits;
    /** What counts: of a person, the default where nothing of their own was set. */
    limits: QuotaLimits;
    /** Absent of the default. */
    used?: QuotaUse;
  };
}
