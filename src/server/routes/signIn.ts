import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { check } from '../../protocol/check.ts';
import { type MemberPrincipal, memberOf, thePlane } from '../../protocol/principal.ts';
import { type DeviceAnswer, DeviceQuestion, SignOut, type WhoAsks } from '../../protocol/signIn.ts';
import { type InvitationAnswer, InvitationText } from '../../protocol/team.ts';
import { noteSignIn, noteSignOut } from '../audit/noteSignIn.ts';
import { statusOfError } from '../errors.ts';
import { remoteAddress } from '../remoteAddress.ts';
import type { PlaneServices } from '../services.ts';
import { dropCookie, readCookie, writeCookie } from '../signIn/cookies.ts';
import { firstOwnerPage } from '../signIn/firstOwnerPage.ts';
import { failurePage, signInPage } from '../signIn/pages.ts';
import type { SignIn } from '../signIn/signIn.ts';
import { beginSeconds, sessionHours } from '../signIn/times.ts';
import { invitationOf } from '../team/invitation.ts';
import { Members } from '../team/members.ts';
import type { TokenUse } from '../team/records.ts';
import { workspaceList } from '../workspaceNames.ts';
import { jsonBody } from './arm/request.ts';

/** How people sign in with the team's identity provider, in a browser and on the command line, see who they are, and sign out. */
export function signInRoutes(services: PlaneServices): Hono {
  const { store, team, clock, logger } = services;
  const app = new Hono();
  const signIn = (): SignIn => {
    if (!services.signIn)
      throw new UserError(
        'NotFound',
        'This control plane has no sign-in by an identity provider.',
        team
          ? 'Use a personal token, which an Owner makes: updraft token create --member NAME.'
          : 'Read its token with "updraft env" on its machine.',
      );
    return services.signIn;
  };
  const usualWorkspace = (member: MemberPrincipal): NonNullable<WhoAsks['workspace']> => {
    const workspace = team!.usualWorkspace(member);
    return { resourceGroup: team!.groupOf(workspace) ?? defaultWorkspace.resourceGroup, workspace };
  };
  const small = bodyLimit({ maxSize: 16 * 1024 });
  const redirectUri = () => `${services.url()}/sign-in/callback`;

  /** A page in place of an answer for programs. */
  const asPage =
    (work: (c: Context) => Promise<Response>) =>
    async (c: Context): Promise<Response> => {
      try {
        return await work(c);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        logger.info(`sign-in: ${error.message}`);
        return failurePage(c, statusOfError(error) as ContentfulStatusCode, error.message, error.hint);
      }
    };

  app.get(
    '/sign-in',
    asPage(async (c) => signInPage(c, signIn().settings.name, ownPage(c))),
  );

  app.get(
    '/sign-in/start',
    asPage(async (c) => {
      // It is this origin that the browser comes back to, so it is this one that has to keep what was begun.
      if (c.get('origin') !== services.url()) {
        if (c.req.query('again') !== undefined)
          throw new UserError(
            'InvalidRequest',
            `The control plane is published as ${services.url()}, but asked for as ${c.get('origin')}.`,
            'Let the proxy hand on the header Host as it comes.',
          );
        return c.redirect(`${services.url()}/sign-in/start?again&to=${encodeURIComponent(ownPage(c))}`);
      }
      const { address, kept } = await signIn().begin(redirectUri(), ownPage(c));
      writeCookie(c, 'sign-in', kept, beginSeconds);
      c.header('cache-control', 'no-store');
      c.header('referrer-policy', 'no-referrer');
      return c.redirect(address, 302);
    }),
  );

  app.get(
    '/sign-in/callback',
    asPage(async (c) => {
      const kept = readCookie(c, 'sign-in');
      // Whatever comes of it, it is not done twice.
      dropCookie(c, 'sign-in');
      const { to, ...signedIn } = await signIn().end(kept, new URL(c.req.url).search);
      await noteSignIn(c, services, { kind: 'user', ...signedIn });
      writeCookie(c, 'session', signedIn.secret, sessionHours * 3600);
      c.header('cache-control', 'no-store');
      c.header('referrer-policy', 'no-referrer');
      return c.redirect(to, 303);
    }),
  );

  app.get('/sign-in/first', (c) => firstOwnerPage(c, services.signIn?.settings.name));

  app.post('/sign-in/first', small, async (c) => {
    c.header('cache-control', 'no-store');
    if (!team) throw new UserError('NotFound', "This control plane is one person's, and has no team.");
    const { invitation } = check(InvitationText, await jsonBody(c), 'The link');
    const address = remoteAddress(c, services);
    await mustNotWait(c, await services.attempts.wait(address, invitation));
    try {
      if (services.signIn) {
        await invitationOf(store.in(workspaceList, thePlane), invitation, clock.now());
        if (c.get('origin') !== services.url())
          throw new UserError('InvalidRequest', `The control plane is published as ${services.url()}.`, 'Open the link as it was printed.');
        const { address: to, kept } = await services.signIn.begin(redirectUri(), '/studio', invitation);
        writeCookie(c, 'sign-in', kept, beginSeconds);
        return c.json({ address: to } satisfies InvitationAnswer);
      }
      const { member, token } = await new Members(store, team, thePlane, () => clock.now()).initByInvitation(invitation);
      await noteSignIn(c, services, { kind: 'user', id: member.id, name: member.name, token: token!.id });
      return c.json({ name: member.name, token: token!.token, expiresAt: token!.expiresAt } satisfies InvitationAnswer);
    } catch (error) {
      if (error instanceof UserError && error.code === 'Unauthorized')
        await mustNotWait(c, await services.attempts.failed(address, invitation));
      throw error;
    }
  });

  app.post('/sign-in/device', small, async (c) => c.json(await signIn().beginDevice()));

  app.post('/sign-in/device/token', small, async (c) => {
    const { ticket, machine } = check(DeviceQuestion, await jsonBody(c), 'The question');
    c.header('cache-control', 'no-store');
    const found = await signIn().endDevice(ticket, machine);
    if (found === 'pending' || found === 'slowDown') return c.json({ status: found } satisfies DeviceAnswer);
    await noteSignIn(c, services, { kind: 'user', ...found });
    const { secret, name, expiresAt } = found;
    return c.json({ status: 'signedIn', token: secret, name, expiresAt: new Date(expiresAt).toISOString() } satisfies DeviceAnswer);
  });

  // OpenID Connect Back-Channel Logout 1.0: what it answers, the provider reads, and no person.
  app.post('/sign-in/back-channel-logout', small, async (c) => {
    c.header('cache-control', 'no-store');
    try {
      const token = new URLSearchParams(await c.req.text()).get('logout_token');
      if (!token) throw new UserError('InvalidRequest', 'There is no logout_token in the form.');
      for (const member of await signIn().endedByProvider(token)) await noteSignOut(c, services, member);
      return c.body(null, 200);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      logger.warn(`back-channel logout: ${error.message}`);
      const status = error.code === 'InvalidRequest' ? 400 : statusOfError(error);
      return c.json({ error: 'invalid_request', error_description: error.describe() }, status as ContentfulStatusCode);
    }
  });

  app.get('/updraft/who', (c) => {
    const { principal } = c.get('asked');
    const member = memberOf(principal);
    const { kind, id, name } = principal;
    if (principal.kind === 'runner') {
      const token = team!.runnerTokens.find((each) => each.id === principal.token);
      const runner = { workspaces: [...principal.workspaces], computes: [...principal.computes] };
      const end = token ? { expiresAt: new Date(token.expiresAt).toISOString() } : {};
      return c.json({ kind, id, name, displayName: name, ...end, runner } satisfies WhoAsks);
    }
    const kept = member && team!.member(member.id);
    if (!member || !kept) return c.json({ kind, id, name, displayName: name } satisfies WhoAsks);
    const token = team!.token(member.token);
    const view = new Members(store, team!, member, () => clock.now()).ofItself();
    return c.json({
      kind,
      id,
      name,
      displayName: kept.displayName,
      // Nobody asks with an invitation.
      by: (token?.use as Exclude<TokenUse, 'invitation'> | undefined) ?? 'token',
      ...(token ? { expiresAt: new Date(token.expiresAt).toISOString() } : {}),
      roles: view.roles,
      workspace: usualWorkspace(member),
      ...(view.groups ? { groups: view.groups } : {}),
      ...(kept.isGroupsOld ? { groupsNote: groupsNote(kept.groupsAt) } : {}),
    } satisfies WhoAsks);
  });

  app.post('/updraft/sign-out', small, async (c) => {
    const { everywhere = false } = check(SignOut, await jsonBody(c), 'The request');
    const { principal } = c.get('asked');
    const member = memberOf(principal);
    if (!member) throw new UserError('InvalidRequest', 'Only who has signed in can sign out.');
    const ended = await new Members(store, team!, principal, () => clock.now()).signOut(member, everywhere);
    dropCookie(c, 'session');
    return c.json({ ended });
  });

  return app;

  async function mustNotWait(c: Context, seconds: number | undefined): Promise<void> {
    if (seconds === undefined) return;
    c.header('retry-after', String(seconds));
    throw new UserError('TooManyRequests', `There were too many wrong tries: try it again in ${seconds} seconds.`);
  }
}

const groupsNote = (at: number | undefined): string =>
  at === undefined
    ? 'The identity provider has not told your groups, since there are too many: roles of groups do not count for you.'
    : `The identity provider has not told your groups lately, since there are too many: those of ${new Date(at).toISOString()} count.`;

/** The page of ours that is asked for; never an address of somebody else's. */
function ownPage(c: Context): string {
  const asked = c.req.query('to') ?? '';
  const base = 'http://own.invalid';
  if (!URL.canParse(asked, base)) return '/studio';
  const { origin, pathname, search, hash } = new URL(asked, base);
  return origin === base && /^\/studio(?:\/|$)/.test(pathname) ? `${pathname}${search}${hash}` : '/studio';
}
