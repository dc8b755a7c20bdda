import type { Context, MiddlewareHandler } from 'hono';
import { needOf, type Where } from '../../access/actions.ts';
import { isAudited } from '../../access/audited.ts';
import { shortened } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { NewAuditLine } from '../../protocol/audit.ts';
import { memberOf, type Principal } from '../../protocol/principal.ts';
import { errorResponse } from '../errors.ts';
import { ownRequestOf } from '../ownRequest.ts';
import type { PlaneServices } from '../services.ts';
import { nowhere } from '../team/admit.ts';
import { aboutOf } from './aboutOf.ts';
import { UnknownCallers } from './unknownCallers.ts';

const most = { path: 500, text: 300, client: 200 };

/**
 * Notes requests in the audit log, before they are answered: what changes something or reads secrets, and whatever is refused. A request that can't be noted fails, so that nobody acts unseen on a plane whose
 * disk is full. It stands before everything that may refuse.
 */
export function audited({ audit, clock, logger }: PlaneServices): MiddlewareHandler {
  const unknown = new UnknownCallers();
  return async (c, next) => {
    await next();
    // The plane's own parts do what others have asked for, which is noted.
    if (!audit || ownRequestOf(c) || c.get('isPassedOn')) return;
    const need = needOf(c.req.method, c.req.path);
    if (!need) return;
    const principal = c.get('principal') as Principal | undefined;
    const asked = c.get('asked');
    const status = c.res.status;
    // Before it is known what a request is for, all that goes wrong is a refusal: even that there is no such workspace.
    const isKnocking = c.error instanceof UserError && c.error.code === 'TooManyRequests';
    const isRefused = status === 401 || status === 403 || isKnocking || (status >= 400 && principal !== undefined && asked === undefined);
    const isOfJob = principal?.kind === 'job' && need.action !== 'administer';
    if (!isRefused && (!asked || isOfJob || !isAudited(c.req.method, c.req.path, need))) return;
    const now = clock.now();
    const missed = principal ? 0 : unknown.count(now);
    if (missed === undefined) return;
    const reason = status >= 400 && c.error instanceof UserError ? c.error.message : undefined;
    const about = aboutOf(c);
    const workspace = asked && isInWorkspace(need.where, principal) && asked.workspace !== nowhere ? asked.workspace : undefined;
    const line: NewAuditLine = {
      at: new Date(now).toISOString(),
      ...(principal ? { who: whoOf(principal) } : {}),
      action: typeof need.team === 'object' ? need.team[0]! : `Updraft/${need.action}`,
      method: c.req.method,
      path: shortened(c.req.path, most.path),
      ...(about ? { about } : {}),
      ...(workspace === undefined ? {} : { workspace }),
      ...fromOf(c),
      outcome: isRefused ? 'refused' : status >= 400 ? 'failed' : 'done',
      status,
      ...(reason === undefined ? {} : { reason: shortened(reason, most.text) }),
      ...(missed > 0 ? { missed } : {}),
    };
    try {
      await audit.append(line);
    } catch (error) {
      logger.error('audit log', error);
      c.res = undefined;
      c.res = await errorResponse(
        c,
        new UserError(
          error instanceof UserError ? error.code : 'StoreUnreachable',
          isRefused
            ? 'The audit log can not be written, so nothing is answered.'
            : 'The audit log can not be written. Whether this was done is not noted.',
          'Whoever operates the control plane finds the cause in its log.',
        ),
        logger,
      );
    }
  };
}

/** Whether what is asked for belongs to the workspace of the request. The plane's own principals name one with requests about the plane, too. */
const isInWorkspace = (where: Where, principal: Principal | undefined): boolean =>
  where === 'workspace' || (where === 'path' && principal !== undefined && memberOf(principal) !== undefined);

function whoOf(principal: Principal): NonNullable<NewAuditLine['who']> {
  const { kind, id, name } = principal;
  const token = principal.kind === 'runner' ? principal.token : memberOf(principal)?.token;
  return { kind, id, name, ...(token === undefined ? {} : { token }), ...(principal.kind === 'agent' ? { agent: principal.agent } : {}) };
}

/** Where a request came from, as far as that can be told. */
export function fromOf(c: Context): Pick<NewAuditLine, 'from' | 'forwardedFor' | 'client'> {
  const from = (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming?.socket?.remoteAddress;
  const [forwardedFor, client] = [c.req.header('x-forwarded-for'), c.req.header('user-agent')];
  return {
    ...(from === undefined ? {} : { from }),
    ...(forwardedFor === undefined ? {} : { forwardedFor: shortened(forwardedFor, most.text) }),
    ...(client === undefined ? {} : { client: shortened(client, most.client) }),
  };
}
