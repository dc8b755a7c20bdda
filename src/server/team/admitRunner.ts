import type { Need } from '../../access/actions.ts';
import { isChange } from '../../access/may.ts';
import { UserError } from '../../base/userError.ts';
import { computeNameOf } from '../../protocol/infrastructure.ts';
import { isTerminal, type JobProperties } from '../../protocol/job.ts';
import type { Principal, RunnerPrincipal } from '../../protocol/principal.ts';
import type { Store, StoredJob } from '../../store/store.ts';
import { namedWorkspace, noWorkspace, workspaceAtWork, workspaceNamed } from '../workspaceNames.ts';

/**
 * Checks a request that comes with the token of a runner, and answers its workspace: the one that it names, or the token's first. Throws `Forbidden` for a route that is not for runners, and `NotFound` for a
 * workspace that the token is not for.
 */
export async function admitRunner(store: Store, runner: RunnerPrincipal, need: Need, request: Request): Promise<string> {
  if (!need.isForRunners)
    throw new UserError(
      'Forbidden',
      `The token of a runner does not let it ${request.method} ${new URL(request.url).pathname.slice(0, 200)}: it takes jobs and reports on them.`,
      'Use a personal token: updraft token create.',
    );
  const named = namedWorkspace(request);
  if (named === undefined) return runner.workspaces[0]!;
  // Who has jobs of a workspace that was deleted ends them, and says so.
  const workspace = await (isChange(need.action) ? workspaceAtWork : workspaceNamed)(store, named);
  if (!runner.workspaces.includes(workspace)) throw noWorkspace(named);
  return workspace;
}

/** Whether a runner may have jobs of this compute in hand, whoever else may; '' is no compute. */
export const mayTakeOf = ({ computes }: RunnerPrincipal, compute: string): boolean => computes.length === 0 || computes.includes(compute);

/** Throws `Forbidden` where a runner asks about a job that is not for its computes. */
export function mustBeOfRunner(
  principal: Principal,
  { name, properties }: { name: string; properties: Pick<JobProperties, 'computeId'> },
): void {
  if (principal.kind !== 'runner') return;
  const compute = computeNameOf(properties.computeId);
  if (mayTakeOf(principal, compute)) return;
  throw new UserError(
    'Forbidden',
    `The token of a runner does not let it see to the job ${name}, ${compute ? `which is for the compute ${compute}` : 'which names no compute'}.`,
    `It is for: ${principal.computes.join(', ')}.`,
  );
}

/** As `mustBeOfRunner`, for what is written while a runner has the job in hand. */
export function mustBeInHand(principal: Principal, job: StoredJob): void {
  mustBeOfRunner(principal, job);
  if (principal.kind === 'runner' && (job.claimedBy === null || isTerminal(job.status)))
    throw new UserError('Forbidden', `The token of a runner does not let it write the log of ${job.name}, which no runner has in hand.`);
}
