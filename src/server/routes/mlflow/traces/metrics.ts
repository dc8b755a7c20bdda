import { traceKeys } from '../../../../protocol/trace.ts';
import type { StoreReader } from '../../../../store/store.ts';
import { Fields, invalid, missing } from '../request.ts';
import { attributesByName, type SpanJson } from './otlp.ts';
import { searchTraces } from './search.ts';
import type { Trace } from './trace.ts';

/** One thing that is counted or measured; `at` in ms since 1970. */
interface Item {
  at: number;
  value: number | undefined;
  dimensions: Record<string, string | undefined>;
}

const most = 1000;

/** Counts, sums and percentiles of traces, spans or assessments, by dimensions and over time. */
export async function traceMetrics(reader: StoreReader, experimentIds: string[], fields: Fields): Promise<{ data_points: object[] }> {
  const view = viewIn(fields);
  const metric = fields.text('metric_name');
  const aggregations = fields.objects('aggregations').map((each) => aggregationOf(new Fields(each as Record<string, unknown>)));
  if (aggregations.length === 0) throw missing('aggregations');
  const dimensions = fields.texts('dimensions');
  const interval = fields.optionalWhole('time_interval_seconds');
  const [from, to] = [fields.optionalWhole('start_time_ms'), fields.optionalWhole('end_time_ms')];
  if (interval && (from === undefined || to === undefined))
    throw invalid('start_time_ms and end_time_ms are required if time_interval_seconds is set');
  const traces = (await searchTraces(reader, experimentIds, fields.texts('filters').join(' AND ') || undefined, [])).filter(
    (trace) => (from === undefined || trace.request_time >= from) && (to === undefined || trace.request_time <= to),
  );
  const items = await itemsOf(reader, traces, view, metric);
  const known =
    view === 'TRACES'
      ? ['trace_name', 'trace_status']
      : view === 'SPANS'
        ? ['span_name', 'span_type', 'span_status', 'span_model_name', 'span_model_provider']
        : ['assessment_name', 'assessment_value'];
  const unknown = dimensions.filter((each) => !known.includes(each));
  if (unknown.length)
    throw invalid(`Found invalid dimension(s): ['${unknown.join("', '")}']. Supported dimensions: ['${known.join("', '")}']`);

  const groups = new Map<string, { dimensions: Record<string, string>; values: number[]; count: number }>();
  for (const item of items) {
    const own: Record<string, string> = {};
    if (interval)
      own.time_bucket = new Date(Math.floor(item.at / (interval * 1000)) * interval * 1000).toISOString().replace('.000Z', '+00:00');
    for (const name of dimensions) if (item.dimensions[name] !== undefined) own[name] = item.dimensions[name]!;
    if (dimensions.some((name) => own[name] === undefined)) continue;
    const key = JSON.stringify(Object.values(own));
    const group = groups.get(key) ?? { dimensions: own, values: [], count: 0 };
    group.count++;
    if (item.value !== undefined) group.values.push(item.value);
    groups.set(key, group);
  }
  const points = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, Math.min(most, fields.whole('max_results', most)));
  return {
    data_points: points
      .map(([, group]) => ({
        metric_name: metric,
        dimensions: group.dimensions,
        values: Object.fromEntries(
          aggregations
            .map(({ label, of }) => [label, of(group)] as const)
            .filter((entry): entry is [string, number] => entry[1] !== undefined),
        ),
      }))
      .filter(({ values }) => Object.keys(values).length > 0),
  };
}

const views = ['', 'TRACES', 'SPANS', 'ASSESSMENTS'];

function viewIn(fields: Fields): string {
  const given = fields.all.view_type;
  const view = typeof given === 'number' ? views[given] : views.find((each) => each !== '' && each === given);
  if (!view) throw invalid(`view_type must be one of ['TRACES', 'SPANS', 'ASSESSMENTS'], got '${given}'`);
  return view;
}

type Of = (group: { values: number[]; count: number }) => number | undefined;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const simple: Record<string, Of> = {
  COUNT: ({ count }) => count,
  SUM: ({ values }) => (values.length ? sum(values) : undefined),
  AVG: ({ values }) => (values.length ? sum(values) / values.length : undefined),
  MIN: ({ values }) => (values.length ? Math.min(...values) : undefined),
  MAX: ({ values }) => (values.length ? Math.max(...values) : undefined),
};
const types = ['', 'COUNT', 'SUM', 'AVG', 'PERCENTILE', 'MIN', 'MAX'];

