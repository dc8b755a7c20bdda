import { workspaceScope } from '../../access/scopes.ts';
import type { StoreWriter } from '../../store/store.ts';
import { readAssignments, readRunnerTokens, readTokens } from '../team/records.ts';
import { readDeletedWorkspaces } from './deletedWorkspaces.ts';

/**
 * The last step of purging a workspace: takes it from the list of deleted workspaces, so that its name is free. Role assignments at it and tokens for it alone are removed too, so that
 * they do not open a new workspace of the same name. The token of a runner that serves other workspaces as well stays good for those.
 */
export async function forgetWorkspace(writer: StoreWriter, name: string): Promise<void> {
  const found = (await readDeletedWorkspaces(writer)).find((each) => each.name === name && each.isPurging);
  if (!found) return;
  const scope = workspaceScope({ resourceGroup: found.resourceGroup, workspace: name });
  for (const { id, scope: at } of await readAssignments(writer)) if (at === scope) await writer.deleteResource('roleAssignments', id, '');
  for (const { id, within } of await readTokens(writer)) if (within === scope) await writer.deleteResource('personalTokens', id, '');
  for (const { id, workspaces } of await readRunnerTokens(writer)) {
    if (!workspaces.includes(name)) continue;
    const kept = workspaces.filter((each) => each !== name);
    const token = (await writer.resource('runnerTokens', id, ''))!;
    if (kept.length === 0) await writer.deleteResource('runnerTokens', id, '');
    else await writer.putResource({ ...token, properties: { ...token.properties, workspaces: kept } });
  }
  await writer.deleteResource('purgedWorkspaces', name, '');
}
