import { type Context, Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import {
  type CommentedKind,
  type CommentedOn,
  type CommentPage,
  CommentPatch,
  commentedKinds,
  NewComment,
  ReadMentions,
  threadOf,
  type WhomToAsk,
} from '../../protocol/comment.ts';
import { isMember } from '../../protocol/principal.ts';
import { commentOf, deleteComment, editComment, findComment, mustBeThere, writeComment } from '../comments/comments.ts';
import { Inbox } from '../comments/inbox.ts';
import { keptIn, writeAction } from '../comments/kept.ts';
import { readersOf } from '../comments/readers.ts';
import { whomToAsk } from '../comments/whomToAsk.ts';
import { type PlaneServices, type Services, servicesOf } from '../services.ts';
import { mayAct } from '../team/mayAct.ts';
import { jsonBody, page } from './arm/request.ts';

/** Comments on jobs and models, whom they mention, and whom to ask for a role. Azure and MLflow have no such thing. */
export function commentRoutes(plane: PlaneServices): Hono {
  const app = new Hono();
  for (const kind of commentedKinds) {
    const address = `/updraft/comments/${kind}/:name`;
    app.get(address, async (c) => {
      const services = of(c);
      const on = subject(c, kind, c.req.query('version') || undefined);
      await mustBeThere(services.store, on);
      return page(
        c,
        (offset, limit) => services.store.entities.list('comment', threadOf(on), offset, limit),
        (entity) => commentOf(services, entity),
        (entity) => on.version === undefined || keptIn(entity).on.version === on.version,
        { mayWrite: mayAct(services, writeAction(kind)), hasMentions: services.team !== undefined } satisfies Omit<
          CommentPage,
          'value' | 'nextLink'
        >,
      );
    });
    app.post(address, async (c) => {
      const body = check(NewComment, await jsonBody(c), 'The comment');
      if (kind === 'jobs' && body.version !== undefined)
        throw new UserError('InvalidRequest', 'A job has no versions.', 'Leave version out.');
      const { isNew, ...written } = await writeComment(of(c), subject(c, kind, body.version), body);
      return c.json(written, isNew ? 201 : 200);
    });
    app.get(`${address}/:id`, async (c) => {
      const services = of(c);
      return c.json(commentOf(services, await findComment(services.store, subject(c, kind), c.req.param('id'))));
    });
    app.patch(`${address}/:id`, async (c) => {
      const { text } = check(CommentPatch, await jsonBody(c), 'The comment');
      return c.json(await editComment(of(c), subject(c, kind), c.req.param('id'), text));
    });
    app.delete(`${address}/:id`, async (c) => {
      await deleteComment(of(c), subject(c, kind), c.req.param('id'));
      return c.body(null, 204);
    });
    app.get(`/updraft/readers/${kind}`, (c) => c.json({ value: readersOf(of(c), kind, (c.req.query('search') ?? '').slice(0, 200)) }));
  }
  return app
    .get('/updraft/mentions', async (c) => {
      const inbox = inboxOf(c);
      if (!inbox) return c.json({ value: [], unread: 0 });
      const kept = await inbox.kept();
      const unread = kept.filter(({ isRead }) => !isRead);
      const wanted = c.req.query('unread') === 'true' ? unread : kept;
      // What has gone since is left out.
      const shown = new Map<(typeof wanted)[number], Awaited<ReturnType<Inbox['shown']>>>();
      return page(
        c,
        async (offset, limit) => wanted.slice(offset, offset + limit),
        (each) => shown.get(each),
        async (each) => {
          shown.set(each, await inbox.shown(each));
          return shown.get(each) !== undefined;
        },
        { unread: unread.length },
      );
    })
    .post('/updraft/mentions/read', async (c) => {
      const asked = check(ReadMentions, await jsonBody(c), 'The request');
      await inboxOf(c)?.mark(asked);
      return c.body(null, 204);
    })
    .get('/updraft/whom-to-ask', (c) => {
      const { principal } = c.get('asked');
      if (!plane.team || !isMember(principal)) return c.json({ seesWorkspace: true, owners: [] } satisfies WhomToAsk);
      return c.json(whomToAsk(plane.team, principal, c.req.query('workspace') || plane.team.usualWorkspace(principal)));
    });

  function of(c: Context): Services {
    return servicesOf(plane, c.get('asked'));
  }

  function inboxOf(c: Context): Inbox | undefined {
    const { principal } = c.get('asked');
    return plane.team && isMember(principal) ? new Inbox(plane, principal) : undefined;
  }
}

const subject = (c: Context, kind: CommentedKind, version?: string): CommentedOn => ({
  kind,
  name: c.req.param('name') ?? '',
  ...(version === undefined ? {} : { version }),
});
