import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/userError.ts';
import { hubTokenHeader } from '../../protocol/localModels.ts';
import type { FromWebview, ToWebview } from '../../protocol/webview.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

type FetchMessage = Extract<FromWebview, { type: 'fetch' }>;

/** What a page may ask of the plane: to read anything, and to write what its own controls write. Everything else is refused. */
const allowed: { method: string; path: RegExp; body?: (body: string) => boolean }[] = [
  { method: 'GET', path: /^\/(?:subscriptions|updraft|api\/2\.0\/mlflow|changes|status|health)(?:[/?]|$)/ },
  { method: 'POST', path: /^\/updraft\/(?:runs\/(?:table|keys|groups|logged|files)|series)$/ },
  // Questions to language models, and the programs that run models.
  { method: 'GET', path: /^\/v1\/models$/ },
  { method: 'POST', path: /^\/(?:v1\/chat\/completions|updraft\/engines\/[a-z]+)$/ },
  // Prompts that are kept as test cases.
  { method: 'POST', path: /^\/updraft\/prompt-cases$/ },
  { method: 'DELETE', path: /^\/updraft\/prompt-cases\/[^/?]+$/ },
  // Comments on jobs and models.
  { method: 'POST', path: /^\/updraft\/comments\/(?:jobs|models)\/[^/?]+$/ },
  { method: 'PATCH', path: /^\/updraft\/comments\/(?:jobs|models)\/[^/?]+\/[^/?]+$/ },
  { method: 'DELETE', path: /^\/updraft\/comments\/(?:jobs|models)\/[^/?]+\/[^/?]+$/ },
  // A copy of a version for a registry.
  { method: 'POST', path: /^\/subscriptions\/[^?]*\/registries\/[^/?]+\/import$/ },
  // Models in files of this machine.
  { method: 'POST', path: /^\/updraft\/models\/(?:find|search|downloads|cancel|forget|remove|measure)$/ },
  // The form of a fine-tuning.
  { method: 'POST', path: /^\/updraft\/finetuning\/(?:data|tokens|plan)$/ },
  // Requests to endpoints, and their history.
  { method: 'POST', path: /^\/updraft\/endpoints\/[^/?]+\/requests(?:\?|$)/ },
  { method: 'DELETE', path: /^\/updraft\/endpoints\/[^/?]+\/requests$/ },
  // A registered model is deployed as it is: never with code of its own.
  { method: 'PUT', path: /^\/subscriptions\/[^?]*\/onlineEndpoints\/[^/?]+$/, body: hasOnly(['authMode', 'traffic']) },
  {
    method: 'PUT',
    path: /^\/subscriptions\/[^?]*\/onlineEndpoints\/[^/?]+\/deployments\/[^/?]+$/,
    body: hasOnly(['endpointComputeType', 'model', 'requestSettings']),
  },
  { method: 'PATCH', path: /^\/subscriptions\/[^?]*\/onlineEndpoints\/[^/?]+$/, body: hasOnly(['traffic']) },
  { method: 'PATCH', path: /^\/subscriptions\/[^?]*\/jobs\/[^/?]+(?:\?|$)/ },
  { method: 'POST', path: /^\/subscriptions\/[^?]*\/jobs\/[^/?]+\/cancel(?:\?|$)/ },
  { method: 'POST', path: /^\/api\/2\.0\/mlflow\/(?:runs|experiments|registered-models|model-versions)\/search(?:\?|$)/ },
  { method: 'POST', path: /^\/api\/3\.0\/mlflow\/traces\/search$/ },
  { method: 'POST', path: /^\/api\/2\.0\/mlflow\/runs\/(?:delete|restore)$/ },
  // Views of the runs of an experiment are kept in its tags: no other tag of it is written.
  {
    method: 'POST',
    path: /^\/api\/2\.0\/mlflow\/experiments\/(?:set|delete)-experiment-tag$/,
    body: isOfView,
  },
  { method: 'POST', path: /^\/api\/2\.0\/mlflow\/registered-models\/alias(?:\?|$)/ },
  { method: 'DELETE', path: /^\/api\/2\.0\/mlflow\/registered-models\/alias(?:\?|$)/ },
  { method: 'POST', path: /^\/api\/2\.0\/mlflow\/model-versions\/set-tag$/ },
  { method: 'DELETE', path: /^\/api\/2\.0\/mlflow\/model-versions\/delete-tag$/ },
  { method: 'PATCH', path: /^\/api\/2\.0\/mlflow\/(?:registered-models|model-versions)\/update$/ },
];

/** Whether the properties of a resource are these and no others. */
function hasOnly(names: readonly string[]): (body: string) => boolean {
  return (body) => {
    try {
      const { properties } = JSON.parse(body) as { properties?: unknown };
      return typeof properties === 'object' && properties !== null && Object.keys(properties).every((name) => names.includes(name));
    } catch {
      return false;
    }
  };
}

function isOfView(body: string): boolean {
  try {
    const { key } = JSON.parse(body) as { key?: unknown };
    return typeof key === 'string' && key.startsWith('updraft.view.');
  } catch {
    return false;
  }
}

/** What asks a hub for models in the name of a person. */
const asksHub = /^\/updraft\/models\/(?:find|search|downloads)$/;

/** Whether a page may send this. The path is the plane's own: a scheme, a host or dot segments are refused. */
export function mayFetch(method: string, path: string, body = ''): boolean {
  if (!path.startsWith('/') || path.startsWith('//') || path.includes('\\')) return false;
  const url = new URL(path, 'http://plane');
  if (url.host !== 'plane' || url.pathname + url.search !== path) return false;
  return allowed.some((rule) => rule.method === method && rule.path.test(path) && (rule.body?.(body) ?? true));
}

/** Carries a page's `fetch` to the plane and its answer back, piece by piece. The token stays on this side. */
export class PlaneBridge implements Disposable {
  private readonly running = new Map<number, AbortController>();
  private readonly plane: PlaneConnection;
  private readonly post: (message: ToWebview) => void;
  private readonly hubToken: () => PromiseLike<string | undefined>;

  /** `hubToken`: the person's own token of the Hugging Face Hub, which no page sees. */
  constructor(
    plane: PlaneConnection,
    post: (message: ToWebview) => void,
    hubToken: () => PromiseLike<string | undefined> = async () => undefined,
  ) {
    this.plane = plane;
    this.post = post;
    this.hubToken = hubToken;
  }

  async fetch({ id, method, path, headers, body }: FetchMessage): Promise<void> {
    if (!mayFetch(method, path, body)) return this.post({ type: 'end', id, error: `A page may not send ${method} ${path}.` });
    const abort = new AbortController();
    this.running.set(id, abort);
    try {
      const client = await this.plane.client();
      const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => /^(?:accept|content-type|range)$/i.test(name)));
      const token = asksHub.test(path) ? await this.hubToken() : undefined;
      if (token) sent[hubTokenHeader] = token;
      const response = await client.http.raw(method, path, {
        headers: sent,
        signal: abort.signal,
        ...(body === undefined ? {} : { body }),
      });
      this.post({ type: 'response', id, status: response.status, headers: Object.fromEntries(response.headers) });
      if (response.body) for await (const data of response.body) this.post({ type: 'chunk', id, data });
      this.post({ type: 'end', id });
    } catch (error) {
      if (!abort.signal.aborted) this.post({ type: 'end', id, error: messageOf(error) });
    } finally {
      this.running.delete(id);
    }
  }

  abort(id: number): void {
    this.running.get(id)?.abort();
  }

  dispose(): void {
    for (const abort of this.running.values()) abort.abort();
  }
}
