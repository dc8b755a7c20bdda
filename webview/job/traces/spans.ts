import { UserError } from '../../../src/base/userError.ts';

/** A span as the page draws it. Times in milliseconds since 1970, with fractions; no `end`: it had not ended when it was sent. */
export interface Span {
  id: string;
  parent: string | undefined;
  name: string;
  type: string;
  start: number;
  end: number | undefined;
  status: 'OK' | 'ERROR' | 'UNSET';
  message: string;
  /** Values as texts of JSON, which are read when they are shown. */
  attributes: ReadonlyMap<string, string>;
  events: readonly unknown[];
}

/** Largest file of spans that is read, in bytes: it becomes a few times as much in memory. */
const most = 64 * 1024 * 1024;

/** Reads MLflow's file of spans. Throws `UserError` for one that is too large or is none. */
export async function readSpans(file: Response): Promise<Span[]> {
  const parts: string[] = [];
  const decoder = new TextDecoder();
  let size = 0;
  const reader = file.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new UserError(
        'RemoteError',
        'The spans of this trace are larger than 64 MB, which is too much for this page.',
        'In Python, mlflow.get_trace reads them.',
      );
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
  return spansOf(parts.join('') + decoder.decode());
}

/** The spans of a file, of which MLflow has had two forms: that of version 3, and that of version 2, whose ids stand in a `context`. */
export function spansOf(text: string): Span[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    // Said below.
  }
  const spans = objectOf(file).spans;
  if (!Array.isArray(spans))
    throw new UserError('RemoteError', 'The file of spans of this trace can not be read: it has no list of spans.');
  return spans.map((each, at) => spanOf(objectOf(each), at));
}

type Fields = Record<string, unknown>;

function spanOf(span: Fields, at: number): Span {
  const context = objectOf(span.context);
  const status = objectOf(span.status);
  const attributes = new Map(
    Object.entries(objectOf(span.attributes)).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  const code = String(status.code ?? span.status_code ?? '');
  return {
    id: textOf(span.span_id) ?? textOf(context.span_id) ?? `span ${at}`,
    parent: textOf(span.parent_span_id) ?? textOf(span.parent_id),
    name: textOf(span.name) ?? '',
    type: typeOf(attributes.get('mlflow.spanType')),
    start: milliseconds(span.start_time_unix_nano ?? span.start_time) ?? 0,
    end: milliseconds(span.end_time_unix_nano ?? span.end_time),
    status: code.endsWith('ERROR') ? 'ERROR' : code.endsWith('OK') ? 'OK' : 'UNSET',
    message: textOf(status.message) ?? textOf(span.status_message) ?? '',
    attributes,
    events: Array.isArray(span.events) ? span.events : [],
  };
}

/** A value of an attribute; a text that is no JSON is itself the value. Instruments of OpenTelemetry send objects as texts of JSON, so that they are texts in a text. */
export function attributeValue(text: string): unknown {
  const value = parsed(text);
  return typeof value === 'string' && /^\s*[{[]/.test(value) ? parsed(value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function typeOf(attribute: string | undefined): string {
  const value = attribute === undefined ? undefined : attributeValue(attribute);
  return typeof value === 'string' && value !== '' ? value : 'UNKNOWN';
}

const objectOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Of nanoseconds. A double holds those of today to a quarter of a microsecond, which is more than is shown. */
function milliseconds(nanoseconds: unknown): number | undefined {
  const value = Number(nanoseconds ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value / 1e6 : undefined;
}
