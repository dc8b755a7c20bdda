import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Check } from 'typebox/schema';
import { noticeEvents, noticeFormats } from '../../protocol/notice.ts';
import { DeliveryStanding, webhookEvents, webhookStatuses } from '../../protocol/webhook.ts';
import type { EntityReader, StoredEntity } from '../../store/entities.ts';
import { SealedSecret } from '../secrets/secrets.ts';
import type { Occurrence } from './occurrence.ts';

/** A webhook of a workspace as it is kept. Times in ms since 1970. `secret` is sealed. */
export const Webhook = Type.Object({
  name: Type.String(),
  url: Type.String(),
  description: Type.Optional(Type.String()),
  events: Type.Array(Type.Enum([...webhookEvents])),
  status: Type.Enum([...webhookStatuses]),
  secret: Type.Optional(SealedSecret),
  updatedAt: Type.Integer(),
  standing: DeliveryStanding,
});
export type Webhook = Static<typeof Webhook>;

/** What somebody wants to be told. `member`: the object id of a member of a team; absent on the plane of one person. `url` and `secret` are sealed. */
export const Notice = Type.Object({
  owner: Type.String(),
  member: Type.Optional(Type.String()),
  events: Type.Array(Type.Enum([...noticeEvents])),
  jobs: Type.Enum(['mine', 'workspace']),
  model: Type.Optional(Type.String()),
  format: Type.Enum([...noticeFormats, 'email']),
  url: Type.Optional(SealedSecret),
  /** Host of `url`. */
  host: Type.Optional(Type.String()),
  secret: Type.Optional(SealedSecret),
  email: Type.Optional(Type.String()),
  isOn: Type.Boolean(),
  standing: DeliveryStanding,
});
export type Notice = Static<typeof Notice>;

/** Whose deliveries are queued: those of a webhook, of a notice, or the mail that the files of jobs ask for. */
export type Subscription =
  | { kind: 'webhook'; entity: StoredEntity; body: Webhook }
  | { kind: 'notice'; entity: StoredEntity; body: Notice };

/** The queue of the mail that `notificationSetting` of jobs asks for, in each workspace. */
export const jobMail = 'job-mail';

export const isTurnedOn = (subscription: Subscription): boolean =>
  subscription.kind === 'webhook' ? subscription.body.status === 'ACTIVE' : subscription.body.isOn;

export function subscriptionOf(entity: StoredEntity | undefined): Subscription | undefined {
  if (entity?.kind === 'webhook' && Check(Webhook, entity.body)) return { kind: 'webhook', entity, body: entity.body };
  if (entity?.kind === 'notice' && Check(Notice, entity.body)) return { kind: 'notice', entity, body: entity.body };
  return undefined;
}

export async function subscriptionById(entities: EntityReader, id: string): Promise<Subscription | undefined> {
  return subscriptionOf((await entities.get('webhook', id)) ?? (await entities.get('notice', id)));
}

/** Of a workspace. */
export async function subscriptions(entities: EntityReader): Promise<Subscription[]> {
  const found = [...(await entities.list('webhook')), ...(await entities.list('notice'))];
  return found.flatMap((entity) => subscriptionOf(entity) ?? []);
}

/** Whether somebody wants to be told of this. */
export function wants(subscription: Subscription, { event, data, job, member }: Occurrence): boolean {
  if (!isTurnedOn(subscription)) return false;
  const { body } = subscription;
  if (!(body.events as string[]).includes(event)) return false;
  if (member !== undefined && (subscription.kind === 'webhook' || subscription.body.member !== member)) return false;
  if (subscription.kind === 'webhook') return true;
  const { jobs, owner, model } = subscription.body;
  if (job) return jobs === 'workspace' || job.user === owner;
  return model === undefined || event !== 'model_version.created' || data.name === model;
}
