import type { Http } from './http.ts';

/** Somebody with a role. `scope` is where it was given: the place itself, or what lies above it. */
export interface RoleHolder {
  principal: string;
  role: string;
  scope: string;
}

interface Assignment {
  properties: { principalId: string; roleDefinitionId: string; scope: string };
}
interface Role {
  name: string;
  properties: { roleName: string };
}
interface Person {
  id: string;
  userPrincipalName?: string;
  displayName?: string;
}

const authorization = 'providers/Microsoft.Authorization';
/** The part of an id that is its own. */
const last = (id: string): string => id.slice(id.lastIndexOf('/') + 1).toLowerCase();

/** Who has a role that holds at a scope, by name. Throws `AuthorizationFailed` where who asks may not know. */
export async function roleHolders(http: Http, scope: string): Promise<RoleHolder[]> {
  const [{ value: assignments }, { value: roles }] = await Promise.all([
    http.json<{ value: Assignment[] }>('GET', `${scope}/${authorization}/roleAssignments?$filter=atScope()`),
    http.json<{ value: Role[] }>('GET', `${scope}/${authorization}/roleDefinitions`),
  ]);
  const ids = [...new Set(assignments.map(({ properties }) => properties.principalId))];
  const people =
    ids.length === 0 ? [] : (await http.json<{ value: Person[] }>('POST', '/v1.0/directoryObjects/getByIds', { ids, types: [] })).value;
  return assignments
    .map(({ properties: { principalId, roleDefinitionId, scope: at } }) => {
      const person = people.find(({ id }) => id === principalId);
      return {
        principal: person?.userPrincipalName ?? person?.displayName ?? principalId,
        role: roles.find(({ name }) => name.toLowerCase() === last(roleDefinitionId))?.properties.roleName ?? last(roleDefinitionId),
        scope: at,
      };
    })
    .sort((a, b) => a.principal.localeCompare(b.principal) || a.role.localeCompare(b.role));
}
