import { chunksUpTo } from '../../base/chunksUpTo.ts';
import type { Timers } from '../../base/timers.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import type { ModelServer } from './modelServer.ts';

/** A model of another server. */
export interface RemoteModel {
  /** `SERVER/MODEL`. */
  id: string;
  server: ModelServer;
  /** What that server calls it. */
  model: string;
}

/** Milliseconds that a server has to say which models it has: most that are asked for are not there, and that is told at once. */
const patience = 1500;
/** Milliseconds for which its answer is taken for true. */
const freshMs = 5000;
/** Of what a server says: names come from outside. */
const [mostModels, longestName, mostBytes] = [2000, 300, 4 << 20];

/** Asks servers with OpenAI's API which models they have, and hands requests on to them. */
export class ModelServers {
  private readonly fetch: typeof fetch;
  private readonly timers: Timers;
  private readonly known = new Map<string, { at: number; models: Promise<RemoteModel[]> }>();

  constructor(fetch: typeof globalThis.fetch, timers: Timers) {
    this.fetch = fetch;
    this.timers = timers;
  }

  /** The models of those that answer. */
  async list(servers: readonly ModelServer[]): Promise<RemoteModel[]> {
    return (await Promise.all(servers.map((server) => this.modelsOf(server)))).flat();
  }

  /** The model that a name means, if one of the servers has it; only the server that the name begins with is asked. */
  async find(name: string, servers: readonly ModelServer[]): Promise<RemoteModel | undefined> {
    const meant = servers.filter((each) => name.startsWith(`${each.name}/`));
    return (await this.list(meant)).find(({ id }) => id === name);
  }

  /** The server's own answer to a request, as it comes. */
  async forward({ server, model }: RemoteModel, path: string, body: object, signal: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...keyOf(server) },
        body: JSON.stringify({ ...body, model }),
        // A key must not follow to another host.
        redirect: 'error',
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new UserError('RemoteError', `${server.label} at ${server.url} does not answer: ${messageOf(error)}`, 'Is it still running?');
    }
    const type = response.headers.get('content-type') ?? 'application/json';
    // The page that asked must not be led elsewhere, nor be given a page to show.
    return new Response(response.body, {
      status: response.status === 401 || response.status === 403 ? 502 : response.status,
      headers: { 'content-type': /^(?:application\/json|text\/event-stream)/.test(type) ? type : 'text/plain' },
    });
  }

  private modelsOf(server: ModelServer): Promise<RemoteModel[]> {
    const key = `${server.name} ${server.url}`;
    const known = this.known.get(key);
    if (known && this.timers.now() - known.at < freshMs) return known.models;
    const models = this.ask(server).catch(() => []);
    this.known.set(key, { at: this.timers.now(), models });
    return models;
  }

  private async ask(server: ModelServer): Promise<RemoteModel[]> {
    const response = await this.fetch(`${server.url}/models`, {
      headers: keyOf(server),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    if (!response.ok || !response.body) return [];
    const chunks = await chunksUpTo(response.body as unknown as AsyncIterable<Uint8Array>, mostBytes);
    // No list of models is as long.
    if (!chunks) return [];
    const { data } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { data?: unknown };
    // Something else may listen at that port.
    if (!Array.isArray(data)) return [];
    return data
      .slice(0, mostModels)
      .map((each: { id?: unknown } | null) => each?.id)
      .filter((id): id is string => typeof id === 'string' && id !== '' && id.length <= longestName)
      .map((model) => ({ id: `${server.name}/${model}`, server, model }));
  }
}

const keyOf = ({ key }: ModelServer): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {});
