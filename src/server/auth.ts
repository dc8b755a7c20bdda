import { createHmac } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { type Need, needOf } from '../access/actions.ts';
import { isChange, may, whyNot } from '../access/may.ts';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { agentCallHeader, agentHeader } from '../protocol/agentCall.ts';
import { agentPrincipal, isMember, memberOf, type Principal } from '../protocol/principal.ts';
import { isPersonalToken, isRunnerToken } from '../protocol/team.ts';
import { errorResponse } from './errors.ts';
import { isSameSecret } from './isSameSecret.ts';
import { publicOrigin } from './origin.ts';
import { ownRequestOf } from './ownRequest.ts';
import { remoteAddress } from './remoteAddress.ts';
import type { PlaneServices } from './services.ts';
import { dropCookie, mustBeOwnPage, readCookie } from './signIn/cookies.ts';
import { admit, admitAgain } from './team/admit.ts';
import { admitRunner } from './team/admitRunner.ts';
import { askedWorkspace, workspaceAtWork, workspaceNamed } from './workspaceNames.ts';

export const studioCookie = 'updraft_studio';

/** Good for the Studio's own files only: cookies of 127.0.0.1 are seen by every port, so the token itself is never put into one. */
export const studioKey = (token: string): string => createHmac('sha256', token).update('studio').digest('hex');

/** What a token that was issued to an Azure client opens: the two public contracts. The change feed, `/stop` and our own additions are not among them. */
const isAzureClients = (path: string): boolean =>
  /^\/(?:subscriptions|registrymanagement|history|data|modelregistry|mferp|mlflow|api|ajax-api|v1\.0)(?:\/|$)/i.test(path);

/**
 * Checks each request: who makes it, for which workspace, and whether they may. It puts the answer into the context as `asked`, except for `open` routes. `Host` must name this machine or the
 * published address: a foreign page that rebinds its name to 127.0.0.1 sends that name. `Origin`, when a browser sends one, must be ours. Without a `token` (`--token none`) everyone is the
 * owner. What members of a team may, their roles say; see `team/admit.ts`.
 */
