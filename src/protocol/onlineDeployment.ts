import { parseDuration } from '../base/duration.ts';
import { defaultWorkspace, workspacePath } from './arm.ts';

/** How it stands with an endpoint or a deployment; Azure's words. */
export type ProvisioningState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';

/** An online deployment, read from its ARM JSON, with Azure's defaults for what that leaves out. */
export interface OnlineDeployment {
  /** `workspace/endpoint/name`. */
  id: string;
  workspace: string;
  endpoint: string;
  name: string;
  state: ProvisioningState;
  /** Text of all that a server is made of. */
  generation: string;
  asked: string;
  served: string | undefined;
  instances: number;
  /** Id of a registered model. */
  model: string | undefined;
  environmentId: string | undefined;
  code: { codeId: string; scoringScript: string } | undefined;
  variables: Record<string, string>;
  /** ARM id, as data that is collected names it. */
  source: string;
  /** Which collections are kept, and of how many requests each (0 to 1); undefined: none. `headers` are kept with requests. */
  collector: { rates: ReadonlyMap<string, number>; headers: string[] } | undefined;
  /** Milliseconds that scoring may take. */
  timeoutMs: number;
  /** Milliseconds that a request may wait for an instance. */
  queueWaitMs: number;
  /** Requests that an instance works on at the same time. */
  concurrency: number;
  /** Milliseconds in which a server must be ready. */
  startMs: number;
  /** How a server is asked whether it is well; after so many failures it is started again. */
  liveness: { periodMs: number; timeoutMs: number; failures: number };
}

/** A request to a deployment. */
export interface DeploymentCall {
  method: string;
  /** With its query, as the script sees it. */
  path: string;
  headers: Headers;
  body: Uint8Array;
  /** The server's answer goes to the client as it is, also what is no success: its words are those of another API. */
  isPassedOn?: boolean;
  /** Aborts when the client has hung up. */
  signal: AbortSignal;
}

/** What the plane itself keeps of a deployment, and shows nobody. */
export interface DeploymentNotes {
  /** A new one each time that somebody creates or changes the deployment. */
  asked: string;
  served?: string | undefined;
}

type Properties = Record<string, any>;

export interface StoredDeployment {
  workspace: string;
  /** Of the endpoint. */
  name: string;
  /** The deployment's own name. */
  version: string;
  properties: Record<string, unknown>;
}

export function onlineDeploymentOf({ workspace, name: endpoint, version: name, properties: body }: StoredDeployment): OnlineDeployment {
  const properties = (body.properties ?? {}) as Properties;
  const { model, environmentId, codeConfiguration, environmentVariables = {}, requestSettings, livenessProbe, readinessProbe } = properties;
  const source = `${workspacePath({ ...defaultWorkspace, workspace })}/onlineEndpoints/${endpoint}/deployments/${name}`;
  const notes = (properties.updraft ?? { asked: '' }) as DeploymentNotes;
  const capacity = (body.sku as { capacity?: unknown } | undefined)?.capacity;
  const code =
    typeof codeConfiguration?.codeId === 'string' && typeof codeConfiguration.scoringScript === 'string'
      ? { codeId: codeConfiguration.codeId, scoringScript: codeConfiguration.scoringScript }
      : undefined;
  const variables = Object.fromEntries(Object.entries(environmentVariables).map(([key, value]) => [key, String(value)]));
  const ready = probeOf(readinessProbe ?? livenessProbe);
  const { periodMs, timeoutMs, failures } = probeOf(livenessProbe);
  return {
    id: `${workspace}/${endpoint}/${name}`,
    workspace,
    endpoint,
    name,
    state: (properties.provisioningState ?? 'Succeeded') as ProvisioningState,
    generation: JSON.stringify([model ?? null, environmentId ?? null, code ?? null, variables]),
    asked: notes.asked,
    served: notes.served,
    instances: typeof capacity === 'number' && capacity >= 0 ? capacity : 1,
    model: typeof model === 'string' ? model : undefined,
    environmentId: typeof environmentId === 'string' ? environmentId : undefined,
    code,
    variables,
    source,
    collector: collectorOf(properties.dataCollector),
    timeoutMs: parseDuration(requestSettings?.requestTimeout) || 5000,
    queueWaitMs: parseDuration(requestSettings?.maxQueueWait) ?? 500,
    concurrency: Math.max(1, Number(requestSettings?.maxConcurrentRequestsPerInstance ?? 1)),
    startMs: ready.delayMs + ready.periodMs * ready.failures,
    liveness: { periodMs, timeoutMs, failures },
  };
}

function collectorOf(given: Properties | undefined): OnlineDeployment['collector'] {
  const rates = new Map<string, number>();
  for (const [name, each] of Object.entries((given?.collections ?? {}) as Record<string, Properties | null>)) {
    if (String(each?.dataCollectionMode).toLowerCase() !== 'enabled') continue;
    const rate = Number(each?.samplingRate ?? given?.samplingRate ?? 1);
    if (rate > 0) rates.set(name.toLowerCase(), rate);
  }
  const headers: unknown = given?.requestLogging?.captureHeaders;
  return rates.size === 0 ? undefined : { rates, headers: Array.isArray(headers) ? headers.map(String) : [] };
}

function probeOf(probe: Properties | undefined) {
  return {
    delayMs: parseDuration(probe?.initialDelay) ?? 10_000,
    periodMs: Math.max(1000, parseDuration(probe?.period) ?? 10_000),
    timeoutMs: Math.max(1, parseDuration(probe?.timeout) ?? 2000),
    failures: Math.max(1, Number(probe?.failureThreshold ?? 30)),
  };
}
