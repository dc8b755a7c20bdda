import { UserError } from '../../../../base/userError.ts';
import { type TraceState, traceStates } from '../../../../protocol/trace.ts';
import type { StoredEntity } from '../../../../store/entities.ts';
import type { StoreReader, StoreWriter } from '../../../../store/store.ts';
import { type Fields, invalid } from '../request.ts';

/** What is kept of a trace. `request_time` in ms since 1970, `execution_duration` in ms. */
export interface Trace {
  trace_id: string;
  experiment_id: string;
  request_time: number;
  execution_duration?: number | undefined;
  state: TraceState;
  client_request_id?: string | undefined;
  request_preview?: string | undefined;
  response_preview?: string | undefined;
  trace_metadata: Record<string, string>;
  tags: Record<string, string>;
  /** Its client has said the last word about it; spans no longer change it. */
  finalized?: boolean;
}

/** Spans are kept by the plane, not in a file among the artifacts. */
export const spansHere = 'TRACKING_STORE';

export const traceOf = (entity: StoredEntity): Trace => entity.body as Trace;

/** Throws `NotFound`. */
export async function findTrace(reader: StoreReader, id: string): Promise<Trace> {
  const found = await reader.entities.get('trace', id);
  if (!found) throw new UserError('NotFound', `Trace with ID '${id}' not found.`);
  return traceOf(found);
}

export async function putTrace(writer: StoreWriter, trace: Trace): Promise<Trace> {
  await writer.entities.put({ kind: 'trace', id: trace.trace_id, scope: trace.experiment_id, at: trace.request_time, body: trace });
  return trace;
}

/** As version 3 of the API has it. */
export async function traceInfo(reader: StoreReader, trace: Trace): Promise<Record<string, unknown>> {
  const { experiment_id, request_time, execution_duration, finalized: _finalized, ...rest } = trace;
  const assessments = (await reader.entities.list('assessment', trace.trace_id)).map(({ body }) => body).reverse();
  return {
    ...rest,
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id } },
    request_time: new Date(request_time).toISOString(),
    ...(execution_duration === undefined ? {} : { execution_duration: `${execution_duration / 1000}s` }),
    ...(assessments.length ? { assessments } : {}),
  };
}

/** As version 2 of the API has it. */
export function traceInfoV2(trace: Trace): Record<string, unknown> {
  const pairs = (map: Record<string, string>) => Object.entries(map).map(([key, value]) => ({ key, value }));
  return {
    request_id: trace.trace_id,
    experiment_id: trace.experiment_id,
    timestamp_ms: trace.request_time,
    ...(trace.execution_duration === undefined ? {} : { execution_time_ms: trace.execution_duration }),
    status: trace.state === 'STATE_UNSPECIFIED' ? 'TRACE_STATUS_UNSPECIFIED' : trace.state,
    request_metadata: pairs(trace.trace_metadata),
    tags: pairs(trace.tags),
  };
}

export function stateIn(fields: Fields, name: string): TraceState | undefined {
  const given = fields.all[name];
  if (given === undefined || given === null) return undefined;
  const word = given === 'TRACE_STATUS_UNSPECIFIED' ? 'STATE_UNSPECIFIED' : given;
  const state = typeof word === 'number' ? traceStates[word] : traceStates.find((each) => each === word);
  if (!state) throw invalid(`Invalid value ${JSON.stringify(given)} for parameter '${name}' supplied.`);
  return state;
}

/** Milliseconds of protobuf's timestamp (RFC 3339), or of a number or text of digits. */
export function timeOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Math.trunc(value);
  const at = typeof value === 'string' ? (/^\d+$/.test(value) ? Number(value) : Date.parse(value)) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(`Invalid value ${JSON.stringify(value)} for a time: use RFC 3339, as 2026-01-31T12:00:00Z.`);
  return at;
}

/** Milliseconds of protobuf's duration, `1.5s`. */
export function executionTime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' ? /^(-?\d+(?:\.\d+)?)s$/.exec(value)?.[1] : undefined;
  if (seconds === undefined) throw invalid(`Invalid value ${JSON.stringify(value)} for a duration: use seconds, as "1.5s".`);
  return Math.round(Number(seconds) * 1000);
}

/** A map of texts, as protobuf's `map<string, string>`. */
export function textMap(fields: Fields, name: string): Record<string, string> {
  const given = fields.object(name)?.all ?? {};
  for (const [key, value] of Object.entries(given))
    if (typeof value !== 'string')
      throw invalid(`Invalid value ${JSON.stringify(value)} for parameter '${name}.${key}' supplied: it must be a string.`);
  return given as Record<string, string>;
}
