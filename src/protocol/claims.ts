import type { Static } from 'typebox';
import * as Type from 'typebox';
import { originOf } from './copiedJob.ts';
import { Job } from './job.ts';
import { jobTypeOf } from './jobTypes.ts';

/** Who claims a job: nobody here where it is the copy of one elsewhere (`origin`); undefined for a run of MLflow's clients, which is nobody's to run. */
export function claimantOf(properties: {
  jobType: string;
  command?: string;
  properties?: Record<string, string> | undefined;
}): 'orchestrator' | 'runner' | 'origin' | undefined {
  if (originOf(properties) !== undefined) return 'origin';
  if (jobTypeOf(properties.jobType)?.orchestratedBy) return 'orchestrator';
  return properties.command ? 'runner' : undefined;
}

/**
 * Body of `POST /updraft/claims`, sent by a runner or the orchestrator: who it is, which jobs it has (`holds`), and how many more it can take. The request also renews its leases, so it is
 * sent at least every `heartbeatMs`. Repeating it is harmless.
 */
export const ClaimRequest = Type.Object({
  runnerId: Type.String({ minLength: 1, maxLength: 200 }),
  /** The computes whose jobs it takes. */
  computes: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 }),
  /** Also the jobs without a compute, and those of names that no runner serves: the cloud's computes, for which this machine stands in. */
  others: Type.Optional(Type.Boolean()),
  /** Pipelines and sweeps instead of commands. */
  orchestrates: Type.Optional(Type.Boolean()),
  room: Type.Integer({ minimum: 0, maximum: 10_000 }),
  /** How many jobs run there at the same time: what is beyond that is made ready ahead. Less those of other workspaces that the same machine has in hand. */
  places: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  /** Of `holds`: what is ready and waits for a place. */
  ready: Type.Optional(Type.Array(Type.String(), { maxItems: 10_000 })),
  holds: Type.Array(Type.String(), { maxItems: 100_000 }),
});
export type ClaimRequest = Static<typeof ClaimRequest>;

/** Answer of `POST /updraft/claims`. */
export const ClaimAnswer = Type.Object({
  /** Jobs that the runner has now and did not name: new ones, and those whose answer it missed or that it had before it was restarted. */
  jobs: Type.Array(Job),
  /** Of each of these jobs the token that its command gets, by the job's name: it opens that job's run alone. */
  tokens: Type.Record(Type.String(), Type.String()),
  /** Of those that it named: what is not its own any more. Its reports on them are refused. */
  lost: Type.Array(Type.String()),
  /** Of those that it named: what someone asked to cancel. */
  canceled: Type.Array(Type.String()),
  /** Of those that it named: what is to be stopped and handed back, since a job of a higher tier waits for its place; by name, with the name of that job. */
  givesWay: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Milliseconds after which to ask again at the latest. */
  heartbeatMs: Type.Integer(),
});
export type ClaimAnswer = Static<typeof ClaimAnswer>;

/** Most names of one `POST /updraft/jobs`. */
export const mostJobsNamed = 1000;

/** Body of `POST /updraft/jobs`: answered with `{value: Job[]}`, those that there are. */
export const NamedJobs = Type.Object({ names: Type.Array(Type.String(), { maxItems: mostJobsNamed }) });
