import type { TestPlane } from '../contract/plane.ts';

/** A span as a test says it. Times in milliseconds since the start of the trace. */
export interface FixtureSpan {
  id: number;
  parent?: number;
  name: string;
  type?: string;
  start: number;
  end: number;
  error?: string;
  attributes?: Record<string, unknown>;
  events?: { name: string; attributes: Record<string, string> }[];
}

/** 2026-01-05 10:00 UTC. */
const epoch = 1_767_607_200_000;
const nanoseconds = (ms: number): string => `${BigInt(Math.round((epoch + ms) * 1000)) * 1000n}`;
const attributesOf = (values: Record<string, unknown>) => Object.entries(values).map(([key, value]) => ({ key, value: anyOf(value) }));

/** A value as OpenTelemetry has it. */
function anyOf(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyOf) } };
  return { kvlistValue: { values: attributesOf(value as Record<string, unknown>) } };
}

let traces = 0;

/** Logs a trace of a run as MLflow's clients do: its spans by OpenTelemetry, then what is known of the whole. Answers its id. */
export async function logTrace(
  plane: TestPlane,
  run: string,
  name: string,
  spans: readonly FixtureSpan[],
  metadata: Record<string, string> = {},
): Promise<string> {
  const hex = (++traces).toString(16).padStart(32, '0');
  const spanId = (id: number) => id.toString(16).padStart(16, '0');
  const sent = spans.map(({ id, parent, name: title, type, start, end, error, attributes = {}, events = [] }) => ({
    traceId: hex,
    spanId: spanId(id),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
    name: title,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    status: error === undefined ? { code: 1 } : { code: 2, message: error },
    attributes: attributesOf({ ...(type ? { 'mlflow.spanType': type } : {}), ...attributes }),
    events: events.map((event) => ({ name: event.name, timeUnixNano: nanoseconds(end), attributes: attributesOf(event.attributes) })),
  }));
  for (let at = 0; at < sent.length; at += 1000)
    await plane.client.http.send('POST', '/v1/traces', {
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: sent.slice(at, at + 1000) }] }] }),
      headers: { 'content-type': 'application/json', 'x-mlflow-experiment-id': '0' },
    });
  const last = Math.max(...spans.map(({ end }) => end));
  const root = spans[0]!;
  const id = `tr-${hex}`;
  const preview = (key: string) => JSON.stringify(root.attributes?.[key] ?? '').slice(0, 1000);
  await plane.client.http.json('POST', '/api/3.0/mlflow/traces', {
    trace: {
      trace_info: {
        trace_id: id,
        trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } },
        request_time: new Date(epoch + traces * 1000).toISOString(),
        execution_duration: `${last / 1000}s`,
        state: root.error === undefined ? 'OK' : 'ERROR',
        request_preview: preview('mlflow.spanInputs'),
        response_preview: preview('mlflow.spanOutputs'),
        trace_metadata: { 'mlflow.sourceRun': run, ...metadata },
        tags: { 'mlflow.traceName': name },
      },
    },
  });
  return id;
}

/** What an assistant that looks things up did to answer a question. */
export const answerSpans = (question: string, error?: string): FixtureSpan[] => [
  {
    id: 1,
    name: 'answer',
    type: 'AGENT',
    start: 0,
    end: 2140,
    ...(error ? { error } : {}),
    attributes: {
      'mlflow.spanInputs': { question },
      'mlflow.spanOutputs': { answer: 'It is the sum of the squares.', sources: ['digits.md', 'loss.md'] },
    },
  },
  {
    id: 2,
    parent: 1,
    name: 'retrieve',
    type: 'RETRIEVER',
    start: 12,
    end: 340,
    attributes: {
      'mlflow.spanInputs': { query: question },
      'mlflow.spanOutputs': [{ page_content: 'A loss says how wrong…', id: 'loss.md' }],
    },
  },
  { id: 3, parent: 2, name: 'embed', type: 'EMBEDDING', start: 20, end: 95.4, attributes: { model: 'small-embedder', dimensions: 384 } },
  {
    id: 4,
    parent: 1,
    name: 'complete',
    type: 'CHAT_MODEL',
    start: 360,
    end: 1900,
    ...(error ? { error } : {}),
    attributes: {
      'mlflow.spanInputs': { messages: [{ role: 'user', content: question }], temperature: 0.1 },
      'mlflow.spanOutputs': 'It is the sum\nof the squares.',
      'mlflow.chat.tokenUsage': { input_tokens: 1200, output_tokens: 34, total_tokens: 1234 },
    },
    ...(error ? { events: [{ name: 'exception', attributes: { 'exception.type': 'TimeoutError', 'exception.message': error } }] } : {}),
  },
  { id: 5, parent: 1, name: 'calculator', type: 'TOOL', start: 1905, end: 1905.6, attributes: { 'mlflow.spanInputs': { sum: '2 + 2' } } },
  { id: 6, parent: 1, name: 'check the answer', type: 'PARSER', start: 1950, end: 2120 },
];
