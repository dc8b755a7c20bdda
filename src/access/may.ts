import type { Principal } from '../protocol/principal.ts';
import type { Action } from './actions.ts';

/**
 * What a principal may do in a workspace. The owner of a plane, and the plane itself, may do everything. A job reads its workspace and writes what scripts log and register;
 * which runs it may write to is asked with the run (`mayWriteRun`). It removes nothing that others have, starts no work and changes nothing that all share.
 */
export function may(principal: Principal, action: Action, workspace: string): boolean {
  if (action === 'open') return true;
  if (principal.kind !== 'job') return true;
  return principal.workspace === workspace && (action === 'read' || action === 'write');
}

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
