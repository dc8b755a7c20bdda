import { shortened } from '../base/text.ts';
import { mostAgentName } from './agentCall.ts';

/**
 * Who makes a request: the owner of a control plane; an agent that acts for the owner; a running job, by its own token; the holder of a signed URL; or the plane itself. A signed URL acts in the name of the principal
 * that had it signed. `id` stands in the change log as the author of a change, `name` is shown to people.
 */
export type Principal =
  | { kind: 'owner'; id: string; name: string }
  | AgentPrincipal
  | JobPrincipal
  | { kind: 'signed'; id: string; name: string }
  | { kind: 'plane'; id: 'plane'; name: 'plane' };

/** `name` is that of the owner, `call` the recorded call of a tool for which it asks. */
export type AgentPrincipal = { kind: 'agent'; id: string; name: string; agent: string; call: string | undefined };

export type JobPrincipal = { kind: 'job'; id: string; name: string; job: string; claim: number; workspace: string };

/** What the plane does by itself: what every workspace has from the start, schedules, upkeep. */
export const thePlane: Principal = { kind: 'plane', id: 'plane', name: 'plane' };

export const ownerOf = (user: string): Principal => ({ kind: 'owner', id: `user/${user}`, name: user });

/** The program of an agent, as it names itself, that acts for `user`. */
export function agentPrincipal(named: string, user: string, call: string | undefined): AgentPrincipal {
  const agent = shortened(named.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim(), mostAgentName) || 'unknown';
  return { kind: 'agent', id: `agent/${agent}`, name: user, agent, call };
}

/** A job, which runs in a workspace for `user`, as the runner runs it that has this claim of it. */
export const jobPrincipal = (job: string, claim: number, workspace: string, user: string): Principal => ({
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
