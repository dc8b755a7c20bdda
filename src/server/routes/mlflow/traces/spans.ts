import { traceKeys } from '../../../../protocol/trace.ts';
import type { StoreWriter } from '../../../../store/store.ts';
import { artifactRoot, below } from '../artifactAddress.ts';
import { activeExperiment } from '../experiments.ts';
import { invalid } from '../request.ts';
import { type AttributeJson, attributesByName, type ResourceSpans, type SpanJson } from './otlp.ts';
import { putTrace, spansHere, type Trace, traceOf } from './trace.ts';

/** MLflow's id of an OpenTelemetry trace: `tr-` and its hex. */
const mlflowId = (span: SpanJson): string => `tr-${hex(span.trace_id)}`;
const hex = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

/** Times as texts of one length sort as numbers do. */
const sortable = (nanoseconds: string): string => nanoseconds.padStart(20, '0');
const milliseconds = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1_000_000n);

/** Most characters of a preview that is taken from a span: MLFLOW_TRACE_REQUEST_PREVIEW… 's default. */
const previewLength = 1000;

/** Keeps spans and, where their trace is new or still open, tells it what they say. Answers the ids of traces whose root came along. */
export async function logSpans(writer: StoreWriter, experimentId: string, batches: ResourceSpans[]): Promise<string[]> {
  const experiment = await activeExperiment(writer, experimentId);
  const complete: string[] = [];
  const traces = new Map<string, { spans: SpanJson[]; resource: AttributeJson[] }>();
  for (const { resource, spans } of batches) {
    for (const span of spans) {
      if (!span.trace_id || !span.span_id) throw invalid('Cannot convert OpenTelemetry span to MLflow span: it has no id.');
      const id = mlflowId(span);
      const group = traces.get(id) ?? { spans: [], resource };
      group.spans.push(span);
      traces.set(id, group);
    }
  }
  for (const [id, { spans, resource }] of traces) {
    await writer.spans.put(
      id,
      spans.map((span) => ({ id: hex(span.span_id), start: sortable(span.start_time_unix_nano), body: span })),
    );
    const found = await writer.entities.get('trace', id);
    const known = found && traceOf(found);
    const trace: Trace = known ?? {
      trace_id: id,
      experiment_id: experiment.id,
      request_time: Math.min(...spans.map((span) => milliseconds(span.start_time_unix_nano))),
      state: 'IN_PROGRESS',
      trace_metadata: { 'mlflow.trace_schema.version': '3' },
      tags: {
        [traceKeys.artifactLocation]: below(artifactRoot(experiment.id, experiment.artifactLocation), 'traces', id, 'artifacts'),
      },
    };
    await putTrace(writer, told(trace, spans, resource));
    if (spans.some((span) => !span.parent_span_id)) complete.push(id);
  }
  return complete;
}

/** The trace with what its spans say, where nobody has said it yet. */
function told(trace: Trace, spans: SpanJson[], resource: AttributeJson[]): Trace {
  const root = spans.find((span) => !span.parent_span_id);
  const next: Trace = {
    ...trace,
    tags: { ...tagsOf(resource), ...trace.tags, [traceKeys.spansLocation]: spansHere },
    trace_metadata: { ...trace.trace_metadata },
  };
  if (!trace.finalized) {
    const start = Math.min(trace.request_time, ...spans.map((span) => milliseconds(span.start_time_unix_nano)));
    const ends = spans.flatMap((span) =>
      span.end_time_unix_nano && span.end_time_unix_nano !== '0' ? [milliseconds(span.end_time_unix_nano)] : [],
    );
    const before = trace.execution_duration === undefined ? [] : [trace.request_time + trace.execution_duration];
    next.request_time = start;
    if (ends.length || before.length) next.execution_duration = Math.max(...ends, ...before) - start;
  }
  const attributes = spans.map((span) => attributesByName(span.attributes));
  const session = attributes.map((each) => each['session.id'] ?? each['gen_ai.conversation.id']).find(Boolean);
  const user = attributes.map((each) => each['user.id']).find(Boolean);
  if (session) next.trace_metadata[traceKeys.session] ??= String(session);
  if (user) next.trace_metadata[traceKeys.user] ??= String(user);
  for (const [key, attribute] of [
    [traceKeys.tokenUsage, 'mlflow.chat.tokenUsage'],
    [traceKeys.cost, 'mlflow.llm.cost'],
  ] as const) {
    const sum = summed(spans, attribute);
    if (sum && !trace.finalized) next.trace_metadata[key] = JSON.stringify(added(next.trace_metadata[key], sum));
  }
  if (!root) return next;
  if (trace.state === 'IN_PROGRESS' || trace.state === 'STATE_UNSPECIFIED') next.state = root.status?.code === 2 ? 'ERROR' : 'OK';
  const of = attributesByName(root.attributes);
  next.tags[traceKeys.name] ??= root.name;
  next.request_preview ??= preview(of['mlflow.spanInputs'] ?? of['input.value']);
  next.response_preview ??= preview(of['mlflow.spanOutputs'] ?? of['output.value']);
  for (const [key, value] of Object.entries(of))
    if (key.startsWith('mlflow.traceTag.')) next.tags[key.slice('mlflow.traceTag.'.length)] = String(value);
  return next;
}

/** What made the spans, as tags; the SDK's own facts and MLflow's names are left out. */
function tagsOf(resource: AttributeJson[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributesByName(resource))
      .filter(([key]) => key !== '' && key.length <= 250 && !/^(?:telemetry\.sdk\.|mlflow\.)/.test(key))
      .map(([key, value]) => [key, (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 8000)]),
  );
}

/** The sum of numbers by name over spans; a span whose parent has them counts with its parent. */
function summed(spans: SpanJson[], attribute: string): Record<string, number> | undefined {
  const numbers = new Map(spans.map((span) => [span.span_id, numbersIn(attributesByName(span.attributes)[attribute])]));
  const parents = new Map(spans.map((span) => [span.span_id, span.parent_span_id]));
  let sum: Record<string, number> | undefined;
  for (const [id, own] of numbers) {
    if (!own) continue;
    let above = parents.get(id);
    for (let steps = 0; above && !numbers.get(above) && steps < spans.length; steps++) above = parents.get(above);
    if (above && numbers.get(above)) continue;
    sum ??= {};
    for (const [key, value] of Object.entries(own)) sum[key] = (sum[key] ?? 0) + value;
  }
  return sum;
}

function numbersIn(value: unknown): Record<string, number> | undefined {
  let given = value;
  try {
    if (typeof given === 'string') given = JSON.parse(given);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const numbers = Object.entries(given).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return numbers.length ? Object.fromEntries(numbers) : undefined;
}

function added(before: string | undefined, more: Record<string, number>): Record<string, number> {
  const sum = { ...numbersIn(before) };
  for (const [key, value] of Object.entries(more)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}

function preview(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > previewLength ? `${text.slice(0, previewLength - 3)}...` : text;
}
