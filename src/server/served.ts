import type { DeploymentCall, OnlineDeployment } from '../protocol/onlineDeployment.ts';

/** What serves the online deployments of this plane. */
export interface Served {
  isNeeded(): Promise<boolean>;
  call(deployment: OnlineDeployment, call: DeploymentCall): Promise<Response>;
  mirror(deployment: OnlineDeployment, call: Omit<DeploymentCall, 'signal'>): void;
  turn(
    endpoint: string,
    traffic: Record<string, number>,
    mirrorTraffic: Record<string, number>,
  ): { answers: string | undefined; copied: string | undefined };
  /** What the deployment is asked and answers, as a document of the endpoint at `url`; undefined where nobody has said. */
  swaggerOf(deployment: OnlineDeployment, url: string, version: 2 | 3, signal: AbortSignal): Promise<object | undefined>;
  logOf(deployment: string, what: 'preparation' | 'servers' | 'all', lines: number): string;
}
