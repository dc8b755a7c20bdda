import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Hono } from 'hono';
import { bodyOf } from '../../blobs.ts';
import { ownRun } from '../findRun.ts';
import { invalid } from '../request.ts';
import { linkTrace } from './links.ts';
import { readJson, readProtobuf } from './otlp.ts';
import { logSpans } from './spans.ts';

/** Largest body of spans in bytes, unpacked: what says it is less and is more is refused while it is read. */
const most = 64 * 1024 * 1024;

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

/** `POST /v1/traces`: OpenTelemetry's own way to send spans (OTLP/HTTP), in protobuf or JSON. The experiment comes in a header. */
export function otlpRoutes(): Hono {
  const app = new Hono();
  app.post('/v1/traces', async (c) => {
    const experiment = c.req.header('x-mlflow-experiment-id');
    if (!experiment) throw invalid('The header x-mlflow-experiment-id is missing.');
    const type = (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
    if (type !== 'application/x-protobuf' && type !== 'application/json')
      throw invalid(`Invalid Content-Type: ${type}. Expected: application/x-protobuf or application/json`);
    const body = await unpacked(await collected(bodyOf(c)), c.req.header('content-encoding'));
    const batches = type === 'application/json' ? readJson(body.toString('utf8')) : readProtobuf(body);
    if (batches.length === 0) throw invalid('Invalid OpenTelemetry format - no spans found');
    const run = c.req.header('x-mlflow-run-id');
    await c.get('asked').store.write(async (writer) => {
      const complete = await logSpans(writer, experiment, batches);
      if (!run || !(await writer.job(run))) return;
      await ownRun(writer, run);
      for (const id of complete) await linkTrace(writer, id, run);
    });
    // An empty ExportTraceServiceResponse: nothing was refused.
    return type === 'application/json' ? c.json({}) : c.body(new Uint8Array(0), 200, { 'content-type': 'application/x-protobuf' });
  });
  return app;
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > most) throw invalid(`A body of spans may have at most ${most} bytes.`);
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}

async function unpacked(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (!encoding || encoding === 'identity') return body;
  const unpack = unpackers[encoding.toLowerCase() as keyof typeof unpackers];
  if (!unpack) throw invalid(`Unsupported Content-Encoding: ${encoding.slice(0, 50)}`);
  try {
    return await unpack(body, { maxOutputLength: most });
  } catch {
    throw invalid(`The body can't be unpacked as ${encoding}, or has more than ${most} bytes unpacked.`);
  }
}
