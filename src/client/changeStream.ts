import { type Disposable, toDisposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { Change } from '../protocol/change.ts';
import { check } from '../protocol/check.ts';
import type { Http } from './http.ts';

export type ChangeStreamState = 'connecting' | 'live' | 'disconnected';

export interface ChangeStreamOptions {
  /** First cursor: changes after it are sent. Undefined starts at now. */
  since?: number;
  /** Called before each reconnect, after the wait: may start the plane again. Answers the connection to use from now on. */
  reconnect?: () => Promise<Http>;
  /** Milliseconds until the n-th try, n from 0. */
  backOff?: (attempt: number) => number;
}

/**
 * The change feed of one plane: backfill from the cursor, then live, through reconnects without a gap or a repeat.
 * `onDidChange` gets every change in order. `onDidReset` says that a gap is possible (a new plane, or a cursor too old): read everything anew.
 */
export class ChangeStream implements Disposable {
  private readonly changes = new Emitter<Change>();
  private readonly states = new Emitter<ChangeStreamState>();
  private readonly resets = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  readonly onDidChangeState = this.states.event;
  readonly onDidReset = this.resets.event;

  state: ChangeStreamState = 'connecting';
  private cursor: number | undefined;
  private http: Http;
  private readonly abort = new AbortController();
  private readonly reconnect: (() => Promise<Http>) | undefined;
  private readonly backOff: (attempt: number) => number;

  constructor(http: Http, options: ChangeStreamOptions = {}) {
    this.http = http;
    this.cursor = options.since;
    this.reconnect = options.reconnect;
    this.backOff = options.backOff ?? ((attempt) => Math.min(100 * 2 ** attempt, 5000));
    void this.run();
  }

  /** The sequence number of the newest change that was delivered. */
  get seq(): number | undefined {
    return this.cursor;
  }

  dispose(): void {
    this.abort.abort();
    for (const emitter of [this.changes, this.states, this.resets]) emitter.dispose();
  }

  private async run(): Promise<void> {
    let attempt = 0;
    while (!this.abort.signal.aborted) {
      try {
        await this.read(() => {
          attempt = 0;
        });
      } catch {
        // Whatever ended the stream, the answer is the same: try again.
      }
      if (this.abort.signal.aborted) return;
      this.setState('disconnected');
      await wait(this.backOff(attempt++), this.abort.signal);
      if (this.abort.signal.aborted) return;
      if (this.reconnect) this.http = await this.reconnect().catch(() => this.http);
    }
  }

  private async read(onLive: () => void): Promise<void> {
    const query = this.cursor === undefined ? '' : `?since=${this.cursor}`;
    const response = await this.http.send('GET', `/changes${query}`, {
      signal: this.abort.signal,
      headers: { accept: 'text/event-stream' },
    });
    if (!response.body) throw new Error('no body');
    this.setState('live');
    onLive();
    for await (const event of serverSentEvents(response.body)) {
      if (event.event === 'reset') {
        this.cursor = Number(event.data);
        this.resets.fire();
      } else if (event.event === 'start') {
        this.cursor ??= Number(event.data);
      } else if (event.event === 'change') {
        const change = check(Change, JSON.parse(event.data), 'A change');
        if (this.cursor !== undefined && change.seq <= this.cursor) continue;
        this.cursor = change.seq;
        this.changes.fire(change);
      }
    }
  }

  private setState(state: ChangeStreamState): void {
    if (this.state === state) return;
    this.state = state;
    this.states.fire(state);
  }
}

/** Parses `text/event-stream`: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop()!;
      for (const raw of lines) {
        const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
        if (line === '') {
          if (data.length) yield { event: event || 'message', data: data.join('\n') };
          event = '';
          data = [];
        } else if (line.startsWith('event:')) event = line.slice(6).trim();
        else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    const stop = toDisposable(() => clearTimeout(timer));
    function done() {
      signal.removeEventListener('abort', done);
      stop.dispose();
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
