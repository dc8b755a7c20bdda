import type { Fetch } from '../../../src/client/http.ts';
import type { FromWebview, ToWebview } from '../../../src/protocol/webview.ts';

interface Exchange {
  resolve(response: Response): void;
  reject(error: Error): void;
  body: ReadableStreamDefaultController<Uint8Array> | undefined;
  done(): void;
}

/** A `fetch` that is carried over messages to the side that may reach the plane; answers are streams, so that the change feed works as well. */
export class MessageFetch {
  private readonly post: (message: FromWebview) => void;
  private readonly exchanges = new Map<number, Exchange>();
  private count = 0;

  constructor(post: (message: FromWebview) => void) {
    this.post = post;
  }

  readonly fetch: Fetch = (input, init = {}) => {
    const url = new URL(input);
    const id = ++this.count;
    const { signal } = init;
    return new Promise<Response>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        const exchange = this.exchanges.get(id);
        if (!exchange) return;
        this.post({ type: 'abort', id });
        this.end(id, signal!.reason ?? new DOMException('Aborted', 'AbortError'));
      };
      signal?.addEventListener('abort', onAbort);
      this.exchanges.set(id, { resolve, reject, body: undefined, done: () => signal?.removeEventListener('abort', onAbort) });
      this.post({
        type: 'fetch',
        id,
        method: init.method ?? 'GET',
        path: url.pathname + url.search,
        headers: Object.fromEntries(new Headers(init.headers)),
        ...(typeof init.body === 'string' ? { body: init.body } : {}),
      });
    });
  };

  /** Takes a message of the other side; true when it was one of a fetch. */
  receive(message: ToWebview): boolean {
    if (message.type === 'response') {
      const exchange = this.exchanges.get(message.id);
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          if (exchange) exchange.body = controller;
        },
        cancel: () => {
          if (this.exchanges.has(message.id)) this.post({ type: 'abort', id: message.id });
          this.forget(message.id);
        },
      });
      const isEmpty = message.status === 204 || message.status === 205 || message.status === 304;
      exchange?.resolve(new Response(isEmpty ? null : stream, { status: message.status, headers: message.headers }));
      return true;
    }
    if (message.type === 'chunk') {
      this.exchanges.get(message.id)?.body?.enqueue(new Uint8Array(message.data));
      return true;
    }
    if (message.type === 'end') {
      this.end(message.id, message.error === undefined ? undefined : new Error(message.error));
      return true;
    }
    return false;
  }

  private end(id: number, error: Error | undefined): void {
    const exchange = this.exchanges.get(id);
    if (!exchange) return;
    this.forget(id);
    if (!error) exchange.body?.close();
    else if (exchange.body) exchange.body.error(error);
    else exchange.reject(error);
  }

  private forget(id: number): void {
    this.exchanges.get(id)?.done();
    this.exchanges.delete(id);
  }
}
