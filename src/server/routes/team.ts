import { type Context, Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { type Invitation, type IssuedSecret, NewInvitation, NewMember, NewRunnerToken, NewSecret, NewToken } from '../../protocol/team.ts';
import type { PlaneServices } from '../services.ts';
import { invite } from '../team/invitation.ts';
import { Members, mustBeMail } from '../team/members.ts';
import { RunnerTokens } from '../team/runnerTokens.ts';
import type { Team } from '../team/team.ts';
import { jsonBody } from './arm/request.ts';

/** Who shares this plane: members, their personal tokens, the secrets of programs, and the tokens of runners. */
export function teamRoutes({ store, team, clock, signIn, url }: PlaneServices, planeId: string): Hono {
  const ownTeam = (): Team => {
    if (team) return team;
    throw new UserError('NotFound', "This control plane is one person's, and has no team.", 'Start it with "updraft serve --team".');
  };
  const members = (c: Context) => new Members(store, ownTeam(), c.get('asked').principal, () => clock.now(), signIn?.settings.issuer);
  const runners = (c: Context) => new RunnerTokens(store, ownTeam(), c.get('asked').principal, () => clock.now());
  return new Hono()
    .post('/updraft/team/owner', async (c) => c.json(await members(c).init(check(NewMember, await jsonBody(c), 'The owner')), 201))
    .post('/updraft/team/invitation', async (c) => {
      const { name } = check(NewInvitation, await jsonBody(c), 'The invitation');
      const mail = name?.trim() || undefined;
      if (mail === undefined && !signIn)
        throw new UserError(
          'InvalidRequest',
          'Say whose the link is.',
          'Give the address of mail of the first Owner: updraft team init MAIL.',
        );
      if (mail !== undefined) mustBeMail(mail);
      const parts = { store, team: ownTeam(), principal: c.get('asked').principal, now: () => clock.now() };
      const { text, expiresAt } = await invite(parts, mail);
      // What stands behind the # is sent to no server, so it is in no log.
      const link = `${url()}/sign-in/first#${text}`;
      return c.json(
        { link, expiresAt: new Date(expiresAt).toISOString(), ...(mail === undefined ? {} : { name: mail }) } satisfies Invitation,
        201,
      );
    })
    .get('/updraft/team/members', (c) => c.json({ value: members(c).list() }))
    .post('/updraft/team/members', async (c) => c.json(await members(c).add(check(NewMember, await jsonBody(c), 'The member')), 201))
    .delete('/updraft/team/members/:member', async (c) => c.json(await members(c).remove(c.req.param('member'))))
    .get('/updraft/team/tokens', (c) => c.json({ value: members(c).tokens(c.req.query('member')) }))
    .post('/updraft/team/tokens', async (c) => c.json(await members(c).createToken(check(NewToken, await jsonBody(c), 'The token')), 201))
    .delete('/updraft/team/tokens/:id', async (c) => {
      const id = c.req.param('id');
      if (!(await runners(c).revoke(id))) await members(c).revokeToken(id);
      return c.body(null, 204);
    })
    .get('/updraft/team/runner-tokens', (c) => c.json({ value: runners(c).list() }))
    .post('/updraft/team/runner-tokens', async (c) =>
      c.json(await runners(c).create(check(NewRunnerToken, await jsonBody(c), 'The token')), 201),
    )
    .get('/updraft/team/secrets', (c) => c.json({ value: members(c).secrets(c.req.query('member')) }))
    .post('/updraft/team/secrets', async (c) => {
      const secret = await members(c).createSecret(check(NewSecret, await jsonBody(c), 'The secret'));
      return c.json({ ...secret, tenantId: planeId } satisfies IssuedSecret, 201);
    })
    .delete('/updraft/team/secrets/:id', async (c) => {
      await members(c).revokeSecret(c.req.param('id'));
      return c.body(null, 204);
    });
}
