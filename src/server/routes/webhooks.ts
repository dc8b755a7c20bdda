import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import type { WebhookView } from '../../protocol/webhook.ts';
import type { EntityReader, StoredEntity } from '../../store/entities.ts';
import { deliveryViews } from '../deliveries/deliveryViews.ts';
import { subscriptionOf } from '../deliveries/subscription.ts';

/** How it goes with the webhooks of a workspace, which MLflow's API does not tell. They are made and changed by that. */
export function webhookRoutes(): Hono {
  return new Hono()
    .get('/updraft/webhooks', async (c) => {
      const kept = await c.get('asked').store.entities.list('webhook');
      return c.json({ value: kept.flatMap((entity) => viewOf(entity) ?? []) });
    })
    .get('/updraft/webhooks/:id/deliveries', async (c) => {
      const { entities } = c.get('asked').store;
      const id = c.req.param('id');
      await mustFind(entities, id);
      return c.json({ value: await deliveryViews(entities, id) });
    });
}

async function mustFind(entities: EntityReader, id: string): Promise<void> {
  if (!(await entities.get('webhook', id)))
    throw new UserError(
      'NotFound',
      `There is no webhook "${id.slice(0, 100)}" in this workspace.`,
      'Those that there are, are in "updraft webhook list".',
    );
}

function viewOf(entity: StoredEntity): WebhookView | undefined {
  const found = subscriptionOf(entity);
  if (found?.kind !== 'webhook') return undefined;
  const { name, url, events, status, secret, standing } = found.body;
  return { id: entity.id, name, url, events, status, hasSecret: secret !== undefined, standing };
}
