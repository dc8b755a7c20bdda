import type { Page } from '../protocol/arm.ts';
import { AuditLine, type AuditPage, type AuditQuery } from '../protocol/audit.ts';
import { check } from '../protocol/check.ts';
import type { Http } from './http.ts';

const address = '/updraft/audit';

function queryOf(query: AuditQuery): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}

/** Lines of the audit log of a team's plane, the newest first. `nextLink` leads to those before them. */
export async function listAudit(http: Http, query: AuditQuery, nextLink?: string): Promise<Page<AuditLine>> {
  const page = await http.json<AuditPage>('GET', nextLink ?? `${address}?${queryOf(query)}`);
  const value = page.value.map((each) => check(AuditLine, each, 'A line of the audit log'));
  return { value, ...(page.next ? { nextLink: `${address}?${queryOf({ ...query, before: page.next })}` } : {}) };
}

/** All of them as JSON Lines. */
export const auditLines = (http: Http, query: AuditQuery): Promise<Response> => http.stream('GET', `${address}/lines?${queryOf(query)}`);
