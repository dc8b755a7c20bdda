import { laterPart } from '../../base/laterPart.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import type { Clock } from '../schedules/clock.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { aborted } from './aborted.ts';
import type { AllowedPlaces } from './allowedPlaces.ts';
import type { MailServer } from './mailServer.ts';
import { slackBody, teamsBody } from './noticeFormats.ts';
import { noticeMessage } from './noticeMessage.ts';
import { post } from './post.ts';
import type { Pending } from './queue.ts';
import { sealedAt } from './sealedFields.ts';
import type { Subscription } from './subscription.ts';
import { headersOf, webhookRequest } from './webhookRequest.ts';

/** How a try went. `isRefusal`: the receiver has it, and does not want it. `text`: the beginning of the answer. */
export type Outcome =
  | { isDelivered: true; status?: number; text?: string }
  | { isDelivered: false; error: string; status?: number; text?: string; retryAfterMs?: number; isRefusal: boolean };

export interface SenderOptions {
  places: AllowedPlaces;
  secrets: Secrets;
  mail: MailServer | undefined;
  publicUrl: string | undefined;
  clock: Clock;
  tracer?: Tracer | undefined;
}

type NoticeSubscription = Extract<Subscription, { kind: 'notice' }>;

const mailPart = laterPart(() => import('./mail.ts'));

/** What answers of the kind 400 mean "later": all others are said to be the sender's fault. */
const passing = [408, 425, 429];

const noMail = 'The control plane has no mail server: whoever operates it names one, with --smtp-host or smtp in team.yml.';

/** Sends events to those who want them: one try, without what comes before and after it. */
export class Sender {
  private readonly options: SenderOptions;

  constructor(options: SenderOptions) {
    this.options = options;
  }

  get hasMail(): boolean {
    return this.options.mail !== undefined;
  }

  async send(subscription: Subscription | undefined, pending: Pending, workspace: string, signal: AbortSignal): Promise<Outcome> {
    try {
      if (!subscription) return await this.mail(pending.emails ?? [], pending, workspace, signal);
      if (subscription.kind === 'notice') return await this.notice(subscription, pending, workspace, signal);
      const { url, secret } = subscription.body;
      const { secrets, clock } = this.options;
      const signedWith = secret && secrets.open<string>(secret, sealedAt(workspace, 'webhook', subscription.entity.id, 'secret'));
      const { body, headers } = webhookRequest(pending, { workspace, now: clock.now(), signedWith });
      return await this.post(url, body, headers, signal);
    } catch (error) {
      if (!(error instanceof UserError || signal.aborted)) throw error;
      return { isDelivered: false, error: messageOf(error), isRefusal: false };
    }
  }

  private async notice(
    { entity, body: notice }: NoticeSubscription,
    pending: Pending,
    workspace: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { secrets, clock, publicUrl } = this.options;
    if (notice.format === 'email') return this.mail(notice.email === undefined ? [] : [notice.email], pending, workspace, signal);
    const opened = (field: 'url' | 'secret') =>
      notice[field] && secrets.open<string>(notice[field], sealedAt(workspace, 'notice', entity.id, field));
    const [url, signedWith] = [opened('url')!, opened('secret')];
    if (notice.format === 'json') {
      const { body, headers } = webhookRequest(pending, { workspace, now: clock.now(), signedWith });
      return this.post(url, body, headers, signal);
    }
    const message = noticeMessage(pending, { workspace, publicUrl });
    const body = JSON.stringify(notice.format === 'slack' ? slackBody(message) : teamsBody(message));
    return this.post(url, body, headersOf(pending.id, body, clock.now(), signedWith), signal);
  }

  private async post(url: string, body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Outcome> {
    const { places, clock, tracer } = this.options;
    const sent = (own: Record<string, string>) => post(url, body, { ...headers, ...own }, { places, clock, signal });
    const { status, text, retryAfterMs } = tracer
      ? await tracer.run('POST', 'client', async (span) => {
          span.attributes['http.request.method'] = 'POST';
          const posted = await sent(tracer.headers());
          span.attributes['http.response.status_code'] = posted.status;
          return posted;
        })
      : await sent({});
    if (status >= 200 && status < 300) return { isDelivered: true, status, text };
    const later = retryAfterMs === undefined ? {} : { retryAfterMs };
    const error =
      status >= 300 && status < 400
        ? `It answered ${status}, which sends the request elsewhere: redirects are not followed. Give the address that it leads to.`
        : `It answered ${status}.`;
    return { isDelivered: false, error, status, text, ...later, isRefusal: status < 500 && !passing.includes(status) };
  }

  private async mail(to: readonly string[], pending: Pending, workspace: string, signal: AbortSignal): Promise<Outcome> {
    const { mail, publicUrl } = this.options;
    if (!mail) return { isDelivered: false, error: noMail, isRefusal: false };
    const { sendMail } = await mailPart();
    // A mail server that is slow does not keep this one from ending.
    await Promise.race([sendMail(mail, to, noticeMessage(pending, { workspace, publicUrl }), pending.id), aborted(signal)]);
    return { isDelivered: true };
  }
}
