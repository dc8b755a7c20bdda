import type { StoredSpan } from '../../../../store/spans.ts';
import { type AttributeJson, plain, type SpanJson } from './otlp.ts';

const statusCodes = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** A trace's spans as MLflow writes them into its file `traces.json`: attributes as texts of JSON, times as whole numbers that no double can hold. */
export function spanFile(spans: StoredSpan[]): string {
  return `{"spans": [${spans.map(({ body }) => spanText(body as SpanJson)).join(', ')}]}`;
}

function spanText(span: SpanJson): string {
  const rest = {
    trace_id: span.trace_id,
    span_id: span.span_id,
    parent_span_id: span.parent_span_id ?? null,
    name: span.name,
    status: { code: statusCodes[span.status?.code ?? 0], message: span.status?.message ?? '' },
    attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, pythonJson(plain(value))])),
    links: (span.links ?? []).map((link) => ({
      trace_id: `tr-${Buffer.from(link.trace_id, 'base64').toString('hex')}`,
      span_id: Buffer.from(link.span_id, 'base64').toString('hex'),
      attributes: plainMap(link.attributes),
    })),
  };
  const events = (span.events ?? []).map(
    (event) =>
      `{"name": ${JSON.stringify(event.name)}, "time_unix_nano": ${event.time_unix_nano}, "attributes": ${JSON.stringify(plainMap(event.attributes))}}`,
  );
  const times = `"start_time_unix_nano": ${span.start_time_unix_nano}, "end_time_unix_nano": ${span.end_time_unix_nano ?? 'null'}`;
  return `${JSON.stringify(rest).slice(0, -1)}, ${times}, "events": [${events.join(', ')}]}`;
}

const plainMap = (attributes: AttributeJson[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));

/** JSON with Python's blanks: readers compare the texts. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}: ${pythonJson(each)}`)
      .join(', ')}}`;
  return JSON.stringify(value ?? null);
}
