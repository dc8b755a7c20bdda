import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { agentHeader } from '../protocol/agentCall.ts';
import { mlflowLimits } from '../protocol/mlflow.ts';
import type { Principal } from '../protocol/principal.ts';
import type { MetricStore, Point } from '../store/metrics/metricStore.ts';

export interface QuickLogOptions {
  metrics: Pick<MetricStore, 'append'>;
  /** Who sends the header `authorization`, and the workspace that a request without one is about; undefined, or a promise of it, when that is for the ordinary way to say. */
  who: (authorization: string) => Promise<{ principal: Principal; workspace: string } | undefined> | undefined;
  /** Called for every request that is taken. */
  onRequest: () => void;
  /** Makes what is done when a body has come a part of what was going on when it was asked for. */
  bind?: ((work: () => void) => () => void) | undefined;
  /** The ordinary way, which answers everything. */
  fetch: (request: Request) => Response | Promise<Response>;
}

const paths = new Set(['/api/2.0/mlflow/runs/log-batch', '/api/2.0/mlflow/runs/log-metric']);
/** A body of 1,000 metrics with the longest keys stays below it. */
const bodyLimit = 2 * 1024 * 1024;
const mostKeys = 10_000;

/**
 * The short way for what a training loop sends all the time: metrics alone, all of them valid, from someone who may. It answers nothing else: whatever is not
 * certainly right goes the ordinary way, whose checks and answers are the only ones. Answers whether it takes the request.
 */
export function quickLog({
  metrics,
  who,
  onRequest,
  bind = (work) => work,
  fetch,
}: QuickLogOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    if (request.method !== 'POST' || !paths.has(request.url!)) return false;
    const { headers } = request;
    const length = Number(headers['content-length']);
    if (
      !(length > 0 && length <= bodyLimit) ||
      headers.origin !== undefined ||
      headers['content-encoding'] !== undefined ||
      headers.expect !== undefined ||
      !isJson(headers['content-type']) ||
      !/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(headers.host ?? '') ||
      headers['x-mlflow-workspace'] !== undefined ||
      headers[agentHeader] !== undefined
    )
      return false;
    const asking = who(headers.authorization ?? '');
    if (!asking) return false;
    // A refusal may come before the body has, and the body may never come.
    asking.catch(() => {});
    onRequest();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    const read = () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const batch = request.url!.endsWith('batch') ? batchOf(body) : metricOf(body);
      const ordinary = (): void => {
        answer(request, response, body, fetch).catch(() => response.destroy());
      };
      if (!batch) return ordinary();
      const log = async (): Promise<void> => {
        const by = await asking;
        // Whether a job may write to another run than its own is for the ordinary way to find out.
        if (!by || (by.principal.kind === 'job' && by.principal.job !== batch.run)) return ordinary();
        await metrics.append(by, batch.run, batch.points);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 });
        response.end('{}');
      };
      // Nothing was kept. The ordinary way finds the same fault and words it.
      log()
        .catch(ordinary)
        .catch(() => response.destroy());
    };
    request.on('end', bind(read));
    return true;
  };
}

const isJson = (type: string | undefined): boolean =>
  type === 'application/json' || (type !== undefined && /^application\/json *(?:;|$)/i.test(type));

interface Batch {
  run: string;
  points: Point[];
}

function batchOf(body: Buffer): Batch | undefined {
  const request = parsed(body);
  if (!request || !Array.isArray(request.metrics) || !isEmpty(request.params) || !isEmpty(request.tags)) return undefined;
  const run = request.run_id;
  const { metrics } = request;
  if (typeof run !== 'string' || run === '' || metrics.length === 0 || metrics.length > mlflowLimits.metricsPerBatch) return undefined;
  for (const metric of metrics) if (!isPlain(metric)) return undefined;
  return { run, points: metrics.map(toPoint) };
}

function metricOf(body: Buffer): Batch | undefined {
  const request = parsed(body);
  const run = request?.run_id ?? request?.run_uuid;
  return typeof run === 'string' && run !== '' && isPlain(request) ? { run, points: [toPoint(request)] } : undefined;
}

function parsed(body: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    const value = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const isEmpty = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

interface PlainMetric {
  key: string;
  value: number;
  timestamp: number;
  step?: number;
}

/** A metric of whose validity there is no doubt. */
function isPlain(metric: unknown): metric is PlainMetric {
  if (typeof metric !== 'object' || metric === null) return false;
  const { key, value, timestamp, step, model_id, dataset_name } = metric as Record<string, unknown>;
  return (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    Number.isSafeInteger(timestamp) &&
    (timestamp as number) >= 0 &&
    (step === undefined || Number.isSafeInteger(step)) &&
    (model_id === undefined || model_id === null) &&
    (dataset_name === undefined || dataset_name === null) &&
    isPlainKey(key)
  );
}

const toPoint = ({ key, value, timestamp, step }: PlainMetric): Point => ({ key, value, at: timestamp, step: step ?? 0 });

const plainKeys = new Set<unknown>();

/** Keys come again and again: each is looked at once. */
function isPlainKey(key: unknown): boolean {
  if (plainKeys.has(key)) return true;
  if (typeof key !== 'string' || key.length > mlflowLimits.keyLength) return false;
  if (!/^[\w\- :][\w.\- :]*(?:\/[\w\- :][\w.\- :]*)*$/.test(key)) return false;
  if (plainKeys.size >= mostKeys) plainKeys.clear();
  plainKeys.add(key);
  return true;
}

/** Hands a request, whose body was read already, to the ordinary way. */
async function answer(
  { url, headers, method }: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  fetch: QuickLogOptions['fetch'],
): Promise<void> {
  const given = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== 'connection',
  );
  const answered = await fetch(
    new Request(`http://${headers.host}${url}`, { method: method!, headers: given, body: body as Uint8Array<ArrayBuffer> }),
  );
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}