export function auth(token: string | undefined, services: PlaneServices): MiddlewareHandler {
  const { logger, store } = services;
  return async (c, next) => {
    // Who watches over servers asks them by addresses of their own, and learns nothing but this.
    if (c.req.path === '/ready') return next();
    const host = c.req.header('host') ?? '';
    const published = services.publicUrl === undefined ? undefined : new URL(services.publicUrl);
    // Figures are collected from each server, under an address that only who collects them knows. A page that rebinds its name has no token to send.
    const isCollected = c.req.path === '/metrics' && published !== undefined && bearerOf(c) !== undefined;
    if (!isCollected && host !== '' && !/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host) && host.toLowerCase() !== published?.host)
      return unauthorized(c, `This control plane serves ${published?.host ?? '127.0.0.1 only'}, not "${host}".`, logger);
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}` && origin !== published?.origin)
      return unauthorized(c, 'Pages of other origins may not call this control plane.', logger);
    c.set('origin', publicOrigin(c.req.url, host, published));
    // What another server was told of a member counts here, too.
    if (services.team && c.req.path !== '/health' && !ownRequestOf(c)) await services.team.catchUp();
    const need = needOf(c.req.method, c.req.path);
    const action = need?.action;
    if (action === 'open' && !isStudio(c.req.path)) return next();
    // No row of the table speaks of it, so there is nothing there, whoever asks.
    if (need === undefined || action === undefined)
      throw new UserError('NotFound', `The control plane has no ${c.req.method} ${c.req.path.slice(0, 200)}.`);
    const session = sessionOf(c);
    const wait = services.team && (await services.attempts.wait(remoteAddress(c, services), session ?? bearerOf(c) ?? ''));
    if (wait !== undefined) throw tooMany(c, wait);
    const { principal, isAzureClient } =
      session === undefined ? await callerOf(c) : { principal: sessionPrincipal(c, session), isAzureClient: false };
    if (principal) c.set('principal', principal);
    if (!principal && isStudio(c.req.path)) return isStudioGuest(c) ? next() : signInPage(c, services);
    if (!principal) return unknown(c, session);
    const member = memberOf(principal);
    const workspace = member
      ? await admit({ team: services.team!, store }, member, need, c.req.raw)
      : principal.kind === 'runner'
        ? await admitRunner(store, principal, need, c.req.raw)
        : await workspaceOf(c, principal, need);
    // Whatever else an agent may, it deletes nothing.
    const needed = principal.kind === 'agent' && c.req.method === 'DELETE' ? 'delete' : action;
    if (needed !== 'open' && !isMember(principal) && !may(principal, needed, workspace))
      throw new UserError(
        'Forbidden',
        `${principal.kind === 'agent' ? 'An agent may not' : 'The token of a job does not let it'} ${c.req.method} ${c.req.path.slice(0, 200)}: ${whyNot(principal, needed)}.`,
      );
    if (isChange(action) && !(await isRecorded(c.req.path, principal, workspace)))
      throw new UserError(
        'Forbidden',
        'What an agent changes belongs to a call that the control plane has recorded: this request names none.',
      );
    if (principal.kind === 'job') c.set('stillMay', () => services.jobTokens.check(principal));
    if (principal.kind === 'runner') c.set('stillMay', async () => services.team!.checkRunner(principal, workspace));
    // The workspace may be deleted by when a long upload or a feed has come so far.
    if (principal.kind === 'owner' && services.team && !ownRequestOf(c))
      c.set('stillMay', async () => {
        await workspaceNamed(store, workspace);
      });
    // Its role may be gone, too, by when a long upload or a feed has come so far.
    if (member)
      c.set('stillMay', async () => {
        services.team!.check(member);
        await admitAgain({ team: services.team!, store }, member, need, { request: c.req.raw, workspace });
      });
    c.set('asked', { principal, workspace, store: store.in(workspace, principal, ownRequestOf(c)?.lease), isAzureClient });
    return next();
  };

  /** The workspace that a request is about of who needs no role in it. Of one that was deleted, the plane's own parts and runners that need no token of their own end what goes on. */
  function workspaceOf(c: Context, principal: Principal, need: Need): Promise<string> {
    const named = askedWorkspace(c.req.raw, principal);
    const endsWork = principal.kind === 'owner' && (ownRequestOf(c) !== undefined || (need.isForRunners && isChange(need.action)));
    return (endsWork ? workspaceAtWork : workspaceNamed)(store, named);
  }

  /** What a browser has in its cookie. One that is good no more is none to the pages, which lead to a new one. */
  function sessionOf(c: Context): string | undefined {
    const session = services.signIn && c.req.header('authorization') === undefined ? readCookie(c, 'session') : undefined;
    return isStudio(c.req.path) && !isSignedIn(session) ? undefined : session;
  }

  /** Whose session a browser has; undefined for one that has ended. It counts for requests of our own pages alone. */
  function sessionPrincipal(c: Context, session: string): Principal | undefined {
    const member = services.team!.principalOfSession(session);
    if (member && !isStudio(c.req.path)) mustBeOwnPage(c);
    return member && itselfOrAgent(c, member);
  }

  function isSignedIn(session: string | undefined): boolean {
    try {
      return session !== undefined && services.team!.principalOfSession(session) !== undefined;
    } catch {
      // It has expired.
      return false;
    }
  }

  async function unknown(c: Context, session: string | undefined): Promise<Response> {
    const secret = session ?? bearerOf(c);
    const wait = services.team && secret !== undefined ? await services.attempts.failed(remoteAddress(c, services), secret) : undefined;
    if (wait !== undefined) throw tooMany(c, wait);
    if (session === undefined) return unauthorized(c, await whyUnknown(c), logger);
    dropCookie(c, 'session');
    return unauthorized(c, 'This browser is signed in no more.', logger, 'Sign in again.');
  }

  /** Whether a change is one that may go unrecorded, or its agent has begun a call that has not ended. */
  async function isRecorded(path: string, principal: Principal, workspace: string): Promise<boolean> {
    if (principal.kind !== 'agent' || path.startsWith('/updraft/agent-calls')) return true;
    if (!principal.call) return false;
    const call = await store.in(workspace, principal).entities.get('agentCall', principal.call);
    return call?.scope === principal.agent && call.body.endedAt === undefined;
  }

  /** A principal, or the agent that acts for it. */
  function itselfOrAgent(c: Context, principal: Principal): Principal {
    const agent = c.req.header(agentHeader);
    return agent === undefined ? principal : agentPrincipal(decoded(agent), principal, c.req.header(agentCallHeader));
  }

  async function ownPrincipal(c: Context, bearer: string): Promise<Principal | undefined> {
    if (isSameSecret(bearer, token!)) return itselfOrAgent(c, services.owner);
    const member = isPersonalToken(bearer) ? services.team?.principalOf(bearer) : undefined;
    if (member) return itselfOrAgent(c, member);
    return isRunnerToken(bearer) ? services.team?.runnerOf(bearer) : services.jobTokens.principalOf(bearer);
  }

  async function callerOf(c: Context): Promise<{ principal: Principal | undefined; isAzureClient: boolean }> {
    const bearer = bearerOf(c);
    if (token !== undefined) {
      if (bearer === undefined) return { principal: undefined, isAzureClient: false };
      const own = await ownPrincipal(c, bearer);
      if (own) return { principal: own, isAzureClient: false };
    }
    const principal = bearer !== undefined && isAzureClients(c.req.path) ? await services.azure.principalOf(bearer, c.req.path) : undefined;
    return {
      principal: principal ?? (token === undefined ? itselfOrAgent(c, services.owner) : undefined),
      isAzureClient: principal !== undefined,
    };
  }

  async function whyUnknown(c: Context): Promise<string> {
    const bearer = bearerOf(c);
    if (c.req.header('authorization') === undefined) return 'This control plane needs its token.';
    if (bearer !== undefined && isRunnerToken(bearer)) return 'This token of a runner was revoked, or is of another control plane.';
    if (bearer !== undefined && (await services.azure.principalOf(bearer, c.req.path)))
      return `A token for Azure's clients does not open ${c.req.path.slice(0, 200)}, which is no part of Azure's API.`;
    return 'The token is wrong.';
  }

  function isStudioGuest(c: Context): boolean {
    const asked = c.req.query('token');
    if (asked !== undefined) return isSameSecret(asked, token!) || services.team?.principalOf(asked) !== undefined;
    const cookie = getCookie(c, studioCookie);
    return cookie !== undefined && isSameSecret(cookie, studioKey(token!));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const bearerOf = (c: Context): string | undefined => /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];

const isStudio = (path: string): boolean => path === '/studio' || path.startsWith('/studio/');

function tooMany(c: Context, seconds: number): UserError {
  c.header('retry-after', String(seconds));
  return new UserError('TooManyRequests', `There were too many requests with a wrong token: try it again in ${seconds} seconds.`);
}

function signInPage(c: Context, { signIn }: PlaneServices): Response | Promise<Response> {
  if (signIn && c.req.method === 'GET' && !c.req.path.startsWith('/studio/assets/')) {
    const { pathname, search } = new URL(c.req.url);
    return c.redirect(`/sign-in?to=${encodeURIComponent(pathname + search)}`, 303);
  }
  return c.html(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Updraft Studio</title><main><h1>Updraft Studio</h1><p>Open the Studio from VS Code, or with the address that <code>updraft status</code> prints.</p></main>',
    401,
  );
}

function unauthorized(
  c: Context,
  message: string,
  logger: Logger,
  hint = 'Read the current address and token with "updraft env".',
): Response {
  return errorResponse(c, new UserError('Unauthorized', message, hint), logger);
}
