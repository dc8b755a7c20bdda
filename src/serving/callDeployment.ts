import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { aside } from '../base/aside.ts';
import { wait } from '../base/backOff.ts';
import type { Logger } from '../base/logger.ts';
import type { DeploymentCall, OnlineDeployment } from '../protocol/onlineDeployment.ts';
import type { DeploymentServers, ServerEntry } from './deploymentServers.ts';
import { type ServerAnswer, ServerGone } from './serverConnection.ts';

/** Milliseconds that a script has to stop when nobody waits for it any more, before its server is started again. */
const stopsWithin = 2000;
/** Servers that are tried for one request. */
const mostTries = 3;
/** Headers that are between the client and the plane. */
const notPassedOn =
  /^(?:authorization|host|connection|content-length|transfer-encoding|accept-encoding|expect|azureml-model-deployment|x-updraft-.*)$/i;

/** Has one of a deployment's servers answer a request. Whatever goes wrong is an answer, in Azure's words. */
export async function callDeployment(
  servers: DeploymentServers,
  deployment: OnlineDeployment,
  call: DeploymentCall,
  logger: Logger,
): Promise<Response> {
  const { id, name, instances, concurrency, timeoutMs } = deployment;
  const queue = servers.queueOf(id);
  // Azure has twice as many requests in hand as are worked on at once.
  if (queue.length >= Math.max(1, instances) * concurrency)
    return failure(429, 'TooManyPendingRequests', `${name} has ${queue.length} requests waiting already.`, {}, name);
  const headers: OutgoingHttpHeaders = {};
  for (const [key, value] of call.headers) if (!notPassedOn.test(key)) headers[key] = value;

  let place = await takePlace(servers, deployment, call.signal);
  for (let tries = 0; !(place instanceof Response); tries++) {
    const entry: ServerEntry = place;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    const request = { method: call.method, path: call.path, headers, body: call.body, name: randomUUID() };
    const answered = entry.connection!.send(request);
    const free = () => queue.leave(entry);
    answered.then(({ over }) => over.then(free), free);
    try {
      const answer = await Promise.race([answered, aborted(AbortSignal.any([late.signal, call.signal]))]);
      if (answer) return call.isPassedOn ? passedOn(answer, deployment) : shown(answer, deployment);
      // Of a client that has hung up, the script may use the rest of its time: to end it would harm others more.
      giveUp(servers, entry, answered, request.name, logger, call.signal.aborted ? timeoutMs : 0);
      if (call.signal.aborted) return failure(499, 'ClientClosedRequest', 'The client has hung up.', {}, name);
      return failure(
        408,
        'RequestTimeout',
        `${name} did not answer within ${timeoutMs} ms (request_settings.request_timeout_ms).`,
        { 'ms-azureml-model-error-reason': 'model_timeout', 'ms-azureml-model-error-statuscode': '408' },
        name,
      );
    } catch (error) {
      if (!(error instanceof ServerGone)) throw error;
      if (!error.isUnsent || tries >= mostTries)
        return failure(
          502,
          'BadGateway',
          `The server of ${name} went away while it answered: ${error.message}. It is started again.`,
          { 'ms-azureml-model-error-reason': 'model_connection_lost', 'ms-azureml-model-error-statuscode': '502' },
          name,
        );
      // It has not seen the request, so another one may.
      servers.replace(entry, 'it takes no connections any more');
      place = await takePlace(servers, deployment, call.signal);
    } finally {
      clearTimeout(timer);
    }
  }
  return place;
}

