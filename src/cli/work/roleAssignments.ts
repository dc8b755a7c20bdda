import { randomUUID } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import type { Http } from '../../client/http.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import type { MemberView } from '../../protocol/team.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, text } from '../parsed.ts';
import { tableOf } from '../textParts.ts';
import { teamPlane } from './teamPlane.ts';

const subscription = `/subscriptions/${defaultWorkspace.subscription}`;
const version = 'api-version=2022-04-01';
const assignments = (scope: string): string => `${scope}/providers/Microsoft.Authorization/roleAssignments`;

interface Assignment {
  id: string;
  name: string;
  type: string;
  properties: { principalId: string; principalType: string; roleDefinitionId: string; scope: string };
}

interface Role {
  id: string;
  name: string;
  properties: { roleName: string };
}

export async function createAssignment(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const [scope, names] = await Promise.all([scopeOf(plane, parsed), Names.read(plane)]);
  const [principal, role] = [names.member(mustGive(parsed, 'assignee')), names.role(mustGive(parsed, 'role'))];
  const properties = {
    principalId: principal.id,
    principalType: principal.kind === 'user' ? 'User' : 'ServicePrincipal',
    roleDefinitionId: role.id,
  };
  const made = await plane
    .json<Assignment>('PUT', `${assignments(scope)}/${randomUUID()}?${version}`, { properties })
    // As with az, to give a role again is no mistake.
    .catch(async (error) => {
      if (!(error instanceof UserError && error.code === 'RoleAssignmentExists')) throw error;
      const same = (await list(plane, scope, principal.id)).find(
        (each) => isSame(each.properties.scope, scope) && isSame(each.properties.roleDefinitionId, role.id),
      );
      if (!same) throw error;
      return same;
    });
  const value = names.shape(made);
  return { value, text: () => `${value.principalName} is ${value.roleDefinitionName} at ${shortScope(value.scope)}.` };
}

export async function listAssignments(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const [scope, names] = await Promise.all([scopeOf(plane, parsed), Names.read(plane)]);
  const wanted = text(parsed, 'assignee');
  const found = await list(plane, scope, wanted === undefined ? undefined : names.member(wanted).id, !flag(parsed, 'all'));
  const value = found.map((each) => names.shape(each));
  return {
    value,
    text: () =>
      tableOf(
        ['PRINCIPAL', 'ROLE', 'SCOPE'],
        value.map((each) => [each.principalName, each.roleDefinitionName, shortScope(each.scope)]),
        'Nobody has a role there.',
      ),
  };
}

export async function deleteAssignment(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const [scope, names] = await Promise.all([scopeOf(plane, parsed), Names.read(plane)]);
  const principal = names.member(mustGive(parsed, 'assignee'));
  const named = text(parsed, 'role');
  const role = named === undefined ? undefined : names.role(named);
  const found = (await list(plane, scope, principal.id)).filter(
    ({ properties }) => isSame(properties.scope, scope) && (!role || isSame(properties.roleDefinitionId, role.id)),
  );
  if (found.length === 0)
    throw new UserError('NotFound', `${principal.name} has no such role at ${shortScope(scope)}.`, 'See "updraft role assignment list".');
  for (const { name, properties } of found) await plane.send('DELETE', `${assignments(properties.scope)}/${name}?${version}`);
  return { text: () => `Took ${found.length === 1 ? 'the role' : `${found.length} roles`} from ${principal.name}.` };
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

async function list(plane: Http, scope: string, principal?: string, isAtScope = false): Promise<Assignment[]> {
  const filter = [...(isAtScope ? ['atScope()'] : []), ...(principal === undefined ? [] : [`principalId eq '${principal}'`])].join(' and ');
  const query = filter === '' ? '' : `&$filter=${encodeURIComponent(filter)}`;
  return (await plane.json<{ value: Assignment[] }>('GET', `${assignments(scope)}?${version}${query}`)).value;
}

/** What ids stand for. */
class Names {
  private readonly members: MemberView[];
  private readonly roles: Role[];

  private constructor(members: MemberView[], roles: Role[]) {
    this.members = members;
    this.roles = roles;
  }

  static async read(plane: Http): Promise<Names> {
    const [members, roles] = await Promise.all([
      plane.json<{ value: MemberView[] }>('GET', '/updraft/team/members'),
      plane.json<{ value: Role[] }>('GET', `${subscription}/providers/Microsoft.Authorization/roleDefinitions?${version}`),
    ]);
    return new Names(members.value, roles.value);
  }

  member(idOrName: string): MemberView {
    const found = this.members.find(({ id, name }) => isSame(id, idOrName) || isSame(name, idOrName));
    if (!found) throw new UserError('NotFound', `The team has no member "${idOrName}".`, 'List them with "updraft team list".');
    return found;
  }

  role(idOrName: string): Role {
    const found = this.roles.find(
      ({ name, properties: { roleName } }) =>
        isSame(name, idOrName) || isSame(roleName, idOrName) || isSame(roleName, `${idOrName} (preview)`),
    );
    if (found) return found;
    throw new UserError(
      'NotFound',
      `There is no role "${idOrName}".`,
      `There are: ${this.roles.map(({ properties }) => properties.roleName).join(', ')}.`,
    );
  }

  /** As `az role assignment` prints one. */
  shape({ id, name, type, properties: { principalId, principalType, roleDefinitionId, scope } }: Assignment) {
    return {
      id,
      name,
      principalId,
      principalName: this.members.find((each) => each.id === principalId)?.name ?? principalId,
      principalType,
      roleDefinitionId,
      roleDefinitionName: this.roles.find((each) => isSame(each.id, roleDefinitionId))?.properties.roleName ?? roleDefinitionId,
      scope,
      type,
    };
  }
}

function mustGive(parsed: Parsed, name: string): string {
  const value = text(parsed, name);
  if (!value) throw new UserError('InvalidArgument', `--${name} is missing.`, 'Add --help to see the options.');
  return value;
}

async function scopeOf(plane: Http, parsed: Parsed): Promise<string> {
  const [scope, workspace, registry] = ['scope', 'workspace', 'registry'].map((each) => text(parsed, each));
  if (workspace !== undefined && registry !== undefined)
    throw new UserError('InvalidArgument', '--workspace and --registry exclude each other.', 'Give one role after the other.');
  if (scope !== undefined) return scope.replace(/\/+$/, '');
  const [noun, name] = registry === undefined ? ['workspace', workspace] : ['registry', registry];
  if (name === undefined) return subscription;
  const collection = noun === 'registry' ? 'registries' : 'workspaces';
  // Which group it is in, the plane knows.
  const { value } = await plane.json<{ value: { id: string; name: string }[] }>(
    'GET',
    `${subscription}/providers/Microsoft.MachineLearningServices/${collection}?$top=1000`,
  );
  const found = value.find((each) => isSame(each.name, name));
  if (!found) throw new UserError('NotFound', `There is no ${noun} "${name}" here.`, `List them with "updraft ${noun} list".`);
  return found.id;
}

/** A scope in a few words. */
export function shortScope(scope: string): string {
  const [, group, , collection, name] = /\/resourceGroups\/([^/]+)(\/.*?\/(workspaces|registries)\/([^/]+))?$/i.exec(scope) ?? [];
  if (collection?.toLowerCase() === 'registries') return `the registry ${name}`;
  return name ?? (group ? `resource group ${group}` : 'the whole control plane');
}
