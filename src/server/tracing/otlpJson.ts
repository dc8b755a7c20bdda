import { type Span, spanKinds } from './tracer.ts';

const attributesOf = (fields: Record<string, string | number>) =>
  Object.entries(fields).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  }));

/** Spans as the body of an OTLP request in JSON. */
export const otlpJson = (resource: Record<string, string>, scopeVersion: string, spans: readonly Span[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'updraft', version: scopeVersion }, spans: spans.map(spanOf) }],
      },
    ],
  });

const spanOf = ({ context, parentId, name, kind, start, end, attributes, error }: Span) => ({
  traceId: context.traceId,
  spanId: context.spanId,
  ...(context.state === undefined ? {} : { traceState: context.state }),
  ...(parentId === undefined ? {} : { parentSpanId: parentId }),
  name,
  kind: spanKinds[kind],
  startTimeUnixNano: String(start),
  endTimeUnixNano: String(end),
  attributes: attributesOf({ ...attributes, ...(error === undefined ? {} : { 'error.type': error }) }),
  ...(error === undefined ? {} : { status: { code: 2 } }),
});
