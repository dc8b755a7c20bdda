import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { noticeEvents } from '../../protocol/notice.ts';
import { webhookEvents } from '../../protocol/webhook.ts';
import type { EntityReader, StoredEntity } from '../../store/entities.ts';
import type { StoreWriter } from '../../store/store.ts';
import type { Occurrence } from './occurrence.ts';
import { jobMail, type Subscription, subscriptions, wants } from './subscription.ts';

/** An event that is to be sent. Times in ms since 1970. */
export const Pending = Type.Object({
  /** The same for each try, by which a receiver knows an event that comes twice. */
  id: Type.String(),
  event: Type.Enum([...webhookEvents, ...noticeEvents]),
  resource: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
  occurredAt: Type.Integer(),
  /** To whom mail goes that the file of a job asks for. */
  emails: Type.Optional(Type.Array(Type.String())),
  attempts: Type.Integer(),
  firstFailedAt: Type.Optional(Type.Integer()),
  nextTryAt: Type.Optional(Type.Integer()),
  status: Type.Optional(Type.Integer()),
  error: Type.Optional(Type.String()),
});
export type Pending = Static<typeof Pending>;

/** Events that wait for one receiver, at most: one that never answers must not fill the disk. */
export const mostPending = 10_000;

/** Queues what occurred for all who want to be told, inside the write in which it occurred. */
export async function queueFor(writer: StoreWriter, told: Occurrence[], now: number): Promise<void> {
  const all = await subscriptions(writer.entities);
  for (const occurrence of told) {
    for (const subscription of all)
      if (wants(subscription, occurrence)) await add(writer, subscription.entity.id, occurrence, now, subscription);
    const emails = occurrence.job?.emails ?? [];
    if (emails.length > 0) await add(writer, jobMail, occurrence, now, undefined, emails);
  }
}

async function add(
  { entities }: StoreWriter,
  queue: string,
  { event, resource, data }: Occurrence,
  now: number,
  subscription: Subscription | undefined,
  emails?: string[],
): Promise<void> {
  if ((await entities.count('pendingDelivery', queue)) >= mostPending) {
    if (subscription) {
      const { entity, body } = subscription;
      body.standing.leftOut = (body.standing.leftOut ?? 0) + 1;
      await entities.put({ ...entity, body });
    }
    return;
  }
  const at = (await newestPlace(entities, queue)) + 1;
  const body: Pending = { id: randomUUID(), event, resource, data, occurredAt: now, ...(emails ? { emails } : {}), attempts: 0 };
  await entities.put({ kind: 'pendingDelivery', id: `${queue}/${at}`, scope: queue, at, body });
}

/** Events of a queue are numbered as they are committed: only one write of a workspace goes on at a time. */
async function newestPlace(entities: EntityReader, queue: string): Promise<number> {
  const [pending] = await entities.list('pendingDelivery', queue, 0, 1);
  if (pending) return pending.at;
  const [settled] = await entities.list('delivery', queue, 0, 1);
  return settled?.at ?? 0;
}

/** What waits in a queue, the oldest first. */
export const pendingOf = async (entities: EntityReader, queue: string): Promise<StoredEntity[]> =>
  (await entities.list('pendingDelivery', queue)).reverse();

/** The one that is next in a queue. */
export async function nextOf(entities: EntityReader, queue: string): Promise<StoredEntity | undefined> {
  const count = await entities.count('pendingDelivery', queue);
  return count === 0 ? undefined : (await entities.list('pendingDelivery', queue, count - 1, 1))[0];
}
