import type { DeliveryStanding, DeliveryView } from '../../protocol/webhook.ts';
import type { EntityWriter, StoredEntity } from '../../store/entities.ts';
import type { StoreWriter, WorkspaceStore } from '../../store/store.ts';
import { mostFailingMs, mostRefusals, waitAfter } from './nextTry.ts';
import { type Pending, queueFor } from './queue.ts';
import type { Outcome } from './sender.ts';
import { type Subscription, subscriptionById } from './subscription.ts';

/** Settled deliveries that are kept of each webhook or notice. */
export const mostSettled = 50;
const longestError = 500;

/**
 * Notes how a try went, in one write: the event leaves its queue, or waits for its next try, and the webhook or notice says how it goes with it. Who has failed for a day is turned off. Answers whether the event is done with.
 * `isFinal`: it is not tried again, whatever the outcome.
 */
export function settle(
  rows: WorkspaceStore,
  entity: StoredEntity,
  outcome: Outcome,
  { now, isFinal }: { now: number; isFinal: boolean },
): Promise<{ isDone: boolean; turnedOff?: string }> {
  return rows.write(async (writer) => {
    const { entities } = writer;
    const pending = entity.body as Pending;
    const { scope } = entity;
    const current = await entities.get('pendingDelivery', entity.id);
    // Whose it was may be gone meanwhile.
    if (!current || (current.body as Pending).id !== pending.id) return { isDone: true };
    const subscription = await subscriptionById(entities, scope);
    const attempts = pending.attempts + 1;
    const seen = outcome.status === undefined ? {} : { status: outcome.status };
    if (outcome.isDelivered) {
      await finish(entities, entity, { outcome: 'delivered', attempts, settledAt: now, ...seen });
      if (subscription)
        await stand(entities, subscription, ({ leftOut }) => ({ lastDeliveredAt: now, ...(leftOut === undefined ? {} : { leftOut }) }));
      return { isDone: true };
    }
    const error = outcome.error.slice(0, longestError);
    const firstFailedAt = pending.firstFailedAt ?? now;
    const since = subscription?.body.standing.failingSince ?? firstFailedAt;
    const failures = (subscription?.body.standing.failures ?? 0) + 1;
    const standing = { failingSince: since, failures, lastError: error };
    // Mail that a job asks for has nobody who could be turned off: it is given up alone.
    const isOver = now - (subscription ? since : firstFailedAt) >= mostFailingMs;
    if (isOver && subscription && !isFinal) {
      const turnedOff = `All that was sent to it since ${new Date(since).toISOString()} failed. The last error: ${error}`;
      await turnOff(writer, subscription, { ...standing, turnedOff }, now);
      return { isDone: true, turnedOff };
    }
    if (isFinal || isOver || (outcome.isRefusal && attempts >= mostRefusals)) {
      await finish(entities, entity, { outcome: 'given up', attempts, settledAt: now, ...seen, error });
      if (subscription && !isFinal) await stand(entities, subscription, (before) => without(before, 'nextTryAt', standing));
      return { isDone: true };
    }
    const nextTryAt = now + waitAfter(attempts, outcome.retryAfterMs);
    await entities.put({ ...entity, body: { ...pending, attempts, firstFailedAt, nextTryAt, ...seen, error } satisfies Pending });
    if (subscription) await stand(entities, subscription, (before) => ({ ...before, ...standing, nextTryAt }));
    return { isDone: false };
  });
}

async function finish(
  entities: EntityWriter,
  { id, scope, at, body }: StoredEntity,
  end: Pick<DeliveryView, 'outcome' | 'attempts' | 'settledAt' | 'status' | 'error'>,
): Promise<void> {
  const { id: delivery, event, resource, occurredAt } = body as Pending;
  await entities.delete('pendingDelivery', id);
  await entities.put({
    kind: 'delivery',
    id,
    scope,
    at,
    body: { id: delivery, event, resource, occurredAt, ...end } satisfies DeliveryView,
  });
  for (const old of await entities.list('delivery', scope, mostSettled, 10)) await entities.delete('delivery', old.id);
}

const without = (before: DeliveryStanding, key: keyof DeliveryStanding, more: DeliveryStanding): DeliveryStanding => {
  const { [key]: _gone, ...rest } = before;
  return { ...rest, ...more };
};

const stand = (
  entities: EntityWriter,
  { entity, body }: Subscription,
  change: (before: DeliveryStanding) => DeliveryStanding,
): Promise<void> => entities.put({ ...entity, body: { ...body, standing: change(body.standing) } });

/** Nothing more is sent to it. What waited is given up, the newest of it in the log. */
async function turnOff(writer: StoreWriter, subscription: Subscription, standing: DeliveryStanding, now: number): Promise<void> {
  const { entities } = writer;
  const { kind, entity, body } = subscription;
  const off = kind === 'webhook' ? { ...body, status: 'DISABLED' } : { ...body, isOn: false };
  await entities.put({ ...entity, body: { ...off, standing } });
  const waiting = await entities.list('pendingDelivery', entity.id, 0, mostSettled);
  await entities.deleteAll('pendingDelivery', entity.id);
  for (const { id, at, scope, body: pending } of waiting) {
    const { id: delivery, event, resource, occurredAt, attempts } = pending as Pending;
    const view: DeliveryView = {
      id: delivery,
      event,
      resource,
      occurredAt,
      attempts,
      outcome: 'given up',
      settledAt: now,
      error: 'It was turned off.',
    };
    await entities.put({ kind: 'delivery', id, scope, at, body: view });
  }
  for (const old of await entities.list('delivery', entity.id, mostSettled, mostSettled)) await entities.delete('delivery', old.id);
  const name = kind === 'webhook' ? subscription.body.name : `to ${subscription.body.host ?? subscription.body.email}`;
  if (kind === 'webhook')
    await queueFor(
      writer,
      [{ event: 'webhook.disabled', resource: `webhooks/${entity.id}`, data: { name, reason: standing.turnedOff } }],
      now,
    );
}
