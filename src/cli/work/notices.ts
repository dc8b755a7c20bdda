import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../base/userError.ts';
import { type NewNotice, type NoticeEvent, type NoticeTest, type NoticeView, noticeEvents } from '../../protocol/notice.ts';
import type { DeliveryView } from '../../protocol/webhook.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, required, text } from '../parsed.ts';
import { tableOf } from '../textParts.ts';
import { deliveryTable, plainCell, standingText } from './webhooks.ts';

const usual: NoticeEvent[] = ['job.completed', 'job.failed', 'job.canceled'];

export async function addNotice(parsed: Parsed): Promise<Outcome> {
  const [url, email, model, file] = [text(parsed, 'url'), text(parsed, 'email'), text(parsed, 'model'), text(parsed, 'secret-file')];
  const format = text(parsed, 'format') as NewNotice['format'];
  const jobs = text(parsed, 'jobs') as NewNotice['jobs'];
  const asked: NewNotice = {
    events: eventsOf(parsed, model),
    ...(jobs === undefined ? {} : { jobs }),
    ...(model === undefined ? {} : { model }),
    ...(url === undefined ? {} : { url }),
    ...(email === undefined ? {} : { email }),
    ...(format === undefined ? {} : { format }),
    ...(file === undefined ? {} : { secret: secretIn(file) }),
  };
  const { client } = await connect(parsed);
  const value = await client.http.json<NoticeView>('POST', '/updraft/notices', asked);
  return { value, text: () => `You are told at ${value.to} of: ${value.events.join(', ')}. Try it: updraft notice test ${value.id}` };
}

/** With the name of a model and no event, its versions are meant. */
function eventsOf(parsed: Parsed, model: string | undefined): NoticeEvent[] {
  const given = list(parsed, 'on').flatMap((each) => each.split(','));
  if (given.length === 0) return model === undefined ? usual : ['model_version.created'];
  return given.map((each) => {
    const found = noticeEvents.find((event) => event === each.trim());
    if (!found) throw new UserError('InvalidArgument', `There is no event "${each}".`, `Give some of: ${noticeEvents.join(', ')}.`);
    return found;
  });
}

function secretIn(file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UserError('MissingFile', `The file of the secret can't be read: ${messageOf(error)}.`);
  }
  if (secret === '') throw new UserError('InvalidValue', `The file ${file} has no secret.`);
  return secret;
}

export async function listNotices(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { value } = await client.http.json<{ value: NoticeView[] }>('GET', '/updraft/notices');
  return {
    value,
    text: () =>
      tableOf(
        ['ID', 'TO', 'AS', 'OF', 'STATE'],
        value.map((each) => [each.id, plainCell(each.to), each.format, whatOf(each), standingText(each.isOn, each.standing)]),
        'You have no notice here.',
      ),
  };
}

const whatOf = ({ events, jobs, model }: NoticeView): string =>
  [
    ...events,
    ...(events.some((each) => each.startsWith('job.')) ? [jobs === 'mine' ? '(own jobs)' : '(all jobs)'] : []),
    ...(model ? [`(model ${plainCell(model)})`] : []),
  ].join(' ');

export async function removeNotice(parsed: Parsed): Promise<Outcome> {
  const id = required(parsed, 'id');
  const { client } = await connect(parsed);
  await client.http.send('DELETE', `/updraft/notices/${encodeURIComponent(id)}`);
  return { text: () => `The notice ${id} is ended.` };
}

export async function testNotice(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const value = await client.http.json<NoticeTest>('POST', `/updraft/notices/${encodeURIComponent(required(parsed, 'id'))}/test`, {});
  return {
    value,
    text: () => (value.isDelivered ? 'The example was taken.' : `The example did not arrive. ${plainCell(value.error ?? '')}`),
    exitCode: value.isDelivered ? 0 : 1,
  };
}

export async function noticeDeliveries(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const path = `/updraft/notices/${encodeURIComponent(required(parsed, 'id'))}/deliveries`;
  return deliveryTable((await client.http.json<{ value: DeliveryView[] }>('GET', path)).value);
}
