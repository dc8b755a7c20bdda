import { createHmac } from 'node:crypto';
import type { Pending } from './queue.ts';

export interface WebhookRequest {
  body: string;
  headers: Record<string, string>;
}

/**
 * The request of a webhook as MLflow makes it, headers and signature included: mlflow/webhooks/delivery.py. `now` in ms since 1970; `signedWith` is the secret that the receiver has, too.
 */
export function webhookRequest(
  { id, event, data, occurredAt }: Pick<Pending, 'id' | 'event' | 'data' | 'occurredAt'>,
  { workspace, now, signedWith }: { workspace: string; now: number; signedWith: string | undefined },
): WebhookRequest {
  const [entity, action] = event.split('.');
  const body = JSON.stringify({ entity, action, timestamp: new Date(occurredAt).toISOString(), data, workspace });
  return { body, headers: headersOf(id, body, now, signedWith) };
}

/** What tells a receiver that a body is from this plane, and whether it had it before. */
export function headersOf(id: string, body: string, now: number, signedWith: string | undefined): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'content-type': 'application/json',
    'X-MLflow-Delivery-Id': id,
    'X-MLflow-Timestamp': timestamp,
    ...(signedWith === undefined
      ? {}
      : { 'X-MLflow-Signature': `v1,${createHmac('sha256', signedWith).update(`${id}.${timestamp}.${body}`).digest('base64')}` }),
  };
}
