import type { DeliveryStanding, DeliveryView, WebhookView } from '../../protocol/webhook.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required } from '../parsed.ts';
import { tableOf, timeOf } from '../textParts.ts';

export async function listWebhooks(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { value } = await client.http.json<{ value: WebhookView[] }>('GET', '/updraft/webhooks');
  return {
    value,
    text: () =>
      tableOf(
        ['ID', 'NAME', 'URL', 'EVENTS', 'STATE'],
        value.map((each) => [
          each.id,
          each.name,
          plainCell(each.url),
          each.events.join(' '),
          standingText(each.status === 'ACTIVE', each.standing),
        ]),
        "There is no webhook. MLflow's client makes them: MlflowClient().create_webhook.",
      ),
  };
}

export async function webhookDeliveries(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const path = `/updraft/webhooks/${encodeURIComponent(required(parsed, 'id'))}/deliveries`;
  return deliveryTable((await client.http.json<{ value: DeliveryView[] }>('GET', path)).value);
}

export const deliveryTable = (value: DeliveryView[]): Outcome => ({
  value,
  text: () =>
    tableOf(
      ['WHEN', 'EVENT', 'OF', 'OUTCOME', 'TRIES', 'SAID'],
      value.map((each) => [
        timeText(each.occurredAt),
        each.event,
        plainCell(each.resource),
        each.outcome === 'waiting' && each.nextTryAt !== undefined ? `next try ${timeText(each.nextTryAt)}` : each.outcome,
        String(each.attempts),
        plainCell(each.error ?? (each.status === undefined ? '' : String(each.status))),
      ]),
      'Nothing was sent yet.',
    ),
});

/** How it goes, in a few words. */
export function standingText(isOn: boolean, standing: DeliveryStanding): string {
  const { turnedOff, failingSince, failures, lastError, nextTryAt, lastDeliveredAt, leftOut } = standing;
  const missing = leftOut ? ` ${leftOut} events were left out, since too many waited.` : '';
  if (!isOn) return plainCell(turnedOff ? `off: ${turnedOff}` : 'off');
  if (failingSince !== undefined) {
    const next = nextTryAt === undefined ? '' : ` Next try: ${timeText(nextTryAt)}.`;
    return plainCell(`failing since ${timeText(failingSince)} (${failures} times): ${lastError}${next}${missing}`);
  }
  return `${lastDeliveredAt === undefined ? 'on' : `on, last delivered ${timeText(lastDeliveredAt)}`}${missing}`;
}

const timeText = (time: number): string => timeOf(new Date(time).toISOString()) ?? '';

/** Without what a terminal would obey: names and errors come from elsewhere. */
export const plainCell = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
