import { randomUUID } from 'node:crypto';
import type { DeploymentCall, OnlineDeployment } from '../../protocol/onlineDeployment.ts';
import type { CollectedFiles } from './collectedFiles.ts';
import type { Collection } from './collectedLine.ts';

/** Largest body that is collected, in bytes. */
const mostBody = 1_000_000;
const base = 'modelDataCollector';

/** Collects what deployments are asked and answer, those that say so (`data_collector`), for monitoring. */
export class DataCapture {
  private readonly files: Pick<CollectedFiles, 'add'>;
  private readonly chance: () => number;
  private readonly now: () => number;

  /** `chance` is a number from 0 to below 1, another one each time. */
  constructor(
    files: Pick<CollectedFiles, 'add'>,
    { chance = Math.random, now = Date.now }: { chance?: () => number; now?: () => number } = {},
  ) {
    this.files = files;
    this.chance = chance;
    this.now = now;
  }

  /** Answers the answer, which is collected while it passes. */
  collect(deployment: OnlineDeployment, call: Pick<DeploymentCall, 'headers' | 'body'>, answer: Response): Response {
    const { collector } = deployment;
    if (!collector) return answer;
    // One throw for all: where inputs are kept, their outputs are.
    const thrown = this.chance();
    const wanted = new Set([...collector.rates].flatMap(([name, rate]) => (thrown < rate ? [name] : [])));
    if (wanted.size === 0) return answer;
    const correlation = call.headers.get('x-request-id')?.slice(0, 200) || randomUUID();
    const at = this.now();
    const headers = headersOf(call.headers, collector.headers);
    const add = (collection: Collection, body: Uint8Array) => {
      if (!wanted.has(collection) || body.byteLength > mostBody) return;
      const { id, source, endpoint, name } = deployment;
      const collected = { collection, source, at, correlation, body, ...(collection === 'request' && headers ? { headers } : {}) };
      this.files.add(id, `${base}/${endpoint}/${name}/${collection}`, collected);
    };
    add('request', call.body);
    const isGood = answer.ok;
    // A model sees nothing of a request that was refused before.
    if (isGood) add('model_inputs', call.body);
    if (!answer.body || !(wanted.has('response') || (isGood && wanted.has('model_outputs')))) return answer;
    return new Response(
      answer.body.pipeThrough(
        passing((body) => {
          add('response', body);
          if (isGood) add('model_outputs', body);
        }),
      ),
      answer,
    );
  }
}

/** Lets a body through as it comes, and tells it when it was whole; of one that is too large it keeps nothing. */
function passing(whole: (body: Uint8Array) => void): TransformStream<Uint8Array, Uint8Array> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      bytes += chunk.byteLength;
      if (bytes > mostBody) chunks = [];
      else chunks.push(chunk);
    },
    flush() {
      if (bytes <= mostBody) whole(Buffer.concat(chunks));
    },
  });
}

/** Those of the headers that are asked for; never one that opens something. */
function headersOf(headers: Headers, asked: readonly string[]): Record<string, string> | undefined {
  const found = asked.flatMap((name): [string, string][] => {
    const value = /^(?:authorization|cookie)$/i.test(name) ? null : headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return found.length ? Object.fromEntries(found) : undefined;
}
