import { shortened } from '../base/text.ts';
import { mostAgentName } from './agentCall.ts';

/**
 * Who makes a request. It is the owner of a control plane, a member of the team that shares it, an agent that acts for one of them, a running job with a token of its own, a runner with a token of its own, the holder of a signed URL, or the
 * plane itself. A signed URL acts in the name of the principal that had it signed. The change log names the author of a change by `id`. People are shown `name`.
 */
export type Principal =
  | { kind: 'owner'; id: string; name: string }
  | MemberPrincipal
  | AgentPrincipal
  | JobPrincipal
  | RunnerPrincipal
  | { kind: 'signed'; id: string; name: string }
  | { kind: 'plane'; id: 'plane'; name: 'plane' };

/**
 * A person of a team, or a program with an identity of its own. `id` is the object id, a GUID; `name` is a person's address of mail, a program's name. `token` is the personal token that the request
 * came with, `within` the only scope that it opens (undefined: all that the member has). Roles may be given to `groups`, too, by their object ids.
 */
export type MemberPrincipal = {
  kind: 'user' | 'service';
  id: string;
  name: string;
  groups: readonly string[];
  token: string;
  within: string | undefined;
};

/** `name` is that of whom it acts for, `call` the recorded call of a tool for which it asks. `member` is whom it acts for, where that is a member of a team: it may nothing that the member may not. */
export type AgentPrincipal = {
  kind: 'agent';
  id: string;
  name: string;
  agent: string;
  call: string | undefined;
  member: MemberPrincipal | undefined;
};

export type JobPrincipal = { kind: 'job'; id: string; name: string; job: string; claim: number; workspace: string };

/**
 * A runner that came with a token for runners, whose id is `token`: it takes the jobs of `computes` (none: of every compute) in `workspaces`, and reports on them.
 */
export type RunnerPrincipal = {
  kind: 'runner';
  id: string;
  name: string;
  token: string;
  workspaces: readonly string[];
  computes: readonly string[];
};

/** What the plane does by itself: what every workspace has from the start, schedules, upkeep. */
export const thePlane: Principal = { kind: 'plane', id: 'plane', name: 'plane' };

export const ownerOf = (user: string): Principal => ({ kind: 'owner', id: `user/${user}`, name: user });

/** The program of an agent, as it names itself, that acts for another principal. */
export function agentPrincipal(named: string, actsFor: Principal, call: string | undefined): AgentPrincipal {
  const agent = shortened(named.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim(), mostAgentName) || 'unknown';
  return { kind: 'agent', id: `agent/${agent}`, name: actsFor.name, agent, call, member: memberOf(actsFor) };
}

export const isMember = (principal: Principal): principal is MemberPrincipal => principal.kind === 'user' || principal.kind === 'service';

/** The member of a team by whose roles it is decided what a principal may; undefined for those who need none. */
export const memberOf = (principal: Principal): MemberPrincipal | undefined =>
  principal.kind === 'agent' ? principal.member : isMember(principal) ? principal : undefined;

/** A job, which runs in a workspace for `user`, as the runner runs it that has this claim of it. */
export const jobPrincipal = (job: string, claim: number, workspace: string, user: string): JobPrincipal => ({
  kind: 'job',
  id: `job/${job}`,
  name: user,
  job,
  claim,
  workspace,
});

/** Who holds a URL that the principal with this id had signed. */
export const signedBy = (id: string): Principal => ({ kind: 'signed', id, name: id.slice(id.indexOf('/') + 1) });

/** The job that is asking, or that had asked for the signed URL. */
export const jobOf = ({ id }: Principal): string | undefined => (id.startsWith('job/') ? id.slice('job/'.length) : undefined);
