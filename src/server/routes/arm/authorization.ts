import type { Context } from 'hono';
import * as Type from 'typebox';
import { isCalled, type Role } from '../../../access/roles.ts';
import { isWithin, planeScope, registryOfScope, type Scope, shownScope, workspaceOfScope } from '../../../access/scopes.ts';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import type { Permission } from '../../../protocol/permissions.ts';
import { type MemberPrincipal, memberOf, type Principal } from '../../../protocol/principal.ts';
import type { StoreWriter } from '../../../store/store.ts';
import { storeOfRegistry } from '../../registries/registryNames.ts';
import type { PlaneServices } from '../../services.ts';
import { existingScope } from '../../team/admit.ts';
import { mustLeaveAnOwner, putAssignment } from '../../team/assign.ts';
import { principalType } from '../../team/members.ts';
import { type Assignment, type CustomRole, readAssignments, readCustomRoles } from '../../team/records.ts';
import { refusal, type Team } from '../../team/team.ts';
import { workspaceList } from '../../workspaceNames.ts';
import { jsonBody, methodOf, withoutNulls } from './request.ts';
import { armTime } from './resource.ts';

/** What is asked of roles, at a scope. */
export const ofAuthorization =
  /^(.*?)\/providers\/Microsoft\.Authorization\/(roleAssignments|roleDefinitions|permissions)(?:\/([^/]+))?\/?$/i;

/** Who needs no role may everything. */
const everything: Permission = { actions: ['*'], notActions: [], dataActions: [], notDataActions: [] };

const AssignmentBody = Type.Object({
  properties: Type.Object({
    roleDefinitionId: Type.String({ maxLength: 1000 }),
    principalId: Type.String({ maxLength: 100 }),
    principalType: Type.Optional(Type.String()),
    description: Type.Optional(Type.String({ maxLength: 1000 })),
    condition: Type.Optional(Type.String()),
  }),
});

const Patterns = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 500 }));
const RoleBody = Type.Object({
  properties: Type.Object({
    roleName: Type.String({ minLength: 1, maxLength: 200 }),
    description: Type.Optional(Type.String({ maxLength: 1000 })),
    permissions: Type.Array(Type.Object({ actions: Patterns, notActions: Patterns, dataActions: Patterns, notDataActions: Patterns }), {
      maxItems: 20,
    }),
    assignableScopes: Type.Array(Type.String({ maxLength: 1000 }), { minItems: 1, maxItems: 1000 }),
  }),
});

/** One request about roles. */
interface Asked {
  c: Context;
  method: string;
  scope: Scope;
  /** In lower case; undefined for the whole list. */
  id: string | undefined;
  team: Team;
  member: MemberPrincipal | undefined;
  write<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T>;
}

/** `{scope}/providers/Microsoft.Authorization/…`: who has which role where, and the roles. Whether the principal may ask at the scope is known already. */
export async function authorizationRoute(c: Context, path: string, { store, team }: PlaneServices): Promise<Response> {
  const [, text = '', collection = '', id] = ofAuthorization.exec(path)!;
  const principal: Principal = c.get('asked').principal;
  const member = memberOf(principal);
  if (collection.toLowerCase() === 'permissions') {
    const scope = team && existingScope(team, text, member);
    return c.json({ value: member && scope ? team.permissions(member, scope) : [everything] });
  }
  if (!team)
    throw new UserError(
      'NotFound',
      "This control plane is one person's: there are no roles to give.",
      'Start it with "updraft serve --team".',
    );
  const asked: Asked = {
    c,
    method: methodOf(c),
    scope: existingScope(team, text, member),
    id: id === undefined ? undefined : guid(id),
    team,
    member,
    write: async (work) => {
      const answer = await store.in(workspaceList, principal).write(work);
      await team.reload();
      return answer;
    },
  };
  return collection.toLowerCase() === 'roleassignments' ? assignmentRoute(asked) : definitionRoute(asked);
}

