import type { NoticeEvent } from '../../protocol/notice.ts';
import type { WebhookEvent } from '../../protocol/webhook.ts';

/** Something that happened and that somebody may want to be told. */
export interface Occurrence {
  event: WebhookEvent | NoticeEvent;
  /** What it happened to, such as `models/digits`. */
  resource: string;
  /** What is told of it, in MLflow's words where MLflow has the event. */
  data: Record<string, unknown>;
  /** Of a job: whose it is, and to whom its file wants mail to be sent. */
  job?: { user: string; emails: string[] };
  /** The only member of a team whom it is for. */
  member?: string;
}
