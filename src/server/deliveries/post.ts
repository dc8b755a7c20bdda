import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { messageOf, UserError } from '../../base/userError.ts';
import type { Clock } from '../schedules/clock.ts';
import { aborted } from './aborted.ts';
import type { AllowedPlaces } from './allowedPlaces.ts';
import { addressesOf, hostOf, receiverUrl } from './receiver.ts';

export interface Posted {
  status: number;
  /** The beginning of the answer. */
  text: string;
  /** What `Retry-After` asks for, in ms. */
  retryAfterMs?: number;
}

/** Milliseconds from the look-up of the host to the end of the answer. */
const timeoutMs = 15_000;
/** Bytes of an answer that are read. */
const mostRead = 16 * 1024;

/**
 * Sends a request to a receiver of webhooks. The host is looked up once, and the connection goes to an address that was checked. No redirect is followed, no proxy is asked, and no more of the answer is read than is kept.
 * @throws {UserError} that says why there is no answer.
 */
export async function post(
  text: string,
  body: string,
  headers: Record<string, string>,
  { places, clock, signal }: { places: AllowedPlaces; clock: Clock; signal: AbortSignal },
): Promise<Posted> {
  const url = receiverUrl(text, places);
  const late = new AbortController();
  const forget = clock.at(clock.now() + timeoutMs, () => late.abort());
  const over = AbortSignal.any([signal, late.signal]);
  try {
    const addresses = await Promise.race([addressesOf(url, places), aborted(over)]);
    // Node asks for all of them, or for one.
    const lookup: LookupFunction = (_host, options, answer) => {
      if (options.all) answer(null, addresses);
      else answer(null, addresses[0]!.address, addresses[0]!.family);
    };
    return await send({ url, body, headers, lookup, signal: over, now: clock.now() });
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (late.signal.aborted) throw new UserError('WebhookUnreachable', `${hostOf(url)} did not answer within ${timeoutMs / 1000} s.`);
    throw new UserError('WebhookUnreachable', `${hostOf(url)} could not be reached: ${messageOf(error)}.`);
  } finally {
    forget();
  }
}

interface Sending {
  url: URL;
  body: string;
  headers: Record<string, string>;
  lookup: LookupFunction;
  signal: AbortSignal;
  now: number;
}

function send({ url, body, headers, lookup, signal, now }: Sending): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const asked = request(
      url,
      {
        method: 'POST',
        // A connection that was made for another address is not used again.
        agent: false,
        lookup,
        signal,
        headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'Updraft', connection: 'close' },
      },
      (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        const settle = () => {
          const after = retryAfter(answer.headers['retry-after'], now);
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(parts).subarray(0, mostRead).toString('utf8'),
            ...(after === undefined ? {} : { retryAfterMs: after }),
          });
        };
        answer.on('data', (part: Buffer) => {
          parts.push(part);
          size += part.length;
          if (size < mostRead) return;
          settle();
          asked.destroy();
        });
        answer.on('end', settle);
        // An answer that is cut: the receiver may have it or not, so it is sent again.
        answer.on('error', reject);
        answer.on('aborted', () => reject(new Error('the answer was cut')));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Seconds, or a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
