import assert from 'node:assert/strict';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import type { DeliveryView, WebhookView } from '../../src/protocol/webhook.ts';

/** An event as MLflow's clients send it. */
export const wireEvent = (name: string) => {
  const [entity, action] = name.split('.');
  return { entity: entity!.toUpperCase(), action: action!.toUpperCase() };
};

/** Calls of MLflow's REST API on a plane. */
export function mlflowCalls({ url, token }: { url: string; token: string }) {
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  const ok = async (...asked: Parameters<typeof send>): Promise<any> => {
    const { status, body } = await send(...asked);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  return {
    send,
    ok,
    createWebhook: async (url: string, events: string[], more: object = {}) =>
      (await ok('POST', 'webhooks', { name: 'hook', url, events: events.map(wireEvent), ...more })).webhook,
    createModel: (name: string) => ok('POST', 'registered-models/create', { name }),
  };
}

export const listWebhooks = async (client: PlaneClient): Promise<WebhookView[]> =>
  (await client.http.json<{ value: WebhookView[] }>('GET', '/updraft/webhooks')).value;

export const deliveriesOf = async (client: PlaneClient, id: string): Promise<DeliveryView[]> =>
  (await client.http.json<{ value: DeliveryView[] }>('GET', `/updraft/webhooks/${id}/deliveries`)).value;

/** Waits for the change after which something holds. */
export async function afterChange<T>(client: PlaneClient, look: () => Promise<T | undefined>): Promise<T> {
  const changes = new ChangeStream(client.http, { kinds: ['delivery', 'webhook', 'notice'] });
  try {
    return await new Promise<T>((resolve, reject) => {
      const lookOnce = () => look().then((found) => found !== undefined && resolve(found), reject);
      changes.onDidChangeState((state) => state === 'live' && lookOnce());
      changes.onDidChange(lookOnce);
    });
  } finally {
    changes.dispose();
  }
}

/** The webhook when this holds of it. */
export const webhookWhen = (client: PlaneClient, id: string, test: (webhook: WebhookView) => boolean): Promise<WebhookView> =>
  afterChange(client, async () => (await listWebhooks(client)).find((each) => each.id === id && test(each)));
