import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';

/** A request to a deployment. */
export interface ScoringCall {
  method: string;
  path: string;
  headers: Headers;
  body: Uint8Array;
  /** The answer goes to the client as it is. */
  isPassedOn?: boolean;
  signal: AbortSignal;
}

/** What serves the online deployments of this plane. */
export interface Served {
  isNeeded(): Promise<boolean>;
  call(deployment: OnlineDeployment, call: ScoringCall): Promise<Response>;
  mirror(deployment: OnlineDeployment, call: Omit<ScoringCall, 'signal'>): void;
  turn(
    endpoint: string,
    traffic: Record<string, number>,
    mirrorTraffic: Record<string, number>,
  ): { answers: string | undefined; copied: string | undefined };
  logOf(deployment: string, what: 'preparation' | 'servers' | 'all', lines: number): string;
}
