import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { Readable } from 'node:stream';

export interface ServerRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: OutgoingHttpHeaders;
  body: Uint8Array;
  /** By which the server can be told to stop it. */
  name?: string;
}

export interface ServerAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Whole; or as it comes, where the server does not say how long it is. */
  body: Buffer | ReadableStream<Uint8Array>;
  /** Settles when the server has given all of it, or has broken off. */
  over: Promise<void>;
}

/** Why a server gave no answer. `unsent`: it has not seen the request, which another one may have. */
export class ServerGone extends Error {
  readonly isUnsent: boolean;

  constructor(message: string, isUnsent: boolean) {
    super(message);
    this.isUnsent = isUnsent;
  }
}

/** Largest answer of a server, in bytes. */
const mostBytes = 256 * 1024 * 1024;

/** Speaks to one server process on its port of the loopback address. Who does not know the secret is refused there. */
export class ServerConnection {
  private readonly port: number;
  private readonly secret: string;
  private readonly agent = new Agent({ keepAlive: true, keepAliveMsecs: 30_000 });

  constructor(port: number, secret: string) {
    this.port = port;
    this.secret = secret;
  }

  /** The server's answer, whatever its status. Throws `ServerGone` when there is none; `signal` gives up waiting. */
  send({ method, path, headers, body, name }: ServerRequest, signal?: AbortSignal): Promise<ServerAnswer> {
    return new Promise((resolve, reject) => {
      let isSent = false;
      const asked = request({
        host: '127.0.0.1',
        port: this.port,
        agent: this.agent,
        method,
        path,
        ...(signal ? { signal } : {}),
        headers: {
          ...headers,
          'content-length': body.byteLength,
          'x-updraft-secret': this.secret,
          ...(name === undefined ? {} : { 'x-updraft-request': name }),
        },
      });
      const fail = (error: Error) =>
        reject(signal?.aborted ? error : new ServerGone(error.message, !isSent || isStale(asked.reusedSocket, error)));
      asked.on('error', fail);
      asked.on('socket', (socket) => {
        const sent = () => {
          isSent = true;
        };
        if (socket.connecting) socket.once('connect', sent);
        else sent();
      });
      asked.on('response', (response) => {
        const { statusCode: status = 502, headers: given } = response;
        if (given['content-length'] === undefined) {
          const over = new Promise<void>((settle) => response.once('close', settle));
          const body = Readable.toWeb(response) as ReadableStream<Uint8Array>;
          return resolve({ status, headers: given, body, over });
        }
        const pieces: Buffer[] = [];
        let size = 0;
        response.on('data', (piece: Buffer) => {
          size += piece.byteLength;
          if (size > mostBytes) asked.destroy(new Error(`its answer has more than ${mostBytes} bytes`));
          else pieces.push(piece);
        });
        response.on('error', fail);
        response.on('end', () => resolve({ status, headers: given, body: Buffer.concat(pieces), over: Promise.resolve() }));
      });
      asked.end(body);
    });
  }

  /** Whether the server answers within `ms`. */
  async isWell(ms: number): Promise<boolean> {
    try {
      const { status } = await this.send({ method: 'GET', path: '/-/health', headers: {}, body: nothing }, AbortSignal.timeout(ms));
      return status === 200;
    } catch {
      return false;
    }
  }

  /** Asks the server to stop a request that nobody waits for any more. */
  async stop(name: string): Promise<void> {
    await this.send({ method: 'POST', path: `/-/stop?request=${name}`, headers: {}, body: nothing }, AbortSignal.timeout(1000));
  }

  dispose(): void {
    this.agent.destroy();
  }
}

const nothing = new Uint8Array();

/** A connection that was kept open and had been closed at the other end: what was sent on it has not been read. */
const isStale = (isReused: boolean, error: Error): boolean => isReused && (error as NodeJS.ErrnoException).code === 'EPIPE';
