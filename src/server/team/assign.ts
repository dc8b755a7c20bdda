import { randomUUID } from 'node:crypto';
import { ownerRole, type Role } from '../../access/roles.ts';
import { isWithin, planeScope } from '../../access/scopes.ts';
import { UserError } from '../../base/userError.ts';
import type { StoreReader, StoreWriter } from '../../store/store.ts';
import { type Assignment, readAssignments, readMembers } from './records.ts';

export type NewAssignment = Pick<Assignment, 'principalId' | 'principalType' | 'roleId' | 'scope' | 'description'>;

/** Writes an assignment under an id. Throws `RoleAssignmentExists` where there is the same one under another. Answers whether it is new. */
export async function putAssignment(writer: StoreWriter, id: string, role: Role, assignment: NewAssignment): Promise<boolean> {
  const { principalId, roleId, scope } = assignment;
  if (!role.assignableScopes.some((each) => each === '/' || isWithin(scope, each.toLowerCase())))
    throw new UserError(
      'InvalidRequest',
      `The role "${role.name}" can't be assigned at this scope.`,
      `It can at: ${role.assignableScopes.join(', ')}`,
    );
  const all = await readAssignments(writer);
  const same = all.find((each) => each.principalId === principalId && each.roleId === roleId && each.scope === scope);
  const before = all.find((each) => each.id === id);
  if (same && same.id !== id)
    throw new UserError(
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the conflicting role assignment is ${same.id.replaceAll('-', '')}.`,
    );
  if (before && before !== same)
    throw new UserError('RoleAssignmentExists', 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.');
  if (before) return false;
  await writer.putResource({ kind: 'roleAssignments', name: id, version: '', properties: { ...assignment } });
  return true;
}

export const assign = (writer: StoreWriter, role: Role, assignment: Omit<NewAssignment, 'roleId'>): Promise<boolean> =>
  putAssignment(writer, randomUUID(), role, { ...assignment, roleId: role.id });

/** Throws `Conflict` where nobody would be left who may give roles on the whole plane: then nobody could ever again. `isGone` says which assignments are about to go. */
export async function mustLeaveAnOwner(reader: StoreReader, isGone: (assignment: Assignment) => boolean): Promise<void> {
  const members = await whoCanAct(reader);
  const owners = (await readAssignments(reader)).filter(
    ({ roleId, scope, principalId }) => roleId === ownerRole && scope === planeScope && members.has(principalId),
  );
  if (owners.some(isGone) && owners.every(isGone))
    throw new UserError('Conflict', 'This is the last Owner of the control plane, who stays.', 'Make somebody else an Owner first.');
}

/** Whether the plane has somebody who may give roles on all of it. */
export async function hasOwner(reader: StoreReader): Promise<boolean> {
  const members = await whoCanAct(reader);
  return (await readAssignments(reader)).some(
    ({ roleId, scope, principalId }) => roleId === ownerRole && scope === planeScope && members.has(principalId),
  );
}

/** People and programs. Nobody may be in a group: it alone is no Owner. */
const whoCanAct = async (reader: StoreReader): Promise<Set<string>> =>
  new Set((await readMembers(reader)).filter(({ kind }) => kind !== 'group').map(({ id }) => id));
