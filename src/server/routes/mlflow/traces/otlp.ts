import { PbfReader } from 'pbf';
import { invalid } from '../request.ts';

/**
 * A span as protobuf's JSON has it, with the names of the proto (https://github.com/open-telemetry/opentelemetry-proto, trace.proto): ids in base64, times as text.
 * This is the form in which MLflow's clients read spans back.
 */
export interface SpanJson {
  trace_id: string;
  span_id: string;
  parent_span_id?: string;
  trace_state?: string;
  name: string;
  kind?: number;
  start_time_unix_nano: string;
  end_time_unix_nano?: string;
  attributes: AttributeJson[];
  events?: EventJson[];
  links?: LinkJson[];
  status?: { code?: number; message?: string };
  flags?: number;
}
export interface AttributeJson {
  key: string;
  value: AnyJson;
}
interface EventJson {
  time_unix_nano: string;
  name: string;
  attributes: AttributeJson[];
}
interface LinkJson {
  trace_id: string;
  span_id: string;
  trace_state?: string;
  attributes: AttributeJson[];
}
export interface AnyJson {
  string_value?: string;
  bool_value?: boolean;
  int_value?: string;
  double_value?: number | string;
  array_value?: { values: AnyJson[] };
  kvlist_value?: { values: AttributeJson[] };
  bytes_value?: string;
}

/** Spans that came together, with what made them. */
export interface ResourceSpans {
  resource: AttributeJson[];
  spans: SpanJson[];
}

/** Reads `ExportTraceServiceRequest` in its binary form; throws `InvalidRequest` for what is none. */
export function readProtobuf(bytes: Uint8Array): ResourceSpans[] {
  try {
    return new PbfReader(bytes).readFields<ResourceSpans[]>((tag, all, reader) => {
      if (tag === 1) all.push(reader.readMessage(resourceSpans, { resource: [], spans: [] }));
    }, []);
  } catch {
    // The reader's own errors say nothing to who sent this.
    throw invalid('Invalid OpenTelemetry format');
  }
}

type Read<T> = (tag: number, result: T, reader: PbfReader) => void;

const resourceSpans: Read<ResourceSpans> = (tag, result, reader) => {
  if (tag === 1)
    reader.readMessage<AttributeJson[]>((inner, attributes) => {
      if (inner === 1) attributes.push(attribute(reader));
    }, result.resource);
  else if (tag === 2)
    reader.readMessage<SpanJson[]>((inner, spans) => {
      if (inner === 2)
        spans.push(reader.readMessage(span, { trace_id: '', span_id: '', name: '', start_time_unix_nano: '0', attributes: [] }));
    }, result.spans);
};

const span: Read<SpanJson> = (tag, result, reader) => {
  if (tag === 1) result.trace_id = base64(reader);
  else if (tag === 2) result.span_id = base64(reader);
  else if (tag === 3) result.trace_state = reader.readString();
  else if (tag === 4) result.parent_span_id = base64(reader);
  else if (tag === 5) result.name = reader.readString();
  else if (tag === 6) result.kind = reader.readVarint();
  else if (tag === 7) result.start_time_unix_nano = fixed64(reader);
  else if (tag === 8) result.end_time_unix_nano = fixed64(reader);
  else if (tag === 9) result.attributes.push(attribute(reader));
  else if (tag === 11) (result.events ??= []).push(reader.readMessage(event, { time_unix_nano: '0', name: '', attributes: [] }));
  else if (tag === 13) (result.links ??= []).push(reader.readMessage(link, { trace_id: '', span_id: '', attributes: [] }));
  else if (tag === 15)
    result.status = reader.readMessage<NonNullable<SpanJson['status']>>((inner, status) => {
      if (inner === 2) status.message = reader.readString();
      else if (inner === 3) status.code = reader.readVarint();
    }, {});
  else if (tag === 16) result.flags = reader.readFixed32();
};

const event: Read<EventJson> = (tag, result, reader) => {
  if (tag === 1) result.time_unix_nano = fixed64(reader);
  else if (tag === 2) result.name = reader.readString();
  else if (tag === 3) result.attributes.push(attribute(reader));
};

const link: Read<LinkJson> = (tag, result, reader) => {
  if (tag === 1) result.trace_id = base64(reader);
  else if (tag === 2) result.span_id = base64(reader);
  else if (tag === 3) result.trace_state = reader.readString();
  else if (tag === 4) result.attributes.push(attribute(reader));
};

const attribute = (reader: PbfReader): AttributeJson =>
  reader.readMessage<AttributeJson>(
    (tag, result) => {
      if (tag === 1) result.key = reader.readString();
      else if (tag === 2) result.value = reader.readMessage(any, {});
    },
    { key: '', value: {} },
  );

