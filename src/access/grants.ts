import type { Permission } from '../protocol/permissions.ts';
import { allows, type Role } from './roles.ts';
import { isWithin, type Scope } from './scopes.ts';

/** A role that somebody has at a scope, and below it. */
export interface Grant {
  scope: Scope;
  role: Pick<Role, 'permissions'>;
}

/** Whether grants allow an action at a scope. `within` is the only scope that is open to the request, where it comes with a token for one. */
export const grantsAllow = (grants: readonly Grant[], action: string, scope: Scope, within?: Scope): boolean =>
  (within === undefined || isWithin(scope, within)) && grants.some((grant) => isWithin(scope, grant.scope) && allows(grant.role, action));

/** Whether anything at all is allowed at a scope: who has nothing there is not told that it is there. */
export const grantsReach = (grants: readonly Grant[], scope: Scope, within?: Scope): boolean =>
  (within === undefined || isWithin(scope, within)) &&
  grants.some((grant) => isWithin(scope, grant.scope) && grant.role.permissions.some(({ actions }) => actions.length > 0));

/** What grants allow at a scope, one entry a permission of a role. */
export const permissionsOf = (grants: readonly Grant[], scope: Scope, within?: Scope): Permission[] =>
  within === undefined || isWithin(scope, within)
    ? grants.filter((grant) => isWithin(scope, grant.scope)).flatMap(({ role }) => role.permissions)
    : [];

/** Whether grants allow an action at any scope. */
export const grantsAllowSomewhere = (grants: readonly Grant[], action: string, within?: Scope): boolean =>
  grants.some(
    (grant) => (within === undefined || isWithin(grant.scope, within) || isWithin(within, grant.scope)) && allows(grant.role, action),
  );
