import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import type { PlaneClient, WorkspaceResource } from '../../src/client/planeClient.ts';

const isSettled = ({ properties }: WorkspaceResource): boolean => ['Succeeded', 'Failed'].includes(String(properties.provisioningState));

/** Waits for the change after which `test` holds of a deployment; when absent, until it is ready or has failed. */
export async function deploymentWhen(
  client: PlaneClient,
  endpoint: string,
  name: string,
  test: (deployment: WorkspaceResource) => boolean = isSettled,
): Promise<WorkspaceResource> {
  const changes = new ChangeStream(client.http, { kinds: ['deployment'] });
  try {
    return await new Promise<WorkspaceResource>((resolve, reject) => {
      const look = () =>
        client.getResource(['onlineEndpoints', endpoint, 'deployments', name]).then((found) => test(found) && resolve(found), reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange((change) => change.id === `${endpoint}:${name}` && look());
    });
  } finally {
    changes.dispose();
  }
}

export const keysOf = (client: PlaneClient, endpoint: string): Promise<{ primaryKey: string; secondaryKey: string }> =>
  client.actOnResource(['onlineEndpoints', endpoint], 'listKeys');

export interface Invoked {
  status: number;
  text: string;
  headers: Headers;
  error: { code: string; message: string } | undefined;
}

/** Calls an endpoint as any client would. */
export async function invoke(
  { url }: { url: string },
  endpoint: string,
  body: unknown,
  { key, deployment, signal, headers = {} }: { key: string; deployment?: string; signal?: AbortSignal; headers?: Record<string, string> },
): Promise<Invoked> {
  const response = await fetch(`${url}/endpoints/${endpoint}/score`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(deployment ? { 'azureml-model-deployment': deployment } : {}),
      ...headers,
    },
  });
  const text = await response.text();
  let error: Invoked['error'];
  try {
    error = JSON.parse(text).error;
  } catch {
    // No JSON.
  }
  return { status: response.status, text, headers: response.headers, error };
}
