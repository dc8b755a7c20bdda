import type { Disposable } from '../../base/disposable.ts';
import type { JobError } from '../../protocol/job.ts';

export type DeploymentState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';

/** A deployment as it is wanted. */
export interface Deployment {
  /** `workspace/endpoint/name`, which no other deployment of the plane has. */
  id: string;
  state: DeploymentState;
  /** Stands for all that a server is made of: another one needs other servers. */
  generation: string;
  /** Stands for the last time that somebody asked for it: a failure from before says nothing any more. */
  asked: string;
  /** The generation whose servers were ready once. */
  served: string | undefined;
  /** How many servers there are to be. */
  instances: number;
}

/** A server process of a deployment, or one that is being started. */
export interface Server {
  id: string;
  deployment: string;
  generation: string;
  asked: string;
  phase: 'starting' | 'ready' | 'stopping';
}

/** A server that has ended, or could not be started. */
export interface EndedServer extends Omit<Server, 'phase'> {
  why: JobError;
  /** Milliseconds for which it was ready; undefined when it never was. */
  readyFor: number | undefined;
}

/** The deployments that the plane keeps, of all workspaces. */
export interface DeploymentRecords<D extends Deployment = Deployment> {
  all(): Promise<D[]>;
  /** Writes how it stands. Does nothing when somebody has asked for something else meanwhile. */
  report(deployment: D, outcome: { state: 'Succeeded' } | { state: 'Failed'; error: JobError }): Promise<void>;
  /** Removes one that is being deleted, and the endpoint with it when that is being deleted too and this was its last one. */
  remove(deployment: D): Promise<void>;
  onDidChange(listener: () => void): Disposable;
}

/** The servers of this machine. */
export interface Servers<D extends Deployment = Deployment> {
  /** Takes up those that an earlier plane left. */
  settleIn(deployments: readonly D[]): Promise<void>;
  present(): readonly Server[];
  /** Those that have ended since it was asked last. */
  takeEnded(): EndedServer[];
  /** Begins to start one more server. Its failure is told as its end. */
  start(deployment: D): void;
  /** Begins to stop a server. It is present until it is gone. */
  stop(id: string): void;
  /** Frees the disk of what a deployment that is gone has left. */
  free(deployment: string): Promise<void>;
  onDidChange(listener: () => void): Disposable;
  dispose(): Promise<void>;
}