async function assignmentRoute({ c, method, scope, id, team, write }: Asked): Promise<Response> {
  const found = () => team.assignments.find((each) => each.id === id && each.scope === scope);
  if (method === 'GET' && id === undefined)
    return c.json({ value: assignmentsOf(team, scope, c.req.query('$filter')).map(showAssignment) });
  if (method === 'GET') {
    const one = found();
    if (!one) throw new UserError('NotFound', `The role assignment '${id}' is not found.`);
    return c.json(showAssignment(one));
  }
  if (id === undefined) throw new UserError('InvalidRequest', `${method} needs the id of a role assignment.`);
  if (method === 'PUT') {
    const { properties } = check(AssignmentBody, withoutNulls(await jsonBody(c)), 'The role assignment');
    if (properties.condition)
      throw new UserError('NotImplemented', 'Role assignments with a condition are not kept: nothing would hold to it.');
    const roleId = properties.roleDefinitionId.split('/').pop()!.toLowerCase();
    const role = team.role(roleId);
    if (!role) throw new UserError('InvalidRequest', `The specified role definition with ID '${roleId.slice(0, 100)}' does not exist.`);
    const principal = team.member(properties.principalId);
    if (!principal)
      throw new UserError(
        'PrincipalNotFound',
        `Principal ${properties.principalId.slice(0, 100)} does not exist in the directory of this control plane.`,
        'Roles are given to members: add one with "updraft team add".',
      );
    const type = principalType(principal.kind);
    if (properties.principalType !== undefined && properties.principalType.toLowerCase() !== type.toLowerCase())
      throw new UserError('InvalidRequest', `The principal is a ${type}, not a ${properties.principalType.slice(0, 50)}.`);
    const { description } = properties;
    const assignment = { principalId: principal.id, principalType: type, roleId, scope, ...(description ? { description } : {}) };
    const isNew = await write((writer) => putAssignment(writer, id, role, assignment));
    return c.json(showAssignment(found()!), isNew ? 201 : 200);
  }
  if (method !== 'DELETE') throw new UserError('InvalidRequest', `${method} is not supported on a role assignment.`);
  const gone = await write(async (writer) => {
    const one = (await readAssignments(writer)).find((each) => each.id === id && each.scope === scope);
    if (!one) return undefined;
    await mustLeaveAnOwner(writer, (each) => each.id === id);
    await writer.deleteResource('roleAssignments', id, '');
    return one;
  });
  return gone ? c.json(showAssignment(gone)) : c.body(null, 204);
}

/** Those at a scope and above it; without `atScope()` those below it, too. */
function assignmentsOf(team: Team, scope: Scope, filter = ''): Assignment[] {
  const [, principal] = /principalId\s+eq\s+'?([^')]*)/i.exec(filter) ?? [];
  const [, assigned] = /assignedTo\(\s*'?([^')]*)/i.exec(filter) ?? [];
  const wanted = (principal ?? assigned)?.toLowerCase();
  const isAtScope = /atScope\(\)/i.test(filter);
  if (filter !== '' && wanted === undefined && !isAtScope)
    throw new UserError(
      'InvalidRequest',
      `The filter "${filter.slice(0, 100)}" is not known.`,
      "Ask for atScope(), principalId eq '…' or assignedTo('…').",
    );
  return team.assignments.filter(
    (each) =>
      (isWithin(scope, each.scope) || (!isAtScope && isWithin(each.scope, scope))) && (wanted === undefined || each.principalId === wanted),
  );
}

