import { type ErrorCode, errorCodes, UserError } from '../base/userError.ts';
import { agentCallHeader, agentHeader } from '../protocol/agentCall.ts';
import { workspaceHeader } from '../protocol/arm.ts';
import { sessionHeader } from '../protocol/signIn.ts';

/** Anything shaped like `fetch`: the global one, hono's `app.fetch`, or a bridge out of a webview. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Where a plane is and how to be let in. */
export interface Connection {
  /** Origin without a final slash, such as `http://127.0.0.1:41234`. */
  url: string;
  /** '' where the browser has a session, which it shows by itself. */
  token: string;
  /** In whose name requests are made, other than the owner's: an agent, and of what changes something its recorded call. */
  agent?: { name: string; call?: string };
  /** The workspace that requests are about whose path names none; absent: the plane's usual one. */
  workspace?: string;
  /** The registry that requests for blobs and changes are about, in place of a workspace. */
  registry?: string;
  /** What to do when it does not answer; absent: what helps with the plane of this machine. */
  whenAway?: string;
  fetch?: Fetch;
  /** Milliseconds for the whole of a short answer; for who tries again. Absent: as long as it takes. */
  patienceMs?: number;
}

/** Sends requests to one plane and turns its error bodies (ARM's and MLflow's) into `UserError`s. */
export class Http {
  readonly url: string;
  private readonly token: string;
  private readonly agent: Connection['agent'];
  private readonly workspace: string | undefined;
  private readonly registry: string | undefined;
  private readonly whenAway: string;
  private readonly fetch: Fetch;
  private readonly patienceMs: number | undefined;

  constructor(connection: Connection) {
    this.url = connection.url.replace(/\/$/, '');
    this.token = connection.token;
    this.agent = connection.agent;
    this.workspace = connection.workspace;
    this.registry = connection.registry;
    this.whenAway = connection.whenAway ?? 'Start it with "updraft serve", or submit something: it starts by itself.';
    this.patienceMs = connection.patienceMs;
    this.fetch = connection.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** The raw answer, whatever its status. Throws `PlaneUnreachable` when there is none. */
  async raw(method: string, path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
    const url = path.startsWith('http') ? path : this.url + this.inRegistry(path);
    // A page's nextLink comes from outside: the token must not follow it to another host.
    if (new URL(url).origin !== new URL(this.url).origin)
      throw new UserError('RemoteError', `The control plane sent a link to another host: ${new URL(url).origin}.`);
    const headers = new Headers(init.headers);
    if (this.token === '') headers.set(sessionHeader, '1');
    else headers.set('authorization', `Bearer ${this.token}`);
    if (this.agent) headers.set(agentHeader, encodeURIComponent(this.agent.name.toWellFormed()));
    if (this.workspace !== undefined) headers.set(workspaceHeader, this.workspace);
    if (this.agent?.call) headers.set(agentCallHeader, this.agent.call);
    try {
      return await this.fetch(url, { ...init, method, headers });
    } catch (error) {
      if (init.signal?.aborted && !isLate(init.signal)) throw error;
      throw this.unreachable('does not answer');
    }
  }

  /** What of a registry is asked for beside its ARM path. */
  private inRegistry(path: string): string {
    return this.registry === undefined
      ? path
      : path.replace(/^\/(?:updraft\/)?(?=blobs\/|changes\b)/, `/updraft/registries/${encodeURIComponent(this.registry)}/`);
  }

  /** The answer when its status is 2xx, else a `UserError`. */
  async send(method: string, path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
    const response = await this.raw(method, path, init);
    return this.checked(response, `${method} ${new URL(response.url || path, this.url).pathname}`);
  }

  /** The answer itself when its status is 2xx; else throws a `UserError` that names `what` was asked. */
  async checked(response: Response, what: string): Promise<Response> {
    if (response.ok) return response;
    throw await errorOf(response, what);
  }

  /** JSON (or bytes) in, JSON out; undefined for an empty answer. */
  async json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await this.answer<T>(method, path, body, signal)).value;
  }

  /** As `json`, with the answer's headers. */
  async answer<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<{ value: T; headers: Headers }> {
    const limit = this.limited(signal);
    const init: RequestInit = { ...(limit ? { signal: limit } : {}) };
    if (body instanceof Uint8Array) {
      init.body = body as BodyInit;
      init.headers = { 'content-type': 'application/octet-stream' };
    } else if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'content-type': 'application/json' };
    }
    const response = await this.send(method, path, init);
    return { value: await this.jsonOf<T>(response, signal), headers: response.headers };
  }

  /** What an answer says; undefined when it is empty. Throws `PlaneUnreachable` when it was cut off. */
  async jsonOf<T>(response: Response, signal?: AbortSignal): Promise<T> {
    try {
      const text = await response.text();
      return (text ? JSON.parse(text) : undefined) as T;
    } catch (error) {
      if (signal?.aborted) throw error;
      throw this.unreachable('broke off its answer');
    }
  }

  /** The bytes of an answer, to the last one. Throws `PlaneUnreachable` when it was cut off. */
  async bytesOf(response: Response): Promise<Uint8Array> {
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch {
      throw this.unreachable('broke off its answer');
    }
  }

  /** An answer that is read as it comes, and says so when it is cut off. */
  async stream(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.send(method, path, init);
    if (!response.body) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(init.signal?.aborted ? error : this.unreachable('broke off its answer'));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
    return new Response(body, { status: response.status, headers: response.headers });
  }

  private limited(signal?: AbortSignal): AbortSignal | undefined {
    if (this.patienceMs === undefined) return signal;
    const limit = AbortSignal.timeout(this.patienceMs);
    return signal ? AbortSignal.any([signal, limit]) : limit;
  }

  private unreachable(what: string): UserError {
    return new UserError('PlaneUnreachable', `The control plane at ${this.url} ${what}.`, this.whenAway);
  }
}

async function errorOf(response: Response, what: string): Promise<UserError> {
  const text = await response.text().catch(() => '');
  let code = '';
  let message = '';
  let hint: string | undefined;
  try {
    const body = JSON.parse(text);
    code = String(body?.error?.code ?? body?.error_code ?? '');
    message = String(body?.error?.message ?? body?.message ?? '');
    const info = body?.error?.additionalInfo?.find?.((entry: { type?: string }) => entry?.type === 'Hint')?.info?.hint;
    hint = typeof info === 'string' ? info : undefined;
  } catch {
    // Not our plane's answer: the status alone has to do.
  }
  if (response.status === 401)
    return new UserError(
      'Unauthorized',
      message || 'The control plane refused the token.',
      hint ?? 'Read the current one with "updraft env".',
    );
  const known = errorCodes.find((candidate) => candidate === code);
  const byStatus: ErrorCode =
    response.status === 404 ? 'NotFound' : response.status === 409 ? 'Conflict' : response.status < 500 ? 'InvalidRequest' : 'RemoteError';
  return new UserError(known ?? byStatus, message || `${what} was answered with ${response.status}.`, hint);
}

/** Whether a request was given up because its time was over, not because nobody wants the answer any more. */
const isLate = ({ reason }: AbortSignal): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';
