import type { Logger } from '../base/logger.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { ContentCache } from './contentCache.ts';
import type { EnvironmentPlan } from './environments/prepareEnvironment.ts';
import type { Executor } from './executors/executor.ts';
import type { TaskWatch } from './executors/taskWatch.ts';
import type { SystemMetrics } from './system/systemMetrics.ts';
import type { Trash } from './trash.ts';

/** What every part of a runner works with. */
export interface RunnerContext {
  client: PlaneClient;
  /** What a job needs and puts out is asked for with it: the job's own, or `client`. */
  ofJob: PlaneClient;
  runnerId: string;
  /** ARM id of the workspace. */
  workspaceId: string;
  /** Name of the compute that it is. */
  compute: string;
  planeUrl: string;
  /** What the job's command shows the plane; '' where no job is meant. */
  token: string;
  folder: string;
  environment: Record<string, string>;
  /** Further variables of every job's command, none of the tools that prepare it. */
  jobVariables: () => Promise<Record<string, string>>;
  logger: Logger;
  systemMetrics: SystemMetrics;
  /** Environments that were looked up, by id. */
  plans: Map<string, Promise<EnvironmentPlan>>;
  /** Contents that jobs needed, by SHA-256. */
  cache: ContentCache;
  /** Where commands run. */
  executor: Executor;
  /** News of the commands that run there. */
  tasks: TaskWatch;
  /** Where folders of ended jobs go. */
  trash: Trash;
  /** Aborts when the runner ends; commands go on. */
  signal: AbortSignal;
}
