import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../base/userError.ts';
import { callEndpoint, endpointKeys } from '../../client/callEndpoint.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text, whole } from '../parsed.ts';
import { factsOf } from '../textParts.ts';
import { pathOf } from './resources.ts';

/** The keys with which an endpoint is called. */
export async function credentials(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const path = pathOf(parsed, 'onlineEndpoint');
  const value = await endpointKeys(client, path, (await client.getResource(path)).properties);
  return { value, text: () => factsOf(value) };
}

export async function regenerateKeys(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const type = text(parsed, 'key-type') ?? 'primary';
  await client.actOnResource(pathOf(parsed, 'onlineEndpoint'), 'regenerateKeys', {
    keyType: `${type.charAt(0).toUpperCase()}${type.slice(1)}`,
  });
  return { text: () => `There is a new ${type} key.` };
}

/** Calls an endpoint with its own key, and answers what it says. */
export async function invoke(parsed: Parsed, family: 'onlineEndpoint' | 'batchEndpoint'): Promise<Outcome> {
  const { client } = await connect(parsed);
  const path = pathOf(parsed, family);
  const file = text(parsed, 'request-file');
  const body = file === undefined ? requestOf(parsed) : readRequest(file);
  const answered = await callEndpoint(client, path, body, text(parsed, 'deployment-name'));
  const value = family === 'onlineEndpoint' ? answered : (JSON.parse(answered) as unknown);
  return { value, text: () => answered };
}

function readRequest(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('MissingFile', `The request ${file} can't be read: ${messageOf(error)}`);
  }
}

/** The body of a batch job. */
function requestOf(parsed: Parsed): string {
  const input = text(parsed, 'input');
  const jobInputType = text(parsed, 'input-type') ?? 'uri_folder';
  return JSON.stringify({
    properties: {
      ...(input === undefined ? {} : { inputData: { input: { jobInputType, uri: input } } }),
      ...(text(parsed, 'job-name') === undefined ? {} : { displayName: text(parsed, 'job-name') }),
      ...(text(parsed, 'experiment-name') === undefined ? {} : { experimentName: text(parsed, 'experiment-name') }),
    },
  });
}

export async function deploymentLogs(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const container = text(parsed, 'container');
  const { content } = await client.actOnResource<{ content: string }>(pathOf(parsed, 'onlineDeployment'), 'getLogs', {
    tail: whole(parsed, 'lines') ?? 50,
    ...(container === undefined ? {} : { containerType: container.replaceAll('-', '') }),
  });
  return { value: content, text: () => content };
}
