import type { Context } from 'hono';
import * as Type from 'typebox';
import { may } from '../../../access/may.ts';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import { memberOf, type Principal } from '../../../protocol/principal.ts';
import type { ResourceKind } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import type { PlaneServices } from '../../services.ts';
import { workspaceList } from '../../workspaceNames.ts';
import { deletedWorkspaceNamed } from '../../workspaces/deletedWorkspaces.ts';
import { mayRecover } from '../../workspaces/mayRecover.ts';

const Subject = Type.Object({
  workspace: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  version: Type.String(),
  op: Type.Enum(['put', 'delete']),
});

/** The resource that a long-running operation is about. The operation's id holds all of it, so that it can be asked after a restart. */
export interface OperationSubject {
  workspace: string;
  kind: ResourceKind;
  name: string;
  version: string;
  op: 'put' | 'delete';
}

/** Headers of a PUT, PATCH, POST or DELETE that a client may follow. `Retry-After` of 0 would count as absent and mean 30 seconds. */
export function operationHeaders(c: Context, subject: OperationSubject): Record<string, string> {
  const id = Buffer.from(JSON.stringify(subject)).toString('base64url');
  const [, subscription] = c.req.path.split('/').filter(Boolean);
  const url = (what: string) =>
    `${originOf(c)}/subscriptions/${encodeURIComponent(subscription!)}/providers/Microsoft.MachineLearningServices/locations/local/mfeOperations${what}/${id}?api-version=2022-10-01`;
  return { 'azure-asyncoperation': url('Status'), location: url('Results'), 'retry-after': '1', 'x-ms-async-operation-timeout': 'PT1H' };
}

/** `…/locations/{l}/mfeOperationsStatus/{id}`, which clients ask until it says `Succeeded`, and `…Results/{id}`, until it is no 202. */
export async function operationRoute(
  c: Context,
  id: string,
  isResult: boolean,
  { store, team }: PlaneServices,
  principal: Principal,
): Promise<Response> {
  const { workspace, kind, name, version, op } = subjectOf(id);
  if (workspace === workspaceList) return deletionRoute(c, { id, kind, name, isResult }, { store, team }, principal);
  const member = memberOf(principal);
  if (member ? !team?.sees(member, workspace) : !may(principal, 'read', workspace))
    throw new UserError('NotFound', 'There is no such operation.');
  const found = await store.in(workspace, principal).resource(kind, name, version);
  const state = String((found?.properties.properties as { provisioningState?: string } | undefined)?.provisioningState ?? 'Succeeded');
  const isDone = op === 'delete' ? !found : ['Succeeded', 'Failed', 'Canceled'].includes(state);
  c.header('retry-after', '1');
  if (isResult) return c.body(null, isDone ? (op === 'delete' ? 204 : 200) : 202);
  const status = !isDone ? 'InProgress' : op === 'delete' ? 'Succeeded' : state;
  const error = (found?.properties.properties as { error?: unknown } | undefined)?.error;
  return c.json({ id: c.req.path, name: id, status, ...(status === 'Failed' && error ? { error } : {}) });
}

/** The deletion of a workspace. Who may not know of it is told what is said of one that is gone. */
async function deletionRoute(
  c: Context,
  { id, kind, name, isResult }: { id: string; kind: ResourceKind; name: string; isResult: boolean },
  { store, team }: Pick<PlaneServices, 'store' | 'team'>,
  principal: Principal,
): Promise<Response> {
  const found = await deletedWorkspaceNamed(store, name);
  const isDone = !found || !mayRecover(team, principal, found) || (kind === 'deletedWorkspaces' && !found.isStopping);
  c.header('retry-after', '1');
  if (isResult) return c.body(null, isDone ? 204 : 202);
  return c.json({ id: c.req.path, name: id, status: isDone ? 'Succeeded' : 'InProgress' });
}

function subjectOf(id: string): OperationSubject {
  try {
    return check(Subject, JSON.parse(Buffer.from(id, 'base64url').toString('utf8')), 'The operation') as OperationSubject;
  } catch {
    throw new UserError('NotFound', 'There is no such operation.');
  }
}
