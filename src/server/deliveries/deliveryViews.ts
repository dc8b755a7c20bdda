import { Check } from 'typebox/schema';
import type { DeliveryView } from '../../protocol/webhook.ts';
import type { EntityReader } from '../../store/entities.ts';
import { Pending } from './queue.ts';
import { mostSettled } from './settle.ts';

/** What was sent to a webhook or a notice, and what waits; the newest first. */
export async function deliveryViews(entities: EntityReader, queue: string): Promise<DeliveryView[]> {
  const [waiting, settled] = [
    await entities.list('pendingDelivery', queue, 0, mostSettled),
    await entities.list('delivery', queue, 0, mostSettled),
  ];
  const views = waiting.flatMap(({ body }): DeliveryView[] => {
    if (!Check(Pending, body)) return [];
    const { id, event, resource, attempts, occurredAt, nextTryAt, status, error } = body;
    return [
      {
        id,
        event,
        resource,
        outcome: 'waiting',
        attempts,
        occurredAt,
        ...(nextTryAt === undefined ? {} : { nextTryAt }),
        ...(status === undefined ? {} : { status }),
        ...(error === undefined ? {} : { error }),
      },
    ];
  });
  return [...views, ...settled.map(({ body }) => body as DeliveryView)];
}