const any: Read<AnyJson> = (tag, result, reader) => {
  if (tag === 1) result.string_value = reader.readString();
  else if (tag === 2) result.bool_value = reader.readBoolean();
  else if (tag === 3) result.int_value = String(reader.readVarint(true));
  else if (tag === 4) result.double_value = double(reader.readDouble());
  else if (tag === 5)
    result.array_value = {
      values: reader.readMessage<AnyJson[]>((inner, values) => {
        if (inner === 1) values.push(reader.readMessage(any, {}));
      }, []),
    };
  else if (tag === 6)
    result.kvlist_value = {
      values: reader.readMessage<AttributeJson[]>((inner, values) => {
        if (inner === 1) values.push(attribute(reader));
      }, []),
    };
  else if (tag === 7) result.bytes_value = base64(reader);
};

const base64 = (reader: PbfReader): string => Buffer.from(reader.readBytes()).toString('base64');

/** Nanoseconds since 1970 do not fit a double. */
function fixed64(reader: PbfReader): string {
  const [low, high] = [reader.readFixed32(), reader.readFixed32()];
  return String((BigInt(high) << 32n) | BigInt(low));
}

const double = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';

/** Reads `ExportTraceServiceRequest` as OTLP's JSON: camelCase, ids in hex. Throws `InvalidRequest` for what is none. */
export function readJson(text: string): ResourceSpans[] {
  try {
    const body = JSON.parse(text);
    return list(body.resourceSpans).map((each) => ({
      resource: attributesOf(each.resource?.attributes),
      spans: list(each.scopeSpans).flatMap((scope) => list(scope.spans).map(spanOf)),
    }));
  } catch {
    throw invalid('Invalid OpenTelemetry format');
  }
}

type Loose = Record<string, any>;

/** Throws for what is there but is no list of objects. */
function list(value: unknown): Loose[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'object' || each === null)) throw new Error('no list');
  return value;
}

function spanOf(given: Loose): SpanJson {
  return {
    trace_id: fromHex(given.traceId),
    span_id: fromHex(given.spanId),
    ...(given.parentSpanId ? { parent_span_id: fromHex(given.parentSpanId) } : {}),
    ...(given.traceState ? { trace_state: String(given.traceState) } : {}),
    name: String(given.name ?? ''),
    ...(given.kind === undefined ? {} : { kind: Number(given.kind) || 0 }),
    start_time_unix_nano: whole(given.startTimeUnixNano),
    ...(given.endTimeUnixNano === undefined ? {} : { end_time_unix_nano: whole(given.endTimeUnixNano) }),
    attributes: attributesOf(given.attributes),
    ...(given.events
      ? {
          events: list(given.events).map((each) => ({
            time_unix_nano: whole(each.timeUnixNano),
            name: String(each.name ?? ''),
            attributes: attributesOf(each.attributes),
          })),
        }
      : {}),
    ...(given.links
      ? {
          links: list(given.links).map((each) => ({
            trace_id: fromHex(each.traceId),
            span_id: fromHex(each.spanId),
            attributes: attributesOf(each.attributes),
          })),
        }
      : {}),
    ...(given.status
      ? { status: { code: codeOf(given.status.code), ...(given.status.message ? { message: String(given.status.message) } : {}) } }
      : {}),
  };
}

const codeOf = (code: unknown): number =>
  typeof code === 'string' ? Math.max(0, ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'].indexOf(code)) : Number(code) || 0;

const whole = (value: unknown): string => String(BigInt(String(value ?? 0)));

function fromHex(value: unknown): string {
  if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})+$/i.test(value)) throw new Error('no hex');
  return Buffer.from(value, 'hex').toString('base64');
}

const attributesOf = (given: unknown): AttributeJson[] =>
  list(given).map((each) => ({ key: String(each.key ?? ''), value: anyOf((each.value ?? {}) as Loose) }));

function anyOf(given: Loose): AnyJson {
  if (given.stringValue !== undefined) return { string_value: String(given.stringValue) };
  if (given.boolValue !== undefined) return { bool_value: given.boolValue === true };
  if (given.intValue !== undefined) return { int_value: whole(given.intValue) };
  if (given.doubleValue !== undefined) return { double_value: double(Number(given.doubleValue)) };
  if (given.arrayValue) return { array_value: { values: list(given.arrayValue.values).map(anyOf) } };
  if (given.kvlistValue) return { kvlist_value: { values: attributesOf(given.kvlistValue.values) } };
  if (given.bytesValue !== undefined) return { bytes_value: String(given.bytesValue) };
  return {};
}

/** An attribute's value as plain JSON. */
export function plain(value: AnyJson): unknown {
  if (value.string_value !== undefined) return value.string_value;
  if (value.bool_value !== undefined) return value.bool_value;
  if (value.int_value !== undefined) return Number(value.int_value);
  if (value.double_value !== undefined) return Number(value.double_value);
  if (value.array_value) return value.array_value.values.map(plain);
  if (value.kvlist_value) return Object.fromEntries(value.kvlist_value.values.map((each) => [each.key, plain(each.value)]));
  return value.bytes_value ?? null;
}

/** Attributes of a span by name, as plain JSON. */
export const attributesByName = (attributes: AttributeJson[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
