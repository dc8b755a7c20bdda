import { aside } from '../../base/aside.ts';
import { growing } from '../../base/backOff.ts';
import type { Logger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import { otlpJson } from './otlpJson.ts';
import type { TraceSettings } from './settings.ts';
import type { Span } from './tracer.ts';

/** Answers after which the same spans are sent again. */
const passing = [429, 502, 503, 504];
/** Milliseconds that spans are waited for at the end of the server. */
const lastMs = 2000;

export interface TraceSenderOptions {
  settings: TraceSettings;
  /** What this server adds to the resource. */
  server: Record<string, string>;
  version: string;
  logger: Logger;
}

/**
 * Sends spans by OTLP over HTTP, as JSON, in batches. Requests never wait for it: spans are put into a bounded queue, and are dropped while the queue is full. The log says once that
 * the receiver does not answer, and once that it does again.
 */
export class TraceSender {
  private readonly options: TraceSenderOptions;
  private readonly queue: Span[] = [];
  private dropped = 0;
  private hasFailed = false;
  private failures = 0;
  private readonly backOff = growing(1000, 30_000);
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private isOver = false;
  private readonly over = new AbortController();

  constructor(options: TraceSenderOptions) {
    this.options = options;
  }

  /** Takes a span; never waits. */
  readonly add = (span: Span): void => {
    const { mostQueued, mostAtOnce, everyMs } = this.options.settings;
    if (this.isOver || this.queue.length >= mostQueued) {
      this.dropped++;
      return;
    }
    this.queue.push(span);
    if (this.failures === 0 && this.queue.length >= mostAtOnce) this.plan(0);
    else this.timer ??= this.after(everyMs);
  };

  /** Sends what waits, for a moment at most. */
  async end(): Promise<void> {
    this.isOver = true;
    clearTimeout(this.timer);
    const late = setTimeout(() => this.over.abort(), lastMs);
    await this.sending;
    while (this.queue.length > 0 && !this.over.signal.aborted) if (!(await this.post())) break;
    clearTimeout(late);
  }

  private plan(ms: number): void {
    clearTimeout(this.timer);
    this.timer = this.after(ms);
  }

  private after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.sending ??= this.send().finally(() => {
        this.sending = undefined;
      });
      aside('traces', this.sending, this.options.logger);
    }, ms).unref();
  }

  private async send(): Promise<void> {
    const { everyMs } = this.options.settings;
    let isDone = true;
    while (isDone && this.queue.length > 0 && !this.isOver) isDone = await this.post();
    this.timer = undefined;
    if (this.queue.length > 0 && !this.isOver) this.timer = this.after(Math.max(everyMs, this.backOff(this.failures)));
  }

  /** Sends the oldest spans; answers whether there is sense in sending the next ones. */
  private async post(): Promise<boolean> {
    const { settings, server, version, logger } = this.options;
    const spans = this.queue.slice(0, settings.mostAtOnce);
    let trouble: string;
    try {
      const response = await fetch(settings.url, {
        method: 'POST',
        headers: { ...settings.headers, 'content-type': 'application/json', 'user-agent': `Updraft/${version}` },
        body: otlpJson({ ...settings.resource, ...server }, version, spans),
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(settings.timeoutMs), this.over.signal]),
      });
      await response.body?.cancel();
      if (response.ok) {
        this.queue.splice(0, spans.length);
        if (this.hasFailed)
          logger.info(`traces are taken again by ${settings.url}${this.dropped ? `; ${this.dropped} spans were dropped` : ''}`);
        this.hasFailed = false;
        this.failures = this.dropped = 0;
        return true;
      }
      trouble = `it answers ${response.status}`;
      if (!passing.includes(response.status)) {
        this.queue.splice(0, spans.length);
        this.dropped += spans.length;
      }
    } catch (error) {
      trouble = messageOf((error as { cause?: unknown }).cause ?? error);
    }
    this.failures++;
    if (!this.hasFailed)
      logger.warn(
        `traces can't be sent to ${settings.url}: ${trouble}. At most ${settings.mostQueued} spans wait meanwhile, others are dropped; nothing else waits for it.`,
      );
    this.hasFailed = true;
    return false;
  }
}
