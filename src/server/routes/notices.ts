import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { NewNotice, type NoticeTest, type NoticeView } from '../../protocol/notice.ts';
import { memberOf, type Principal } from '../../protocol/principal.ts';
import type { EntityReader, StoredEntity } from '../../store/entities.ts';
import { checkReceiver } from '../deliveries/checkReceiver.ts';
import { deliveryViews } from '../deliveries/deliveryViews.ts';
import { exampleOf } from '../deliveries/exampleOf.ts';
import { isMailAddress } from '../deliveries/mailServer.ts';
import { sealedAt } from '../deliveries/sealedFields.ts';
import { type Notice, subscriptionOf } from '../deliveries/subscription.ts';
import type { PlaneServices } from '../services.ts';
import { mayAct } from '../team/mayAct.ts';
import { jsonBody } from './arm/request.ts';

type Kept = StoredEntity & { body: Notice };

const writeConnections = 'Microsoft.MachineLearningServices/workspaces/connections/write';
const mostNotices = 20;

/** What people want to be told of a workspace, by webhook or by mail. Each sees the own notices, and nobody those of others. */
export function noticeRoutes(services: PlaneServices): Hono {
  const { deliveries, clock } = services;
  return new Hono()
    .get('/updraft/notices', async (c) => {
      const { store, principal, workspace } = c.get('asked');
      return c.json({ value: (await ownNotices(store.entities, principal)).map((each) => shown(each, workspace)) });
    })
    .post('/updraft/notices', async (c) => {
      const asked = check(NewNotice, await jsonBody(c), 'The notice');
      const { store, principal, workspace } = c.get('asked');
      const id = randomUUID();
      const body = await noticeOf(asked, c, services, id);
      const made: Kept = { kind: 'notice', id, scope: '', at: clock.now(), body };
      await store.write(async ({ entities }) => {
        if ((await ownNotices(entities, principal)).length >= mostNotices)
          throw new UserError(
            'Conflict',
            `You have ${mostNotices} notices in this workspace, which is the most.`,
            'Remove one: updraft notice remove ID.',
          );
        await entities.put(made);
      });
      return c.json(shown(made, workspace), 201);
    })
    .delete('/updraft/notices/:id', async (c) => {
      await c.get('asked').store.write(async ({ entities }) => {
        const { id } = await ownNotice(entities, c);
        for (const kind of ['pendingDelivery', 'delivery'] as const) await entities.deleteAll(kind, id);
        await entities.delete('notice', id);
      });
      return c.body(null, 204);
    })
    .get('/updraft/notices/:id/deliveries', async (c) => {
      const { entities } = c.get('asked').store;
      const { id } = await ownNotice(entities, c);
      return c.json({ value: await deliveryViews(entities, id) });
    })
    .post('/updraft/notices/:id/test', async (c) => {
      const { store, workspace } = c.get('asked');
      const found = await ownNotice(store.entities, c);
      const [event] = found.body.events;
      const pending = { id: randomUUID(), event: event!, resource: '', data: exampleOf(event!), occurredAt: clock.now(), attempts: 0 };
      const subscription = { kind: 'notice', entity: found, body: found.body } as const;
      const outcome = await deliveries.sender.send(subscription, pending, workspace, new AbortController().signal);
      const status = outcome.status === undefined ? {} : { status: outcome.status };
      return c.json(
        (outcome.isDelivered
          ? { isDelivered: true, ...status }
          : { isDelivered: false, ...status, error: outcome.error }) satisfies NoticeTest,
      );
    });
}

async function noticeOf(asked: NewNotice, c: Context, { deliveries, secrets, team }: PlaneServices, id: string): Promise<Notice> {
  const { principal, workspace } = c.get('asked');
  const { places, sender } = deliveries;
  const { url, email, events, model, format = 'json', secret } = asked;
  if ((url === undefined) === (email === undefined))
    throw new UserError(
      'InvalidRequest',
      'A notice goes to an address of the web or to an address of mail.',
      'Give one of "url" and "email".',
    );
  const member = memberOf(principal);
  const about: Omit<Notice, 'format'> = {
    owner: principal.name,
    ...(member ? { member: member.id } : {}),
    events: [...new Set(events)],
    jobs: asked.jobs ?? 'mine',
    ...(model === undefined ? {} : { model }),
    isOn: true,
    standing: {},
  };
  if (url !== undefined) {
    if (secret !== undefined && format !== 'json')
      throw new UserError('InvalidRequest', 'Slack and Teams check no signature.', 'Leave out the secret, or take the format json.');
    await checkReceiver(url, places);
    const seal = (field: 'url' | 'secret', text: string) => secrets.seal(text, sealedAt(workspace, 'notice', id, field));
    const sealedSecret = secret === undefined ? {} : { secret: seal('secret', secret) };
    return { ...about, format, url: seal('url', url), host: new URL(url).host, ...sealedSecret };
  }
  if (asked.format !== undefined || secret !== undefined)
    throw new UserError('InvalidRequest', 'A notice by mail has no format and no secret.', 'Leave them out.');
  if (!isMailAddress(email!)) throw new UserError('InvalidRequest', `"${email!.slice(0, 100)}" is no address of mail.`);
  if (!sender.hasMail)
    throw new UserError(
      'NotImplemented',
      'The control plane has no mail server.',
      'Whoever operates it names one, with --smtp-host or smtp in team.yml. Until then take a webhook.',
    );
  // Who may not send things elsewhere in the name of the workspace can't send mail to strangers.
  if (member && email!.toLowerCase() !== member.name.toLowerCase() && !mayAct({ team, principal, workspace }, writeConnections))
    throw new UserError('Forbidden', 'With your roles you can have mail sent to your own address alone.', `Give ${member.name}.`);
  return { ...about, format: 'email', email: email! };
}

const isOwn = ({ owner, member }: Notice, principal: Principal): boolean => {
  const asking = memberOf(principal);
  return asking ? member === asking.id : member === undefined && owner === principal.name;
};

const isKept = (entity: StoredEntity): entity is Kept => subscriptionOf(entity)?.kind === 'notice';

const ownNotices = async (entities: EntityReader, principal: Principal): Promise<Kept[]> =>
  (await entities.list('notice')).filter(isKept).filter(({ body }) => isOwn(body, principal));

async function ownNotice(entities: EntityReader, c: Context): Promise<Kept> {
  const id = c.req.param('id') ?? '';
  const found = await entities.get('notice', id);
  if (!found || !isKept(found) || !isOwn(found.body, c.get('asked').principal))
    throw new UserError(
      'NotFound',
      `You have no notice "${id.slice(0, 100)}" in this workspace.`,
      'Those that you have are in "updraft notice list".',
    );
  return found;
}

function shown({ id, body }: Kept, workspace: string): NoticeView {
  const { events, jobs, model, format, host, email, isOn, standing } = body;
  return { id, workspace, events, jobs, ...(model === undefined ? {} : { model }), to: email ?? host ?? '', format, isOn, standing };
}
