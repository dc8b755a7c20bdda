/** A span of a trace, its body as OpenTelemetry's JSON. `start` in nanoseconds since 1970, as text since it does not fit a double. */
export interface StoredSpan {
  id: string;
  start: string;
  body: Record<string, any>;
}

export interface SpanReader {
  /** Of a trace, in the order of their start. */
  of(trace: string): StoredSpan[];
  count(trace: string): number;
}

export interface SpanWriter extends SpanReader {
  /** A span that is there already is replaced. */
  put(trace: string, spans: StoredSpan[]): void;
  remove(trace: string): void;
}
