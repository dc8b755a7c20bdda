import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Sampler } from './sampler.ts';
import { type TraceContext, traceHeaders } from './traceContext.ts';

/** What a span is about, by the numbers of OTLP. */
export const spanKinds = { internal: 1, server: 2, client: 3 } as const;

/** A piece of work: what, when and with what outcome. Times in nanoseconds since 1970. */
export interface Span {
  context: TraceContext;
  parentId: string | undefined;
  name: string;
  kind: keyof typeof spanKinds;
  start: bigint;
  end: bigint;
  attributes: Record<string, string | number>;
  /** What went wrong, in a word; undefined: nothing. */
  error: string | undefined;
}

export interface TracerOptions {
  sampler: Sampler;
  /** Takes a span that is over. Must not throw, and not wait. */
  send: (span: Span) => void;
}

/** Makes spans. What is done within a span finds it as `current`, however long it takes and whatever it waits for. */
export class Tracer {
  private readonly options: TracerOptions;
  private readonly spans = new AsyncLocalStorage<Span>();

  constructor(options: TracerOptions) {
    this.options = options;
  }

  get current(): Span | undefined {
    return this.spans.getStore();
  }

  /** For a request to another program that belongs to what is done now. */
  headers(): Record<string, string> {
    return this.current ? traceHeaders(this.current.context) : {};
  }

  begin(name: string, kind: Span['kind'], parent: TraceContext | undefined = this.current?.context): Span {
    const traceId = parent?.traceId ?? randomBytes(16).toString('hex');
    return {
      context: {
        traceId,
        spanId: randomBytes(8).toString('hex'),
        isSampled: this.options.sampler(traceId, parent?.isSampled),
        state: parent?.state,
      },
      parentId: parent?.spanId,
      name,
      kind,
      start: nanoseconds(),
      end: 0n,
      attributes: {},
      error: undefined,
    };
  }

  within<T>(span: Span, work: () => T): T {
    return this.spans.run(span, work);
  }

  end(span: Span): void {
    if (span.end > 0n) return;
    span.end = nanoseconds();
    if (span.context.isSampled) this.options.send(span);
  }

  /** Does work in a span of its own. */
  async run<T>(name: string, kind: Span['kind'], work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.begin(name, kind);
    try {
      return await this.within(span, () => work(span));
    } catch (error) {
      span.error = nameOf(error);
      throw error;
    } finally {
      this.end(span);
    }
  }
}

/** Does a piece of work that nobody asked for, in a span where there is a tracer. */
export const inSpan = <T>(tracer: Tracer | undefined, name: string, work: () => Promise<T>): Promise<T> =>
  tracer ? tracer.run(name, 'internal', work) : work();

const origin = BigInt(Math.round(performance.timeOrigin * 1e6));

const nanoseconds = (): bigint => origin + BigInt(Math.round(performance.now() * 1e6));

/** Never its message, which may say what somebody has sent. */
const nameOf = (error: unknown): string => {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : typeof name === 'string' ? name : 'Error';
};
