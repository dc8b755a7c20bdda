import type { Static } from 'typebox';
import * as Type from 'typebox';

/** MLflow's events of webhooks: what happened to what. MLflow knows `budget_policy.exceeded`, too; there are no budgets here. */
export const webhookEvents = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

export const webhookStatuses = ['ACTIVE', 'DISABLED'] as const;

/** How it goes with the deliveries of a webhook or a notice. Times in ms since 1970. */
export const DeliveryStanding = Type.Object({
  lastDeliveredAt: Type.Optional(Type.Integer()),
  /** Of the first failure since the last success. */
  failingSince: Type.Optional(Type.Integer()),
  /** How many there were since then. */
  failures: Type.Optional(Type.Integer()),
  lastError: Type.Optional(Type.String()),
  nextTryAt: Type.Optional(Type.Integer()),
  /** Events that found the queue full. */
  leftOut: Type.Optional(Type.Integer()),
  /** Why the plane turned it off. */
  turnedOff: Type.Optional(Type.String()),
});
export type DeliveryStanding = Static<typeof DeliveryStanding>;

/** A webhook as our own route shows it: never with its secret. */
export interface WebhookView {
  id: string;
  name: string;
  url: string;
  events: string[];
  status: (typeof webhookStatuses)[number];
  hasSecret: boolean;
  standing: DeliveryStanding;
}

/** What became of one event that was sent, or is to be. */
export interface DeliveryView {
  /** As the receiver sees it, the same for each try. */
  id: string;
  event: string;
  /** What it is about, such as `models/digits`. */
  resource: string;
  outcome: 'waiting' | 'delivered' | 'given up';
  attempts: number;
  /** ms since 1970: when it occurred; when it was settled; when it is tried next. */
  occurredAt: number;
  settledAt?: number;
  nextTryAt?: number;
  /** Of the last answer. */
  status?: number;
  error?: string;
}
