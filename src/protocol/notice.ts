import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { DeliveryStanding } from './webhook.ts';

/** Of what somebody can have notices. */
export const noticeEvents = [
  'job.completed',
  'job.failed',
  'job.canceled',
  'model_version.created',
  'comment.mention',
  'webhook.disabled',
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];
export const NoticeEvents = Type.Array(Type.Enum([...noticeEvents]), { minItems: 1 });

/** How the text of a notice is packed for who receives it. `json`: as MLflow packs its events. */
export const noticeFormats = ['json', 'slack', 'teams'] as const;
export type NoticeFormat = (typeof noticeFormats)[number];

/** A notice to be made: who makes it has it. Exactly one of `url` and `email`. */
export const NewNotice = Type.Object(
  {
    events: NoticeEvents,
    /** `mine`: of the own jobs; `workspace`: of all of the workspace. */
    jobs: Type.Optional(Type.Enum(['mine', 'workspace'])),
    /** Of this model alone. */
    model: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    url: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
    format: Type.Optional(Type.Enum([...noticeFormats])),
    /** With which the requests are signed, as MLflow signs those of webhooks. */
    secret: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    email: Type.Optional(Type.String({ minLength: 3, maxLength: 254 })),
  },
  { additionalProperties: false },
);
export type NewNotice = Static<typeof NewNotice>;

/** A notice as it is shown to whose it is. Of the address, which may be a secret, the host alone. */
export interface NoticeView {
  id: string;
  workspace: string;
  events: NoticeEvent[];
  jobs: 'mine' | 'workspace';
  model?: string;
  to: string;
  format: NoticeFormat | 'email';
  isOn: boolean;
  standing: DeliveryStanding;
}

/** How a try went. */
export interface NoticeTest {
  isDelivered: boolean;
  status?: number;
  error?: string;
}
