import { filterAsync } from '../../../../base/filterAsync.ts';
import { traceKeys } from '../../../../protocol/trace.ts';
import type { StoreReader } from '../../../../store/store.ts';
import { type Comparison, parseFilter, parseOrder, passes, sortBy } from '../filter.ts';
import { invalid } from '../request.ts';
import { linkedRuns } from './links.ts';
import { attributesByName, type SpanJson } from './otlp.ts';
import { type Trace, traceOf } from './trace.ts';

type Value = string | number | undefined;

const attributes: Record<string, (trace: Trace) => Value> = {
  request_id: (trace) => trace.trace_id,
  trace_id: (trace) => trace.trace_id,
  experiment_id: (trace) => Number(trace.experiment_id),
  timestamp: (trace) => trace.request_time,
  timestamp_ms: (trace) => trace.request_time,
  request_time: (trace) => trace.request_time,
  execution_time: (trace) => trace.execution_duration,
  execution_time_ms: (trace) => trace.execution_duration,
  end_time: (trace) => trace.request_time + (trace.execution_duration ?? 0),
  end_time_ms: (trace) => trace.request_time + (trace.execution_duration ?? 0),
  status: (trace) => trace.state,
  client_request_id: (trace) => trace.client_request_id,
  name: (trace) => trace.tags[traceKeys.name],
  run_id: (trace) => trace.trace_metadata[traceKeys.sourceRun],
};

/** Traces of experiments that pass a filter, in order; the newest first without one. Throws `InvalidRequest` for a filter that can't be read. */
export async function searchTraces(
  reader: StoreReader,
  experimentIds: string[],
  filter: string | undefined,
  orderBy: string[],
): Promise<Trace[]> {
  const comparisons = parseFilter(filter);
  const spanTests = comparisons.filter(({ scope }) => scope === 'span');
  const tests = comparisons.filter(({ scope }) => scope !== 'span').map((comparison) => testOf(reader, comparison));
  if (spanTests.length) tests.push(spanTest(reader, spanTests));
  const order = parseOrder(orderBy).map(({ scope, key, descending }) => ({ read: readOf(scope, key), descending }));
  const traces = (await Promise.all(experimentIds.map(async (id) => reader.entities.list('trace', id)))).flat().map(traceOf);
  const passesAll = async (trace: Trace) => {
    for (const test of tests) if (!(await test(trace))) return false;
    return true;
  };
  const found = tests.length ? await filterAsync(traces, passesAll) : traces;
  return sortBy(found, [...order, { read: attributes.timestamp!, descending: true }, { read: attributes.trace_id!, descending: false }]);
}

function readOf(scope: string, key: string): (trace: Trace) => Value {
  if (scope === 'tag' || scope === 'tags') return (trace) => trace.tags[key];
  if (scope === 'metadata' || scope === 'request_metadata') return (trace) => trace.trace_metadata[key];
  const read = ['', 'attribute', 'attributes', 'trace'].includes(scope) && Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (!read)
    throw invalid(
      `Invalid attribute key '${scope ? `${scope}.` : ''}${key}' specified. Valid keys are '${Object.keys(attributes).join("', '")}'`,
    );
  return read;
}

type Test = (trace: Trace) => boolean | Promise<boolean>;

function testOf(reader: StoreReader, comparison: Comparison): Test {
  const { scope, key } = comparison;
  const plainScope = ['', 'attribute', 'attributes', 'trace'].includes(scope);
  if (plainScope && key === 'run_id') {
    return async (trace) =>
      passes(trace.trace_metadata[traceKeys.sourceRun], comparison) ||
      (await linkedRuns(reader, trace.trace_id)).some((run) => passes(run, comparison));
  }
  if (plainScope && key === 'prompt') {
    const [, name, version] = /^(.+)\/(\d+)$/s.exec(String(comparison.value)) ?? [];
    if (!name || comparison.operator !== '=')
      throw invalid(`Invalid prompt filter value '${comparison.value}'. Expected format: prompt = 'name/version'.`);
    return (trace) => promptsOf(trace).some((each) => each.name === name && String(each.version) === version);
  }
  if (plainScope && key === 'text')
    return async (trace) => (await reader.spans.of(trace.trace_id)).some((span) => passes(textOf(span.body as SpanJson), comparison));
  if (scope === 'feedback' || scope === 'expectation') {
    return async (trace) => {
      const values = (await reader.entities.list('assessment', trace.trace_id))
        .filter(({ body }) => body.assessment_name === key && body[scope] && body.valid !== false)
        .map(({ body }) => valueText(body[scope]));
      return comparison.operator === 'IS NULL' ? values.length === 0 : values.some((value) => passes(value, comparison));
    };
  }
  if (scope === 'issue') {
    return async (trace) =>
      (await reader.entities.list('assessment', trace.trace_id)).some(({ body }) => body.issue && passes(body.assessment_name, comparison));
  }
  const read = readOf(scope, key);
  if (
    typeof comparison.value === 'string' &&
    /(?:timestamp|time)(?:_ms)?$/.test(key) &&
    plainScope &&
    Number.isNaN(Number(comparison.value))
  )
    throw invalid(`Expected numeric value type for ${key}. Found '${comparison.value}'`);
  return (trace) => passes(read(trace), comparison);
}

/** All comparisons of spans must hold of one and the same span. */
function spanTest(reader: StoreReader, comparisons: Comparison[]): Test {
  const reads = comparisons.map((comparison) => ({ comparison, read: spanRead(comparison.key) }));
  return async (trace) =>
    (await reader.spans.of(trace.trace_id)).some(({ body }) =>
      reads.every(({ comparison, read }) => passes(read(body as SpanJson), comparison)),
    );
}

function spanRead(key: string): (span: SpanJson) => Value {
  if (key === 'name') return (span) => span.name;
  if (key === 'status') return (span) => ['UNSET', 'OK', 'ERROR'][span.status?.code ?? 0];
  if (key === 'type') return (span) => asText(attributesByName(span.attributes)['mlflow.spanType'] ?? 'UNKNOWN');
  if (key === 'content') return textOf;
  const attribute = /^attributes\.(.+)$/s.exec(key)?.[1]?.replace(/^(["`])(.*)\1$/s, '$2');
  if (!attribute) throw invalid(`Invalid span attribute '${key}'. Supported attributes: name, status, type, attributes.<name>.`);
  return (span) => {
    const value = attributesByName(span.attributes)[attribute];
    return value === undefined ? undefined : asText(value);
  };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const textOf = (span: SpanJson): string =>
  JSON.stringify({ name: span.name, attributes: attributesByName(span.attributes), events: span.events });

function valueText(assessed: Record<string, any>): string | number {
  const value = assessed.value ?? assessed.serialized_value?.value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function promptsOf(trace: Trace): { name: string; version: string | number }[] {
  try {
    return JSON.parse(trace.tags[traceKeys.linkedPrompts] ?? '[]');
  } catch {
    return [];
  }
}
