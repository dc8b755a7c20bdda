import path from 'node:path';
import { aside } from '../base/aside.ts';
import type { Logger } from '../base/logger.ts';
import { systemTimers, type Timers } from '../base/timers.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { DeploymentRecords } from '../orchestrator/deployments/deployment.ts';
import { DeploymentLoop } from '../orchestrator/deployments/deploymentLoop.ts';
import type { DeploymentCall, OnlineDeployment } from '../protocol/onlineDeployment.ts';
import { ContentCache } from '../runner/contentCache.ts';
import { ProcessExecutor } from '../runner/executors/process/processExecutor.ts';
import { apiOf } from './apiOf.ts';
import { callDeployment } from './callDeployment.ts';
import { CollectedFiles } from './capture/collectedFiles.ts';
import { DataCapture } from './capture/dataCapture.ts';
import { keepCollected } from './capture/keepCollected.ts';
import { DeploymentServers } from './deploymentServers.ts';
import { swaggerOf } from './endpointApi.ts';
import type { ModelFileServer } from './modelFileServer.ts';
import { TrafficSplit } from './trafficSplit.ts';

export interface ServingOptions {
  /** Of the deployments: their files, logs and processes. */
  folder: string;
  /** Of the runner of the same plane, whose environments and cache are shared. */
  runnerFolder: string;
  records: DeploymentRecords<OnlineDeployment>;
  clientOf: (workspace: string) => PlaneClient;
  secret: string;
  environment: Record<string, string>;
  modelFiles: ModelFileServer;
  logger: Logger;
  now: () => number;
  timers?: Timers;
}

/** Serves the online deployments of a plane by processes of this machine. */
export class Serving {
  private readonly servers: DeploymentServers;
  private readonly loop: DeploymentLoop<OnlineDeployment>;
  private readonly clientOf: (workspace: string) => PlaneClient;
  private readonly records: DeploymentRecords<OnlineDeployment>;
  private readonly logger: Logger;
  private readonly collected: CollectedFiles;
  private readonly capture: DataCapture;
  private readonly splits = new Map<string, { traffic: TrafficSplit; mirror: TrafficSplit }>();

  constructor({
    folder,
    runnerFolder,
    records,
    clientOf,
    secret,
    environment,
    modelFiles,
    logger,
    now,
    timers = systemTimers,
  }: ServingOptions) {
    this.records = records;
    this.clientOf = clientOf;
    this.logger = logger;
    this.servers = new DeploymentServers({
      folder,
      runnerFolder,
      executor: new ProcessExecutor(path.join(folder, 'tasks')),
      cache: new ContentCache(path.join(runnerFolder, 'cache')),
      clientOf,
      secret,
      environment,
      modelFiles,
      logger,
    });
    this.collected = new CollectedFiles({
      write: async (deployment, file, text) => {
        const [workspace] = deployment.split('/');
        await keepCollected(clientOf(workspace!), file, text);
      },
      logger,
      timers,
    });
    this.capture = new DataCapture(this.collected, { now });
    this.loop = new DeploymentLoop({ records, servers: this.servers, logger, now });
  }

  /** Whether there is a deployment that should answer: who calls it expects the plane to be there. */
  async isNeeded(): Promise<boolean> {
    return (await this.records.all()).some(({ state, served, instances }) => instances > 0 && (state !== 'Failed' || served !== undefined));
  }

  async call(deployment: OnlineDeployment, call: DeploymentCall): Promise<Response> {
    return this.capture.collect(deployment, call, await callDeployment(this.servers, deployment, call, this.logger));
  }

  /** A request that somebody else's is copied to. What becomes of it is told to nobody. */
  mirror(deployment: OnlineDeployment, call: Omit<DeploymentCall, 'signal'>): void {
    const nobody = new AbortController().signal;
    aside(
      'mirrored request',
      this.call(deployment, { ...call, signal: nobody }).then((answer) => answer.arrayBuffer()),
      this.logger,
    );
  }

  /** The deployments of an endpoint whose turn it is: to answer, and to get a copy. */
  turn(
    endpoint: string,
    traffic: Record<string, number>,
    mirrorTraffic: Record<string, number>,
  ): { answers: string | undefined; copied: string | undefined } {
    let split = this.splits.get(endpoint);
    if (!split) {
      split = { traffic: new TrafficSplit(), mirror: new TrafficSplit() };
      this.splits.set(endpoint, split);
    }
    return { answers: split.traffic.next(traffic), copied: split.mirror.next(mirrorTraffic, 100) };
  }

  async swaggerOf(deployment: OnlineDeployment, url: string, version: 2 | 3, signal: AbortSignal): Promise<object | undefined> {
    const api = await apiOf(this.clientOf(deployment.workspace), deployment, signal);
    return api && swaggerOf(api, url, version);
  }

  logOf(deployment: string, what: 'preparation' | 'servers' | 'all', lines: number): string {
    return this.servers.logOf(deployment, what, lines);
  }

  /** Ends all servers: without the plane nobody can call them. */
  async dispose(): Promise<void> {
    await this.collected.flush();
    this.loop.dispose();
    await this.loop.settled();
    await this.servers.dispose();
  }
}
