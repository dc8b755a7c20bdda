import { Http } from '../../../src/client/http.ts';
import type { FeedCursor } from '../../../src/protocol/change.ts';

/** One connection that a client has opened; the test is the other end of it. */
export class Connection {
  readonly url: URL;
  readonly signal: AbortSignal | undefined;
  private readonly answer = Promise.withResolvers<Response>();
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  readonly response = this.answer.promise;

  constructor(url: URL, signal: AbortSignal | undefined) {
    this.url = url;
    this.signal = signal;
    signal?.addEventListener('abort', () => this.cut());
  }

  /** Answers with a stream that stays open. */
  open(): this {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
    });
    this.answer.resolve(new Response(body, { status: 200 }));
    return this;
  }

  refuse(): void {
    this.answer.reject(new TypeError('fetch failed'));
  }

  send(text: string | Uint8Array): this {
    this.controller.enqueue(typeof text === 'string' ? new TextEncoder().encode(text) : text);
    return this;
  }

  place(event: 'start' | 'reset', place: FeedCursor): this {
    return this.send(`event: ${event}\ndata: ${JSON.stringify(place)}\n\n`);
  }

  change(seq: number, more: Record<string, unknown> = {}): this {
    const change = { seq, kind: 'job', id: `job${seq}`, op: 'put', at: '2026-01-01T00:00:00.000Z', ...more };
    return this.send(`event: change\ndata: ${JSON.stringify(change)}\nid: ${seq}\n\n`);
  }

  /** The network fails. */
  cut(): void {
    const error = new TypeError('terminated');
    this.answer.reject(error);
    this.answer.promise.catch(() => {});
    try {
      this.controller?.error(error);
    } catch {
      // It has ended already.
    }
  }

  end(): void {
    this.controller.close();
  }
}

/** A plane's side of the feed, as a test writes it. */
export class ScriptedPlane {
  readonly connections: Connection[] = [];
  private readonly waiting: ((connection: Connection) => void)[] = [];
  private taken = 0;

  readonly http = new Http({
    url: 'http://plane',
    token: '',
    fetch: (input, init) => {
      const connection = new Connection(new URL(input), init?.signal ?? undefined);
      this.connections.push(connection);
      const next = this.waiting.shift();
      if (next) {
        this.taken++;
        next(connection);
      }
      return connection.response;
    },
  });

  /** The next connection that is made. */
  next(): Promise<Connection> {
    const connection = this.connections[this.taken];
    if (!connection) return new Promise((resolve) => this.waiting.push(resolve));
    this.taken++;
    return Promise.resolve(connection);
  }
}