/** A place at an instance, or the answer that there is none. A deployment that just starts is waited for as long as a request may take. */
async function takePlace(servers: DeploymentServers, deployment: OnlineDeployment, signal: AbortSignal): Promise<ServerEntry | Response> {
  const { id, name, concurrency, queueWaitMs, timeoutMs, state, instances } = deployment;
  const queue = servers.queueOf(id);
  const isReady = servers.present().some((each) => each.deployment === id && each.phase === 'ready');
  if (!isReady && (instances === 0 || (state === 'Failed' && deployment.served !== deployment.generation) || state === 'Deleting'))
    return failure(
      503,
      'ServiceUnavailable',
      instances === 0 ? `${name} has no instances.` : `${name} does not serve: its state is ${state}.`,
      {},
      name,
    );
  const instance = await queue.take(concurrency, isReady ? queueWaitMs : Math.max(queueWaitMs, timeoutMs), signal);
  if (instance) return instance;
  if (!isReady) return failure(503, 'ServiceUnavailable', `${name} has no server that is ready yet.`, { 'retry-after': '2' }, name);
  return failure(
    429,
    'TooManyPendingRequests',
    `All instances of ${name} are busy, and the request has waited ${queueWaitMs} ms (request_settings.max_queue_wait_ms).`,
    { 'retry-after': '1' },
    name,
  );
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

/** Nobody waits for a request any more: the script is stopped where it can be, else its server is started again. */
function giveUp(
  servers: DeploymentServers,
  entry: ServerEntry,
  answered: Promise<unknown>,
  name: string,
  logger: Logger,
  /** Milliseconds that the script is left to end by itself. */
  patience: number,
): void {
  const over = answered.then(
    () => true,
    () => true,
  );
  const within = (ms: number) => Promise.race([over, wait(ms).then(() => false)]);
  const end = async () => {
    await entry.connection!.stop(name).catch(() => {});
    if (await within(stopsWithin + patience)) return;
    servers.replace(entry, 'its script goes on with a request that nobody waits for');
  };
  aside('request that was given up', end(), logger);
}

function passedOn({ status, headers, body }: ServerAnswer, { name }: OnlineDeployment): Response {
  return new Response(contentOf(body), {
    status,
    headers: { 'content-type': headers['content-type'] ?? 'application/json', 'azureml-model-deployment': name },
  });
}

/** A server's answer as Azure passes it on: what is no success is one of the model's errors. */
function shown({ status, headers: given, body }: ServerAnswer, { name }: OnlineDeployment): Response {
  const headers = new Headers({ 'azureml-model-deployment': name });
  for (const [key, value] of Object.entries(given))
    if (
      typeof value === 'string' &&
      !/^(?:connection|keep-alive|content-length|transfer-encoding|x-updraft-.*|x-ms-run-function-failed)$/.test(key)
    )
      headers.set(key, value);
  const content = contentOf(body);
  if (status >= 200 && status < 300) return new Response(isBodiless(status) ? null : content, { status, headers });
  const outcome = given['x-updraft-outcome'];
  headers.set('ms-azureml-model-error-statuscode', String(status));
  if (outcome === undefined) {
    // The script's own answer.
    headers.set('ms-azureml-model-error-reason', 'model_error');
    return new Response(content, { status: 424, headers });
  }
  const said = messageIn(body);
  const message =
    outcome === 'Raised' ? `The scoring script of ${name} failed: ${said}` : outcome === 'Refused' ? said : 'The request was stopped.';
  return failure(
    424,
    'ModelError',
    message,
    { 'ms-azureml-model-error-statuscode': String(status), 'ms-azureml-model-error-reason': forHeader(said) },
    name,
    outcome === 'Raised' ? 'updraft online-deployment get-logs has the traceback.' : undefined,
  );
}

const contentOf = (body: ServerAnswer['body']): BodyInit => (Buffer.isBuffer(body) ? new Uint8Array(body) : body);

const isBodiless = (status: number): boolean => status === 204 || status === 205;

function messageIn(body: ServerAnswer['body']): string {
  if (!Buffer.isBuffer(body)) return 'it says no more';
  try {
    return String(JSON.parse(body.toString('utf8')).error.message);
  } catch {
    return 'it says no more';
  }
}

/** What a header can hold of a text. */
const forHeader = (text: string): string => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 300);

/** An answer in ARM's shape of errors. */
export function failure(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
  deployment?: string,
  hint?: string,
): Response {
  const additionalInfo = hint === undefined ? [] : [{ type: 'Hint', info: { hint } }];
  return Response.json(
    { error: { code, message, target: null, details: [], additionalInfo } },
    { status, headers: { ...(deployment === undefined ? {} : { 'azureml-model-deployment': deployment }), ...headers } },
  );
}
