import { request as ask, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { aside } from '../../base/aside.ts';
import type { Logger } from '../../base/logger.ts';
import type { Leases } from '../../store/leases.ts';
import { remoteAddress } from '../remoteAddress.ts';
import { endpointFailure, mostBytes, tooLarge } from '../routes/scoreEndpoint.ts';
import { dutiesLease } from './duties.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Another server has answered, and has noted what there is to be noted. */
    isPassedOn: boolean;
  }
}

/** A request that has this comes from another server, and goes no further. */
const mark = 'x-updraft-passed-on';
/** Of one connection alone (RFC 9110, 7.6.1), or asked anew for the next one. */
const notPassedOn = /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|x-updraft-passed-on)$/i;

/** Milliseconds: how long a server is looked for that has the duties (after a kill it takes ten seconds until one has them), how long it may take to connect, and between two looks at who has them. */
const usual = { patienceMs: 15_000, connectMs: 2000, lookMs: 2000, againMs: 250 };

export interface PassOnOptions {
  leases: Leases;
  /** Of this server, as it says with the lease. */
  ownAddress: string;
  publicUrl: string | undefined;
  /** Whether this server has the duties, and can answer itself. */
  isHere: () => boolean;
  logger: Logger;
  times?: typeof usual;
}

class NotConnected extends Error {}

class TooLarge extends Error {}

/**
 * Has the server with the duties answer what it alone can: a request to a deployment, whose processes are on its machine. It is asked as the client has asked, with the client's own token or key, and
 * checks that by itself. Bodies are streamed both ways, and who hangs up at one end hangs up at the other.
 */
export class PassOn {
  private readonly options: PassOnOptions & { times: typeof usual };

  constructor(options: PassOnOptions) {
    this.options = { ...options, times: options.times ?? usual };
  }

  /** undefined: this server has the duties itself. The request's body must not have been read. */
  async answer(c: Context): Promise<Response | undefined> {
    const { isHere, ownAddress, times } = this.options;
    const { signal } = c.req.raw;
    // Who sends it all there, only to have it refused, may miss the answer.
    if (!isHere() && Number(c.req.header('content-length') ?? 0) > mostBytes) return tooLarge();
    for (const until = performance.now() + times.patienceMs; !isHere(); ) {
      if (c.req.header(mark) !== undefined) return justMoved();
      const address = await this.look();
      if (address !== undefined && address !== ownAddress)
        try {
          return await this.send(address, c);
        } catch (error) {
          if (!(error instanceof NotConnected)) throw error;
        }
      if (signal.aborted || performance.now() >= until) return nobody();
      await pause(times.againMs);
    }
    return undefined;
  }

  /** undefined also where the database does not answer. */
  private look(): Promise<string | undefined> {
    return this.options.leases.addressOf(dutiesLease).catch(() => undefined);
  }

  /** Throws `NotConnected` where nothing was sent; whatever goes wrong later is an answer, or cuts it off. */
  private async send(address: string, c: Context): Promise<Response> {
    const { method, signal, body } = c.req.raw;
    const url = new URL(c.req.url);
    const onward = ask(`${address}${url.pathname}${url.search}`, { method, headers: this.headers(c), agent: false, signal });
    await connected(onward, this.options.times.connectMs);
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      onward.once('response', resolve);
      // Also for what goes wrong later: the body of the answer says so then.
      onward.on('error', reject);
    });
    const watching = this.watch(onward, address);
    onward.once('close', () => watching[Symbol.dispose]());
    if (body) pour(Readable.fromWeb(body as WebStream), onward);
    else onward.end();
    let answer: IncomingMessage;
    try {
      answer = await answered;
    } catch (error) {
      return error instanceof TooLarge ? tooLarge() : gone();
    }
    c.set('isPassedOn', true);
    return shown(answer);
  }

  private headers(c: Context): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = {};
    c.req.raw.headers.forEach((value, name) => {
      if (!notPassedOn.test(name)) headers[name] = value;
    });
    // Where the client is, as a proxy says it.
    headers['x-forwarded-for'] ??= remoteAddress(c, this.options);
    headers[mark] = '1';
    return headers;
  }

  /** Ends a request to a server that says nothing any more and has lost the duties: it sleeps, or is cut off. */
  private watch(onward: ClientRequest, address: string): Disposable {
    const { logger, times } = this.options;
    let seen = 0;
    const look = async () => {
      const { bytesRead = 0, bytesWritten = 0 } = onward.socket ?? {};
      const isSilent = bytesRead + bytesWritten === seen;
      seen = bytesRead + bytesWritten;
      if (!isSilent) return;
      const now = await this.look();
      if (now !== undefined && now !== address) onward.destroy(new Error('the duties are with another server now'));
    };
    const timer = setInterval(() => aside('request of another server', look(), logger), times.lookMs).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}

/** Settles once the connection stands; throws `NotConnected`, and ends the request. */
function connected(onward: ClientRequest, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      onward.destroy();
      reject(new NotConnected(error.message));
    };
    const timer = setTimeout(() => fail(new Error('it takes too long')), withinMs);
    onward.once('error', fail);
    onward.once('socket', (socket) =>
      socket.once('connect', () => {
        clearTimeout(timer);
        onward.removeListener('error', fail);
        resolve();
      }),
    );
  });
}

function pour(body: Readable, onward: ClientRequest): void {
  let bytes = 0;
  body.on('data', (piece: Uint8Array) => {
    bytes += piece.byteLength;
    if (bytes > mostBytes) onward.destroy(new TooLarge());
  });
  body.on('error', () => onward.destroy());
  body.pipe(onward);
}

function shown(answer: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct))
    if (!notPassedOn.test(name)) for (const value of values ?? []) headers.append(name, value);
  const status = answer.statusCode!;
  const isBodiless = status === 204 || status === 205 || status === 304;
  if (isBodiless) answer.resume();
  return new Response(isBodiless ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers });
}

const again = { 'retry-after': '2' };

const justMoved = (): Response =>
  endpointFailure(503, 'ServiceUnavailable', 'Another server of the control plane has just begun to serve the deployments.', {
    hint: 'Send the request again in some seconds.',
    headers: again,
  });

const nobody = (): Response =>
  endpointFailure(
    503,
    'ServiceUnavailable',
    'The server of the control plane that serves the deployments does not answer, and no other has taken over yet.',
    {
      hint: 'Send the request again in some seconds. Whoever operates the control plane sees at /metrics which server has the duties.',
      headers: again,
    },
  );

const gone = (): Response =>
  endpointFailure(
    502,
    'BadGateway',
    'The server of the control plane that serves the deployments went away before it answered. Whether the deployment has seen the request is not known.',
    {
      hint: 'Another server takes over within ten seconds. Send the request again where doing it twice does no harm.',
    },
  );
