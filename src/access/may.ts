import { isMember, type Principal } from '../protocol/principal.ts';
import type { Action } from './actions.ts';

/**
 * What a principal may do in a workspace without having a role there. Members of a team need roles: `server/team` decides for them. The owner of a plane, and the plane itself, may do everything. An agent of
 * the owner reads, writes and runs; it deletes nothing, and changes nothing that the whole workspace shares. A job reads its workspace and writes what scripts log and register;
 * which runs it may write to is asked with the run (`mayWriteRun`). It deletes and renames nothing but its own runs, not even a model that it registered: others may use it by now. It
 * starts no work, and changes nothing that the whole workspace shares. A runner takes jobs of its workspaces.
 */
export function may(principal: Principal, action: Action, workspace: string): boolean {
  if (action === 'open') return true;
  if (isMember(principal)) return false;
  if (principal.kind === 'agent') return action !== 'delete' && action !== 'administer';
  // Which routes are for it, the table says.
  if (principal.kind === 'runner') return principal.workspaces.includes(workspace);
  if (principal.kind !== 'job') return true;
  return principal.workspace === workspace && (action === 'read' || action === 'write');
}

/** Why a principal may not what `may` refuses it. */
export const whyNot = ({ kind }: Principal, action: Exclude<Action, 'open'>): string =>
  kind === 'agent' ? 'it deletes nothing, and changes nothing that all of the workspace share' : whyNotJob[action];

const whyNotJob: Record<Exclude<Action, 'open'>, string> = {
  read: 'it reads its own workspace alone',
  write: 'it writes in its own workspace alone',
  delete: 'it deletes and renames nothing but its own runs',
  run: 'it starts, changes and ends no work',
  administer: 'it changes nothing that all of the workspace share',
};

/** Whether a request changes something, so that an agent's must belong to a call that is recorded. */
export const isChange = (action: Action): boolean => action !== 'open' && action !== 'read';

/** Whether a principal may write to a run: a job to its own and to those below it. `parentOf` reads the run above one. */
export async function mayWriteRun(
  principal: Principal,
  run: { name: string; parent: string | null },
  parentOf: (name: string) => Promise<string | null | undefined>,
): Promise<boolean> {
  if (principal.kind !== 'job') return true;
  let { name } = run;
  let parent: string | null | undefined = run.parent;
  // A run's ancestors are few; a circle, which only a damaged store could have, ends all the same.
  for (let depth = 0; depth < 100; depth++) {
    if (name === principal.job) return true;
    if (!parent) return false;
    name = parent;
    parent = await parentOf(name);
  }
  return false;
}

/** Whether a principal may log metrics to a run: a job to those above it, too, as the step of a pipeline does with what pipelines are compared by (in Azure with `run.parent.log`). */
export async function mayLogTo(
  principal: Principal,
  run: { name: string; parent: string | null },
  parentOf: (name: string) => Promise<string | null | undefined>,
): Promise<boolean> {
  if (await mayWriteRun(principal, run, parentOf)) return true;
  // A job is below the run that it asks for: seen from there, its own run is one that the other may write to.
  const job = (principal as { job: string }).job;
  return mayWriteRun({ ...principal, job: run.name } as Principal, { name: job, parent: (await parentOf(job)) ?? null }, parentOf);
}
