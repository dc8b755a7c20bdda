import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import { answerRequest, type OpenAiRoute } from '../openai/answerRequest.ts';
import { openAiError } from '../openai/errors.ts';
import type { Served } from './served.ts';

export interface ModelServerOptions {
  served: Served;
  /** What callers see of the model. */
  name: string;
  secret: string;
  logger: Logger;
}

/** Milliseconds without a word of the plane after which the server ends itself: it was killed, or is another one now. */
const forgottenAfter = 120_000;
const routes: Record<string, OpenAiRoute> = {
  '/v1/chat/completions': '/chat/completions',
  '/v1/completions': '/completions',
  '/v1/embeddings': '/embeddings',
};

/** Answers Azure's `/score`, and OpenAI's API below `/v1` where the model takes texts. */
export function modelServer({ served, name, secret, logger }: ModelServerOptions): Server {
  const underWay = new Map<string, AbortController>();
  let forgotten = setTimeout(end, forgottenAfter);

  async function answer(request: IncomingMessage, signal: AbortSignal): Promise<Response> {
    const { pathname } = new URL(request.url!, 'http://127.0.0.1');
    const asked = { signal, logger };
    if (pathname === '/v1/models')
      return Response.json({ object: 'list', data: [{ id: name, object: 'model', created: 0, owned_by: 'endpoint' }] });
    if (request.method !== 'POST') throw new UserError('NotFound', `There is no ${request.method} ${pathname.slice(0, 100)} here.`);
    const body = await bodyOf(request);
    // There is one model, whatever it is called in the request.
    if (pathname in routes && served.openAi) return answerRequest(routes[pathname]!, { ...body, model: name }, served.openAi, asked);
    if (pathname === '/score') return served.score(body, asked);
    throw new UserError('NotFound', `There is no ${pathname.slice(0, 100)} here: ${served.places}.`);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    clearTimeout(forgotten);
    forgotten = setTimeout(end, forgottenAfter);
    const url = new URL(request.url!, 'http://127.0.0.1');
    const said = request.headers['x-updraft-secret'] === secret ? plain(url) : 403;
    if (said !== undefined) {
      response.writeHead(said).end();
      return;
    }
    const stop = new AbortController();
    const id = String(request.headers['x-updraft-request'] ?? '');
    underWay.set(id, stop);
    response.once('close', () => stop.abort(new Error('The client has hung up.')));
    try {
      const answered = await answer(request, stop.signal).catch((error: unknown) => {
        const { body, status } = openAiError(error);
        if (status === 500 && !stop.signal.aborted) logger.error(`${request.method} ${url.pathname}`, error);
        return Response.json(body, { status, headers: { 'x-updraft-outcome': status < 500 ? 'Refused' : 'Raised' } });
      });
      const headers = Object.fromEntries(answered.headers);
      if (headers['content-type'] === 'text/event-stream' && answered.body) {
        response.writeHead(answered.status, headers);
        await pipeline(Readable.fromWeb(answered.body as Parameters<typeof Readable.fromWeb>[0]), response);
      } else {
        const whole = Buffer.from(await answered.arrayBuffer());
        response.writeHead(answered.status, { ...headers, 'content-length': whole.length }).end(whole);
      }
    } finally {
      underWay.delete(id);
    }
  }

  /** What the plane itself asks; answers the status. */
  function plain({ pathname, searchParams }: URL): number | undefined {
    if (pathname === '/-/stop') underWay.get(searchParams.get('request') ?? '')?.abort(new Error('stopped'));
    return pathname === '/-/health' || pathname === '/-/stop' ? 200 : undefined;
  }

  function end(): void {
    logger.info('the control plane is gone: ending');
    process.exit(0);
  }

  return createServer((request, response) => {
    handle(request, response).catch((error) => {
      // Somebody hung up in the middle of an answer.
      logger.debug(String(error));
      response.destroy();
    });
  });
}

/** The JSON object of a request; the plane has seen to its size. */
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new UserError('InvalidRequest', 'The body is no JSON object.');
}
