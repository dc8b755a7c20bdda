/** A span of a trace, its body as OpenTelemetry's JSON. `start` in nanoseconds since 1970, as text since it does not fit a double. */
export interface StoredSpan {
  id: string;
  start: string;
  body: Record<string, any>;
}

export interface SpanReader {
  /** Of a trace, in the order of their start. */
  of(trace: string): Promise<StoredSpan[]>;
  count(trace: string): Promise<number>;
}

export interface SpanWriter extends SpanReader {
  /** A span that is there already is replaced. */
  put(trace: string, spans: StoredSpan[]): Promise<void>;
  remove(trace: string): Promise<void>;
}
