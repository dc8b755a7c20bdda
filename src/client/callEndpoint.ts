import type { PlaneClient } from './planeClient.ts';

/** What opens an endpoint: its keys, or a token for one that takes none. */
export const endpointKeys = (
  client: PlaneClient,
  path: readonly string[],
  { authMode }: Record<string, unknown>,
): Promise<Record<string, unknown>> => client.actOnResource(path, String(authMode).toLowerCase() === 'key' ? 'listKeys' : 'token');

/** Calls an endpoint with its own key, and answers what it says. Throws a `UserError` for every answer that is no success. `path` is the endpoint's. */
export async function callEndpoint(client: PlaneClient, path: readonly string[], body: string, deployment?: string): Promise<string> {
  const { properties } = await client.getResource(path);
  const { primaryKey, accessToken } = await endpointKeys(client, path, properties);
  const address = `${client.http.url}${new URL(String(properties.scoringUri)).pathname}`;
  const response = await fetch(address, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${primaryKey ?? accessToken}`,
      ...(deployment ? { 'azureml-model-deployment': deployment } : {}),
    },
  });
  return (await client.http.checked(response, `POST ${address}`)).text();
}