async function definitionRoute({ c, method, scope, id, team, member, write }: Asked): Promise<Response> {
  const isAt = (role: Role) => role.isBuiltIn || role.assignableScopes.some((each) => isWithin(scope, each));
  const show = (role: Role) => showRole(role, (each) => sees(team, member, each));
  if (method === 'GET' && id === undefined) {
    const filter = c.req.query('$filter') ?? '';
    const name = /roleName\s+eq\s+'((?:[^']|'')*)'/i.exec(filter)?.[1]?.replaceAll("''", "'").toLowerCase();
    const type = /\btype\s+eq\s+'(\w+)'/i.exec(filter)?.[1]?.toLowerCase();
    const value = team.roles.filter(
      (role) => isAt(role) && (name === undefined || isCalled(role, name)) && (type === undefined || typeOf(role).toLowerCase() === type),
    );
    return c.json({ value: value.map(show) });
  }
  if (id === undefined) throw new UserError('InvalidRequest', `${method} needs the id of a role.`);
  const before = team.role(id);
  if (method === 'GET') {
    if (!before || !isAt(before)) throw new UserError('NotFound', `The specified role definition with ID '${id}' does not exist.`);
    return c.json(show(before));
  }
  if (before?.isBuiltIn) throw new UserError('Forbidden', `The role "${before.name}" is Azure's own, and stays as it is.`);
  if (method === 'PUT') {
    const { properties } = check(RoleBody, withoutNulls(await jsonBody(c)), 'The role');
    const assignableScopes = [...new Set(properties.assignableScopes.map((each) => existingScope(team, each, member)))];
    const role = {
      name: properties.roleName,
      description: properties.description ?? '',
      permissions: properties.permissions.map(({ actions = [], notActions = [], dataActions = [], notDataActions = [] }) => ({
        actions,
        notActions,
        dataActions,
        notDataActions,
      })),
      assignableScopes,
    };
    const isNew = await write(async (writer) => {
      const all = await readCustomRoles(writer);
      const old = all.find((each) => each.id === id);
      // Whoever has the role has what it becomes: it is changed by who may give roles wherever somebody has it.
      mustHaveAll(team, member, 'write', [...assignableScopes, ...(old?.assignableScopes ?? [])]);
      const twin = [...all, ...team.roles.filter(({ isBuiltIn }) => isBuiltIn)].find(
        (each) => each.id !== id && isCalled(each, role.name.toLowerCase()),
      );
      if (twin) throw new UserError('Conflict', `There is a role "${twin.name}" already.`, 'Choose another name.');
      await writer.putResource({ kind: 'roleDefinitions', name: id, version: '', properties: role });
      return !old;
    });
    return c.json(show(team.role(id)!), isNew ? 201 : 200);
  }
  if (method !== 'DELETE') throw new UserError('InvalidRequest', `${method} is not supported on a role.`);
  const gone = await write(async (writer) => {
    const old = (await readCustomRoles(writer)).find((each) => each.id === id);
    if (!old) return undefined;
    mustHaveAll(team, member, 'delete', old.assignableScopes);
    if ((await readAssignments(writer)).some(({ roleId }) => roleId === id))
      throw new UserError('Conflict', `There are existing role assignments referencing the role "${old.name}".`, 'Delete those first.');
    await writer.deleteResource('roleDefinitions', id, '');
    return old;
  });
  return gone ? c.json(show(gone)) : c.body(null, 204);
}

function mustHaveAll(team: Team, member: MemberPrincipal | undefined, verb: 'write' | 'delete', scopes: readonly Scope[]): void {
  if (!member) return;
  const action = `Microsoft.Authorization/roleDefinitions/${verb}`;
  for (const scope of scopes)
    if (!team.may(member, action, scope)) throw refusal(member, action, sees(team, member, scope) ? scope : planeScope);
}

/** Whether a member is to know of a scope: of workspaces, of those in which the member has something. */
function sees(team: Team, member: MemberPrincipal | undefined, scope: Scope): boolean {
  const name = workspaceOfScope(scope);
  const registry = registryOfScope(scope);
  const own = member && registry !== undefined ? team.registryNamed(registry) : undefined;
  if (member && registry !== undefined) return own !== undefined && team.sees(member, storeOfRegistry(own));
  if (!member || name === undefined) return true;
  const workspace = team.workspaces.find((each) => each.toLowerCase() === name);
  return workspace !== undefined && team.sees(member, workspace);
}

function guid(text: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new UserError('InvalidRequest', `The id "${text.slice(0, 100)}" is no GUID.`, 'Roles and their assignments have GUIDs as names.');
  return text.toLowerCase();
}

const typeOf = ({ isBuiltIn }: Role): string => (isBuiltIn ? 'BuiltInRole' : 'CustomRole');
const definitionId = (id: string): string => `${planeScope}/providers/Microsoft.Authorization/roleDefinitions/${id}`;

function showAssignment({ id, principalId, principalType: type, roleId, scope, description, createdAt, modifiedAt }: Assignment) {
  return {
    id: `${shownScope(scope)}/providers/Microsoft.Authorization/roleAssignments/${id}`,
    name: id,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      roleDefinitionId: definitionId(roleId),
      principalId,
      principalType: type,
      scope: shownScope(scope),
      condition: null,
      conditionVersion: null,
      description: description ?? null,
      delegatedManagedIdentityResourceId: null,
      createdOn: armTime(createdAt),
      updatedOn: armTime(modifiedAt),
      createdBy: null,
      updatedBy: '',
    },
  };
}

function showRole(role: Role | CustomRole, isSeen: (scope: Scope) => boolean) {
  const { id, name, description, permissions, assignableScopes } = role;
  return {
    id: definitionId(id),
    name: id,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: {
      roleName: name,
      type: typeOf(role),
      description,
      assignableScopes: assignableScopes.filter((each) => each === '/' || isSeen(each)).map(shownScope),
      permissions,
      createdOn: armTime('createdAt' in role ? role.createdAt : 0),
      updatedOn: armTime('modifiedAt' in role ? role.modifiedAt : 0),
      createdBy: null,
      updatedBy: null,
    },
  };
}
