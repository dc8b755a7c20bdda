import type { AuditLine, AuditQuery } from '../../protocol/audit.ts';

const has = (text: string, part: string | undefined): boolean => part === undefined || text.toLowerCase().includes(part.toLowerCase());

/** Whether a line is what a query asks for, but for its time. */
export function matches({ who, action, path, about, workspace, outcome }: AuditLine, query: AuditQuery): boolean {
  return (
    (query.outcome === undefined || outcome === query.outcome) &&
    has([who?.name, who?.id, who?.agent].join('\n'), query.who) &&
    has(action, query.action) &&
    has([path, workspace, ...Object.values(about ?? {})].join('\n'), query.resource)
  );
}
