import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import { readAudit } from '../../access/audited.ts';
import { planeScope } from '../../access/scopes.ts';
import { UserError } from '../../base/userError.ts';
import { type AuditLine, type AuditOutcome, type AuditQuery, auditOutcomes } from '../../protocol/audit.ts';
import { memberOf } from '../../protocol/principal.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { PlaneServices } from '../services.ts';

/** The audit log of a team's plane: the newest lines, all lines as JSON Lines, and whether it is whole. A member is shown what belongs to the workspaces where a role lets the member read it. */
export function auditRoutes({ audit, team }: PlaneServices): Hono {
  const log = (): AuditLog => {
    if (!audit)
      throw new UserError(
        'NotFound',
        "This control plane is one person's, and keeps no audit log.",
        'Start it with "updraft serve --team".',
      );
    return audit;
  };
  const isShown = (c: Context): ((line: AuditLine) => boolean) => {
    const member = memberOf(c.get('asked').principal);
    if (!member) return () => true;
    const places = new Map<string | undefined, boolean>();
    const mayRead = (workspace: string | undefined): boolean => {
      const scope = workspace === undefined ? planeScope : team!.scopeOf(workspace);
      // Of a workspace that is gone, whoever reads everything is told.
      return team!.may(member, readAudit, scope ?? planeScope);
    };
    return ({ workspace }) => {
      if (!places.has(workspace)) places.set(workspace, mayRead(workspace));
      return places.get(workspace)!;
    };
  };
  return new Hono()
    .get('/updraft/audit', async (c) => c.json(await log().read(queryOf(c), isShown(c))))
    .get('/updraft/audit/lines', (c) => {
      const [query, shown, kept] = [{ ...queryOf(c), limit: 1000 }, isShown(c), log()];
      c.header('content-type', 'application/jsonl; charset=utf-8');
      c.header('content-disposition', 'attachment; filename="audit.jsonl"');
      return stream(c, async (to) => {
        for (let before = query.before; ; ) {
          const page = await kept.read({ ...query, ...(before === undefined ? {} : { before }) }, shown);
          if (page.value.length > 0) await to.write(`${page.value.map((line) => JSON.stringify(line)).join('\n')}\n`);
          before = page.next;
          if (before === undefined || to.aborted) return;
        }
      });
    })
    .get('/updraft/audit/verify', async (c) => c.json(await log().verify(knownLine(c.req.query('head')))));
}

function knownLine(text: string | undefined): { seq: number; hash: string } | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined)
    throw new UserError(
      'InvalidRequest',
      'head is no line of the audit log.',
      'Give its number and its hash, as in 17:9f86d0…, as "updraft audit verify" prints them.',
    );
  return { seq: Number(seq), hash };
}

function queryOf(c: Context): AuditQuery {
  const texts = Object.fromEntries(
    (['who', 'action', 'resource', 'since', 'until', 'before'] as const).flatMap((name) => {
      const value = c.req.query(name);
      return value ? [[name, value]] : [];
    }),
  );
  const [outcome, limit] = [c.req.query('outcome'), c.req.query('limit')];
  if (outcome && !auditOutcomes.includes(outcome as AuditOutcome))
    throw new UserError('InvalidRequest', `There is no outcome "${outcome.slice(0, 100)}".`, `Give one of: ${auditOutcomes.join(', ')}.`);
  if (limit !== undefined && !/^[1-9]\d{0,5}$/.test(limit)) throw new UserError('InvalidRequest', 'limit must be a whole number.');
  return { ...texts, ...(outcome ? { outcome: outcome as AuditOutcome } : {}), ...(limit === undefined ? {} : { limit: Number(limit) }) };
}
