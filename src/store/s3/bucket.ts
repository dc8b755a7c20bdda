import { setTimeout as delay } from 'node:timers/promises';
import { S3mini } from 's3mini';
import { UserError } from '../../base/userError.ts';

/** Where contents are kept: a bucket of S3, or of a service that speaks its protocol. */
export interface BucketOptions {
  /** Address of the bucket, with its name as the first part of the path: `https://s3.eu-central-1.amazonaws.com/models`. */
  url: string;
  /** `auto` where the service has none. */
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  fetch?: typeof fetch;
}

/** Waits before a request is made again, in milliseconds. */
const waits = [100, 400, 1600];
/** Milliseconds after which a service that says nothing counts as away. */
const silentFor = 60_000;

/**
 * The client of a bucket. What meets with trouble on the way, or with a service that is busy (429, 5xx), is done again: each request here may come twice. Bodies are read again for it, so they are no
 * streams.
 */
export function openBucket({ url, region, accessKeyId, secretAccessKey, fetch: send = fetch }: BucketOptions): S3mini {
  return new S3mini({
    endpoint: url,
    region,
    accessKeyId,
    secretAccessKey,
    fetch: (input, init) => withPatience(send, input as string, init),
  });
}

async function withPatience(send: typeof fetch, url: string, init: RequestInit = {}): Promise<Response> {
  for (let again = 0; ; again++) {
    const isLast = again >= waits.length;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), silentFor);
    try {
      const answer = await send(url, { ...init, signal: silence.signal });
      if (answer.status === 403 || answer.status === 401) throw refused(url, await answer.text());
      if (isLast || !(answer.status === 429 || answer.status >= 500)) return answer;
      await answer.body?.cancel();
    } catch (error) {
      if (error instanceof UserError || isTouched(error)) throw error;
      if (isLast) throw unreachable(url, error);
    } finally {
      // The body may take as long as it needs.
      clearTimeout(timer);
    }
    await delay(waits[again]);
  }
}

/** Whether a body could not be read since its file was touched after it was opened: Node then takes it for another one. To send it again takes a new one. */
export function isTouched(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { name?: string; cause?: unknown };
  return name === 'NotReadableError' || (cause !== undefined && isTouched(cause));
}

function unreachable(url: string, error: unknown): UserError {
  const { message, cause } = error as Error;
  const why = (cause as Error | undefined)?.message || message;
  return new UserError(
    'StoreUnreachable',
    `The store of contents at ${new URL(url).host} can't be reached: ${why}.`,
    'It is tried again with the next request.',
  );
}

const refused = (url: string, answer: string): UserError =>
  new UserError(
    'Forbidden',
    `The store of contents at ${new URL(url).host} refuses the access key: ${/<Code>([^<]{1,100})/.exec(answer)?.[1] ?? 'it gives no reason'}.`,
    'Look at the key, its secret, and what it may do in the bucket: read, write, list and delete.',
  );
