import type { Static } from 'typebox';
import * as Type from 'typebox';

/** `done`: it was. `refused`: who asked may not, or is not known. `failed`: they may, but it was not done. */
export const auditOutcomes = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/**
 * One request, as the audit log has it. `at` is ISO-8601. `who` is absent where nobody is known by what the request came with. `action` is Azure's name for what was asked for, where it has one. `path` is that of
 * the request, without its query. `about` are the names in its body that tell which resource it is about. `workspace` is absent for what belongs to none. `from` is the address that the connection came from,
 * `forwardedFor` what a proxy, or whoever says to be one, told of the address before. `reason` is why it was not done. `missed` counts requests of unknown callers that came before this one and have no line,
 * as there were too many.
 */
const fields = {
  at: Type.String(),
  who: Type.Optional(
    Type.Object({
      kind: Type.String(),
      id: Type.String(),
      name: Type.String(),
      token: Type.Optional(Type.String()),
      agent: Type.Optional(Type.String()),
    }),
  ),
  action: Type.String(),
  method: Type.String(),
  path: Type.String(),
  about: Type.Optional(Type.Record(Type.String(), Type.String())),
  workspace: Type.Optional(Type.String()),
  from: Type.Optional(Type.String()),
  forwardedFor: Type.Optional(Type.String()),
  client: Type.Optional(Type.String()),
  outcome: Type.Enum([...auditOutcomes]),
  status: Type.Integer(),
  reason: Type.Optional(Type.String()),
  missed: Type.Optional(Type.Integer()),
};

export const NewAuditLine = Type.Object(fields);
export type NewAuditLine = Static<typeof NewAuditLine>;

/**
 * A line of the audit log. `seq` counts lines from 1 without a gap. `previous` is the hash of the line before, 64 zeros for the first one. `hash` is the SHA-256, in hexadecimal, of the UTF-8 of `previous` and of the
 * line as JSON without `hash`, with all keys in the order of their bytes.
 */
export const AuditLine = Type.Object({ ...fields, seq: Type.Integer(), previous: Type.String(), hash: Type.String() });
export type AuditLine = Static<typeof AuditLine>;

/** Which lines are wanted. Texts are looked for anywhere, whatever their case; `since` and `until` are ISO-8601. `before` continues where an answer ended. */
export interface AuditQuery {
  who?: string;
  action?: string;
  resource?: string;
  outcome?: AuditOutcome;
  since?: string;
  until?: string;
  before?: string;
  limit?: number;
}

/** The newest first. `next` is the `before` of what follows; absent: there is nothing more. */
export interface AuditPage {
  value: AuditLine[];
  next?: string;
}

/** What a look at all lines found: those that are kept, the newest one, and what is wrong, in words. */
export interface AuditCheck {
  lines: number;
  first: number;
  head: { seq: number; hash: string };
  problems: string[];
}
