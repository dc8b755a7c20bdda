import type { Logger } from '../base/logger.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { Job } from '../protocol/job.ts';
import type { Components } from './pipeline/components.ts';
import type { EnvironmentContents } from './pipeline/environmentContents.ts';

/** A job that is part of another, as far as the other needs to know it. */
export type ChildJob = Pick<Job, 'name' | 'properties'>;

/** What every orchestration works with. */
export interface OrchestrationContext {
  client: PlaneClient;
  /** As whom it claims and reports. */
  runnerId: string;
  components: Components;
  environments: EnvironmentContents;
  logger: Logger;
  /** Aborts when the orchestrator ends; its jobs go on when the next one takes them up. */
  signal: AbortSignal;
  /** Tells of a job that was just created: it may be one that is orchestrated too. */
  onCreated(job: ChildJob): void;
  /** Whether the plane still takes a job for this orchestrator's own. */
  isOurs(name: string): Promise<boolean>;
  /** Nothing more is to be done about this job. */
  onEnded(name: string): void;
}

/** A job that is made of jobs, under way. All it remembers can be read again from the plane. None of its methods throws. */
export interface Orchestration {
  readonly name: string;
  /** Reads anew what there is on the plane, and goes on from there. Also how it begins. */
  refresh(): void;
  /** News of one of its children. */
  update(child: ChildJob): void;
  /** Someone asked to cancel it. */
  cancel(): void;
  /** Whether news of a child are of its creation by us, whose answer tells it. True once for each: what comes after it is news. */
  isOwnCreation?(child: string): boolean;
  /** A child has logged metrics with these keys; undefined: with any. Only what has it makes the plane tell of metrics. */
  metric?(child: string, keys: string[] | undefined): void;
  /** Does nothing any more. */
  dispose(): void;
}
