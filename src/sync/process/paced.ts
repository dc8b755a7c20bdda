import { systemTimers, type Timers } from '../../base/timers.ts';
import type { Fetch } from '../../client/http.ts';

/** Bytes that go through at a time, where they can be held up. */
const piece = 64 * 1024;
/** Milliseconds over which the speed is told. */
const windowMs = 5000;

/**
 * How fast bytes may go, for all jobs together. Who wants to send some takes them first, and waits until what went before was paid for: over any time, no more than the limit times this
 * time goes through, and one piece.
 */
export class Pace {
  private bytesPerSecond: number | undefined;
  /** When everything that was taken so far is paid for. */
  private paidAt = 0;
  private readonly timers: Timers;
  private readonly waiting = new Set<() => void>();

  constructor(timers: Timers = systemTimers) {
    this.timers = timers;
  }

  /** Undefined: as fast as it goes. */
  limit(bytesPerSecond: number | undefined): void {
    if (bytesPerSecond === this.bytesPerSecond) return;
    this.bytesPerSecond = bytesPerSecond;
    // What was taken at the old speed is not paid for at the old speed any more.
    this.paidAt = this.timers.now();
    for (const wake of [...this.waiting]) wake();
  }

  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    while (this.bytesPerSecond !== undefined && this.paidAt > this.timers.now()) {
      signal?.throwIfAborted();
      await this.untilPaid(signal);
    }
    signal?.throwIfAborted();
    if (this.bytesPerSecond !== undefined) this.paidAt = Math.max(this.paidAt, this.timers.now()) + (1000 * bytes) / this.bytesPerSecond;
  }

  private untilPaid(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        timer.dispose();
        this.waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.timers.after(this.paidAt - this.timers.now(), done);
      this.waiting.add(done);
      signal?.addEventListener('abort', done);
    });
  }
}

/** Counts bytes, and how many went through a second in the last few. */
export class Meter {
  bytes = 0;
  private readonly counted: { at: number; bytes: number }[] = [];
  private readonly since: number;
  private readonly timers: Timers;
  private readonly onCount: () => void;

  constructor(timers: Timers, onCount: () => void) {
    this.timers = timers;
    this.since = timers.now();
    this.onCount = onCount;
  }

  count(bytes: number): void {
    this.bytes += bytes;
    this.counted.push({ at: this.timers.now(), bytes });
    this.onCount();
  }

  get bytesPerSecond(): number {
    const now = this.timers.now();
    while (this.counted.length > 0 && this.counted[0]!.at < now - windowMs) this.counted.shift();
    const sum = this.counted.reduce((total, { bytes }) => total + bytes, 0);
    return Math.round((1000 * sum) / Math.max(1000, Math.min(windowMs, now - this.since)));
  }
}

/** A `fetch` whose requests send their bodies at a pace, and count them with the meter of the moment in which they are made. `inner` does the work. */
export const pacedUpload =
  (inner: Fetch, pace: Pace, meter: () => Meter | undefined): Fetch =>
  async (input, init = {}) => {
    const { body, signal } = init;
    const counts = meter();
    // A pack of files at once would be one large gulp.
    const stream = body instanceof Uint8Array && body.byteLength > piece ? new Blob([body as BlobPart]).stream() : body;
    if (stream instanceof ReadableStream)
      return inner(input, { ...init, body: paced(stream, pace, counts, signal ?? undefined), duplex: 'half' } as RequestInit);
    const bytes = sizeOf(body);
    if (bytes > 0) {
      await pace.take(bytes, signal ?? undefined);
      counts?.count(bytes);
    }
    return inner(input, init);
  };

/** A `fetch` whose answers come at a pace, and are counted. */
export const pacedDownload =
  (inner: Fetch, pace: Pace, meter: () => Meter | undefined): Fetch =>
  async (input, init = {}) => {
    const counts = meter();
    const answer = await inner(input, init);
    // The change feed is open all the time, and is next to nothing.
    if (!answer.body || answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer;
    const { status, statusText, headers } = answer;
    return new Response(paced(answer.body, pace, counts, init.signal ?? undefined), { status, statusText, headers });
  };

function paced(
  body: ReadableStream<Uint8Array>,
  pace: Pace,
  counts: Meter | undefined,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        for (let at = 0; at < chunk.byteLength; at += piece) {
          const bytes = chunk.subarray(at, at + piece);
          await pace.take(bytes.byteLength, signal);
          counts?.count(bytes.byteLength);
          controller.enqueue(bytes);
        }
      },
    }),
  );
}

function sizeOf(body: RequestInit['body']): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array || body instanceof ArrayBuffer ? body.byteLength : 0;
}