function aggregationOf(fields: Fields): { label: string; of: Of } {
  const given = fields.all.aggregation_type;
  const type = typeof given === 'number' ? (types[given] ?? '') : String(given ?? '');
  if (type === 'PERCENTILE') {
    const at = Number(fields.all.percentile_value);
    if (!(at >= 0 && at <= 100)) throw invalid('percentile_value must be a number from 0 to 100.');
    return { label: `P${at}`, of: ({ values }) => percentile(values, at) };
  }
  if (!Object.hasOwn(simple, type))
    throw invalid(
      `Found invalid aggregation_type(s): ['${type}']. Supported aggregation types: ['AVG', 'COUNT', 'MAX', 'MIN', 'PERCENTILE', 'SUM']`,
    );
  return { label: type, of: simple[type]! };
}

/** With linear interpolation between the neighbours. */
function percentile(values: number[], at: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * at) / 100;
  const low = Math.floor(place);
  return sorted[low]! + ((sorted[Math.ceil(place)] ?? sorted[low]!) - sorted[low]!) * (place - low);
}

async function itemsOf(reader: StoreReader, traces: Trace[], view: string, metric: string): Promise<Item[]> {
  if (view === 'TRACES') {
    const value = traceValue(metric);
    const items = traces.map((trace) => ({
      at: trace.request_time,
      value: value(trace),
      dimensions: { trace_name: trace.tags[traceKeys.name], trace_status: trace.state },
    }));
    return metric === 'trace_count' ? items : items.filter((item) => item.value !== undefined);
  }
  if (view === 'SPANS') {
    const value = spanValue(metric);
    return (
      await Promise.all(
        traces.map(async (trace) =>
          (
            await reader.spans.of(trace.trace_id)
          ).map(({ body }) => {
            const span = body as SpanJson;
            const attributes = attributesByName(span.attributes);
            const text = (name: string) => (attributes[name] === undefined ? undefined : String(attributes[name]));
            return {
              at: Number(BigInt(span.start_time_unix_nano) / 1_000_000n),
              value: value(span, attributes),
              dimensions: {
                span_name: span.name,
                span_type: text('mlflow.spanType') ?? 'UNKNOWN',
                span_status: ['UNSET', 'OK', 'ERROR'][span.status?.code ?? 0],
                span_model_name: text('mlflow.llm.model'),
                span_model_provider: text('mlflow.llm.provider'),
              },
            };
          }),
        ),
      )
    ).flat();
  }
  if (!['assessment_count', 'assessment_value'].includes(metric)) throw unknownMetric(metric, ['assessment_count', 'assessment_value']);
  return (
    await Promise.all(
      traces.map(async (trace) =>
        (
          await reader.entities.list('assessment', trace.trace_id)
        ).map(({ body }) => {
          const value = (body.feedback ?? body.expectation)?.value;
          return {
            at: trace.request_time,
            value: typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : undefined,
            dimensions: {
              assessment_name: body.assessment_name,
              assessment_value: value === undefined ? undefined : JSON.stringify(value),
            },
          };
        }),
      ),
    )
  ).flat();
}

const tokens = ['input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];
const costs = ['input_cost', 'output_cost', 'total_cost'];

function traceValue(metric: string): (trace: Trace) => number | undefined {
  if (metric === 'trace_count') return () => 1;
  if (metric === 'latency') return (trace) => trace.execution_duration;
  if (metric === 'session_count') return (trace) => (trace.trace_metadata[traceKeys.session] === undefined ? undefined : 1);
  if (!tokens.includes(metric)) throw unknownMetric(metric, ['trace_count', 'latency', 'session_count', ...tokens]);
  return (trace) => numberIn(trace.trace_metadata[traceKeys.tokenUsage], metric);
}

function spanValue(metric: string): (span: SpanJson, attributes: Record<string, unknown>) => number | undefined {
  if (metric === 'span_count') return () => 1;
  if (metric === 'latency')
    return (span) =>
      span.end_time_unix_nano ? Number(BigInt(span.end_time_unix_nano) - BigInt(span.start_time_unix_nano)) / 1e6 : undefined;
  if (!costs.includes(metric)) throw unknownMetric(metric, ['span_count', 'latency', ...costs]);
  return (_span, attributes) => numberIn(attributes['mlflow.llm.cost'], metric);
}

const unknownMetric = (metric: string, known: string[]) => invalid(`metric_name must be one of ['${known.join("', '")}'], got '${metric}'`);

function numberIn(given: unknown, name: string): number | undefined {
  try {
    const value = (typeof given === 'string' ? JSON.parse(given) : given)?.[name];
    return typeof value === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
