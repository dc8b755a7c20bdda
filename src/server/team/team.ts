import type { Need } from '../../access/actions.ts';
import { type Grant, grantsAllow, grantsAllowSomewhere, grantsReach, permissionsOf } from '../../access/grants.ts';
import { builtInRoles, type Role } from '../../access/roles.ts';
import { registryScope, type Scope, shownScope, workspaceScope } from '../../access/scopes.ts';
import { aside } from '../../base/aside.ts';
import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import type { Permission } from '../../protocol/permissions.ts';
import { type MemberPrincipal, type RunnerPrincipal, thePlane } from '../../protocol/principal.ts';
import type { Commit, Store } from '../../store/store.ts';
import { isSameSecret } from '../isSameSecret.ts';
import { groupOfRegistry, registriesOf, registryKeptAs, storeOfRegistry } from '../registries/registryNames.ts';
import { sharedLook } from '../sharedLook.ts';
import { workspaceList } from '../workspaceNames.ts';
import { readDeletedWorkspaces } from '../workspaces/deletedWorkspaces.ts';
import { partsOf, type SecretKind } from './personalToken.ts';
import {
  type Assignment,
  type Member,
  most,
  type RunnerToken,
  readAssignments,
  readCustomRoles,
  readMembers,
  readRunnerTokens,
  readTokens,
  type Token,
} from './records.ts';

/** What it is read again after. */
const concerning: readonly ChangeKind[] = [
  'member',
  'personalToken',
  'runnerToken',
  'roleAssignment',
  'roleDefinition',
  'workspace',
  'registry',
];
/** Who may one of these sees a registry. */
const r = 'Microsoft.MachineLearningServices/registries';
const ofRegistries = [`${r}/read`, `${r}/assets/read`, `${r}/assets/write`, `${r}/write`, `${r}/delete`];
/** Most decisions, and most standings, that are remembered. */
const mostKept = 50_000;

/**
 * Who shares this plane, and what they may: members, their tokens, roles and assignments, all in memory, so that a request costs a few look-ups. It follows the change log, by which what another process
 * writes is known here, too.
 */
export class Team implements Disposable {
  private readonly store: Store;
  private readonly logger: Logger;
  private readonly now: () => number;
  private membersById: ReadonlyMap<string, Member> = new Map();
  private groupIds: ReadonlyMap<string, string> = new Map();
  private tokensById: ReadonlyMap<string, Token> = new Map();
  private runnersById: ReadonlyMap<string, RunnerToken> = new Map();
  private rolesById: ReadonlyMap<string, Role> = new Map(builtInRoles.map((role) => [role.id, role]));
  private all: readonly Assignment[] = [];
  private grants: ReadonlyMap<string, Grant[]> = new Map();
  /** The resource group of each workspace, by its own name. */
  private groups: ReadonlyMap<string, string> = new Map();
  /** That of each workspace that was deleted and is not purged yet. */
  private deleted: ReadonlyMap<string, string> = new Map();
  /** The resource group of each registry, by what the store keeps it as. */
  private registryGroups: ReadonlyMap<string, string> = new Map();
  private readonly decisions = new Map<string, boolean>();
  private readonly usual = new Map<string, string>();
  private readonly standings = new Map<string, string>();
  private readSeq = 0;
  /** Up to here there is no change that concerns it but those that it has read. */
  private checkedSeq = 0;
  private readonly lookAgain = sharedLook(() => this.look());
  private readonly isShared: boolean;
  private next: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();
  private readonly subscription: Disposable;
  private readonly changed = new Emitter<void>();
  /** Fires when somebody may be allowed other things than before. */
  readonly onDidChange = this.changed.event;

  private constructor(store: Store, logger: Logger, now: () => number, isShared: boolean) {
    this.isShared = isShared;
    this.store = store;
    this.logger = logger;
    this.now = now;
    this.subscription = store.onDidCommit((commit) => this.hear(commit));
  }

  /** `isShared`: other servers of the plane may write at any time. */
  static async open(store: Store, logger: Logger, now: () => number = Date.now, isShared = false): Promise<Team> {
    const team = new Team(store, logger, now, isShared);
    await team.read();
    return team;
  }

  get members(): Member[] {
    return [...this.membersById.values()];
  }

  get tokens(): Token[] {
    return [...this.tokensById.values()];
  }

  get runnerTokens(): RunnerToken[] {
    return [...this.runnersById.values()];
  }

  get roles(): Role[] {
    return [...this.rolesById.values()];
  }

  get assignments(): readonly Assignment[] {
    return this.all;
  }

  member(id: string): Member | undefined {
    return this.membersById.get(id.toLowerCase());
  }

  role(id: string): Role | undefined {
    return this.rolesById.get(id.toLowerCase());
  }

  /** The member whose personal token this is; undefined for any other text, and for one that is revoked. Throws `Unauthorized` for one that has expired. */
  principalOf(text: string): MemberPrincipal | undefined {
    return this.holderOfSecret(text, 'token');
  }

  /** As `principalOf`, for what a browser has in its cookie. */
  principalOfSession(text: string): MemberPrincipal | undefined {
    return this.holderOfSecret(text, 'session');
  }

  /** As `principalOf`, for the secret of a program with this object id. */
  principalOfSecret(id: string, text: string): MemberPrincipal | undefined {
    const found = this.holderOfSecret(text, 'secret');
    return found?.id === id.toLowerCase() ? found : undefined;
  }

  /** The runner whose token this is; undefined for any other text, and for one that is revoked. Throws `Unauthorized` for one that has expired. */
  runnerOf(text: string): RunnerPrincipal | undefined {
    const parts = partsOf(text, 'runner');
    const token = parts && this.runnersById.get(parts.id);
    return token && isSameSecret(parts.hash, token.hash) ? this.runner(token) : undefined;
  }

  /** Throws `Unauthorized` where what a runner came with is good no more, or not for this workspace. */
  checkRunner({ token, name }: RunnerPrincipal, workspace: string): void {
    const found = this.runnersById.get(token);
    if (!found?.workspaces.includes(workspace)) throw new UserError('Unauthorized', `The token of the runner "${name}" was revoked.`);
    this.runner(found);
  }

  private runner({ id, name, workspaces, computes, expiresAt }: RunnerToken): RunnerPrincipal {
    if (expiresAt > this.now()) return { kind: 'runner', id: `runner/${id}`, name, token: id, workspaces, computes };
    throw new UserError(
      'Unauthorized',
      `The token of the runner "${name}" expired at ${new Date(expiresAt).toISOString()}.`,
      'An Owner makes a new one: updraft token create --runner.',
    );
  }

  private holderOfSecret(text: string, kind: SecretKind): MemberPrincipal | undefined {
    const parts = partsOf(text, kind);
    const token = parts && this.tokensById.get(parts.id);
    return token && kindOf(token) === kind && isSameSecret(parts.hash, token.hash) ? this.holderOf(token) : undefined;
  }

  /** Whether roles can be given to what the identity provider calls a group. */
  hasGroup(name: string): boolean {
    return this.groupIds.has(name);
  }

  token(id: string): Token | undefined {
    return this.tokensById.get(id);
  }

  /** Who comes with what was issued for the token, session or secret of this id. */
  principalOfToken(id: string): MemberPrincipal | undefined {
    const token = this.tokensById.get(id);
    return token && this.holderOf(token);
  }

  private holderOf(token: Token): MemberPrincipal | undefined {
    const member = this.membersById.get(token.member);
    if (!member || member.kind === 'group') return undefined;
    if (token.expiresAt <= this.now()) throw expired(token, member.name);
    return { kind: member.kind, id: member.id, name: member.name, groups: this.groupsOf(member), token: token.id, within: token.within };
  }

  /** The groups of a member to which roles can be given, by their object ids. */
  groupsOf({ groups = [] }: Pick<Member, 'groups'>): string[] {
    return this.idsOfGroups(groups);
  }

  /** Throws where what a member came with is good no more. */
  check({ token, name }: MemberPrincipal): void {
    if (!this.principalOfToken(token)) throw new UserError('Unauthorized', `What ${name} signed in with was revoked.`);
  }

  /** Whether a member has an action at a scope. */
  may(member: Pick<MemberPrincipal, 'id' | 'groups' | 'within'>, action: string, scope: Scope): boolean {
    return this.decided(member, `${action} ${scope}`, (grants) => grantsAllow(grants, action, scope, member.within));
  }

  /** As `may`, of a member who does not ask: with the groups that the identity provider told last, and no token. */
  memberMay({ id, groups = [] }: Pick<Member, 'id' | 'groups'>, action: string, scope: Scope): boolean {
    return this.may({ id, groups: this.idsOfGroups(groups), within: undefined }, action, scope);
  }

  private idsOfGroups(names: readonly string[]): string[] {
    return names.flatMap((name) => this.groupIds.get(name) ?? []);
  }

  mayAnywhere(member: MemberPrincipal, action: string): boolean {
    return this.decided(member, action, (grants) => grantsAllowSomewhere(grants, action, member.within));
  }

  /** All that a member may at a scope. */
  permissions(member: MemberPrincipal, scope: Scope): Permission[] {
    return permissionsOf(this.grantsOf(member), scope, member.within);
  }

  /** Tells whether what a member may in a workspace, which workspaces and registries the member sees, and to which of these the member may share, is the same as before. */
  standing(member: MemberPrincipal, workspace: string): string {
    const key = `${keyOf(member)} ${workspace}`;
    const known = this.standings.get(key);
    if (known !== undefined) return known;
    const scope = this.scopeOf(workspace);
    const seen = [...this.workspaces, ...this.registryGroups.keys()].filter((each) => this.sees(member, each));
    const open = seen.filter((each) => registryKeptAs(each) !== undefined && this.may(member, `${r}/assets/write`, this.scopeOf(each)!));
    const standing = JSON.stringify([scope === undefined ? [] : this.permissions(member, scope), seen, open]);
    if (this.standings.size >= mostKept) this.standings.clear();
    this.standings.set(key, standing);
    return standing;
  }

  /** Whether a member has anything in a workspace, by its own name, or anything that is for registries in a registry. To who has nothing, it is not there. */
  sees(member: MemberPrincipal, workspace: string): boolean {
    const scope = this.scopeOf(workspace);
    if (scope !== undefined && registryKeptAs(workspace) !== undefined)
      return ofRegistries.some((action) => this.may(member, action, scope));
    return scope !== undefined && this.decided(member, ` ${scope}`, (grants) => grantsReach(grants, scope, member.within));
  }

  /** The workspace that a member means who names none: the one that the token is for, or the only one there is for this member, or else the plane's first. */
  usualWorkspace(member: MemberPrincipal): string {
    const key = `${member.id} ${member.within ?? ''}`;
    const known = this.usual.get(key);
    if (known !== undefined) return known;
    const seen = [...this.groups.keys()].filter((workspace) => this.sees(member, workspace));
    const usual = seen.length === 1 ? seen[0]! : defaultWorkspace.workspace;
    this.usual.set(key, usual);
    return usual;
  }

  /** Where roles for a workspace or a registry are assigned; undefined where there is none of this name. */
  scopeOf(workspace: string): Scope | undefined {
    const registry = registryKeptAs(workspace);
    if (registry !== undefined) {
      const group = this.registryGroups.get(workspace);
      return group === undefined ? undefined : registryScope({ resourceGroup: group, registry });
    }
    const resourceGroup = this.groups.get(workspace);
    return resourceGroup === undefined ? undefined : workspaceScope({ resourceGroup, workspace });
  }

  groupOf(workspace: string): string | undefined {
    return this.groups.get(workspace);
  }

  /** The own name of a registry, whatever its case. */
  registryNamed(name: string): string | undefined {
    const lower = storeOfRegistry(name).toLowerCase();
    const found = [...this.registryGroups.keys()].find((each) => each.toLowerCase() === lower);
    return found && registryKeptAs(found);
  }

  /** A workspace that was deleted and is not purged yet, by its name in any case, and where roles for it are assigned. They count for deleting, purging and recovering it. */
  deletedNamed(name: string): { workspace: string; scope: Scope } | undefined {
    const lower = name.toLowerCase();
    for (const [workspace, resourceGroup] of this.deleted)
      if (workspace.toLowerCase() === lower) return { workspace, scope: workspaceScope({ resourceGroup, workspace }) };
    return undefined;
  }

  get workspaces(): string[] {
    return [...this.groups.keys()];
  }

  /** Throws `AuthorizationFailed`, in Azure's words, where a member does not have one of these actions. */
  mustHave(member: MemberPrincipal, { team }: Pick<Need, 'team'>, scope: Scope): void {
    if (team === 'member') return;
    if (team === 'operator')
      throw new UserError(
        'Forbidden',
        'This is for who operates the control plane, on its own machine.',
        'No role of a member is enough for it.',
      );
    if (!team.some((action) => this.may(member, action, scope))) throw refusal(member, team[0]!, scope);
  }

  /** Settles when all counts that any server had written before this call: whoever was given something by one server has it on the next. Many requests share one look. */
  catchUp(): Promise<void> {
    if (!this.isShared) return Promise.resolve();
    return this.lookAgain();
  }

  private async look(): Promise<void> {
    const since = Math.max(this.checkedSeq, this.readSeq);
    const { seq, isChanged } = await this.store.changedSince(since, concerning);
    if (isChanged) await this.reload();
    this.checkedSeq = Math.max(seq, this.checkedSeq);
  }

  /** Reads everything again; afterwards, what was written before this call counts. */
  reload(): Promise<void> {
    // One that waits has not read yet.
    this.next ??= this.last.then(() => {
      this.next = undefined;
      return this.read();
    });
    this.last = this.next.catch(() => {});
    return this.next;
  }

  private async read(): Promise<void> {
    const list = this.store.in(workspaceList, thePlane);
    const seq = await this.store.seq();
    const [members, tokens, runners, assignments, custom, workspaces, registries, deleted] = await Promise.all([
      readMembers(list),
      readTokens(list),
      readRunnerTokens(list),
      readAssignments(list),
      readCustomRoles(list),
      list.resources('workspaces', undefined, 0, most),
      registriesOf(this.store),
      readDeletedWorkspaces(list),
    ]);
    this.membersById = new Map(members.map((member) => [member.id, member]));
    this.groupIds = new Map(members.filter(({ kind }) => kind === 'group').map(({ name, id }) => [name, id]));
    this.tokensById = new Map(tokens.map((token) => [token.id, token]));
    this.runnersById = new Map(runners.map((token) => [token.id, token]));
    this.rolesById = new Map([...custom, ...builtInRoles].map((role) => [role.id, role]));
    this.all = assignments;
    const grants = new Map<string, Grant[]>();
    for (const { principalId, roleId, scope } of assignments) {
      const role = this.rolesById.get(roleId);
      if (!role) continue;
      const of = grants.get(principalId);
      if (of) of.push({ role, scope });
      else grants.set(principalId, [{ role, scope }]);
    }
    this.grants = grants;
    this.groups = new Map(
      workspaces.flatMap(({ name, properties }) => {
        const { nameOf, resourceGroup } = (properties.properties ?? {}) as { nameOf?: string; resourceGroup?: string };
        return nameOf === undefined ? [[name, resourceGroup ?? defaultWorkspace.resourceGroup] as const] : [];
      }),
    );
    this.deleted = new Map(deleted.map(({ name, resourceGroup }) => [name, resourceGroup]));
    this.registryGroups = new Map(registries.map((each) => [storeOfRegistry(each.name), groupOfRegistry(each)]));
    this.decisions.clear();
    this.usual.clear();
    this.standings.clear();
    this.readSeq = seq;
    this.changed.fire();
  }

  private hear({ kinds }: Commit): void {
    const isConcerned = kinds ? concerning.some((kind) => kinds.has(kind)) : undefined;
    if (isConcerned === false) return;
    const following = isConcerned
      ? this.reload()
      : // Another process wrote something.
        this.store.changes(this.readSeq, 1, concerning).then(({ length }) => (length > 0 ? this.reload() : undefined));
    aside('what members of the team may', following, this.logger);
  }

  private decided(
    member: Pick<MemberPrincipal, 'id' | 'groups' | 'within'>,
    question: string,
    decide: (grants: readonly Grant[]) => boolean,
  ): boolean {
    const key = `${keyOf(member)} ${question}`;
    const known = this.decisions.get(key);
    if (known !== undefined) return known;
    const answer = decide(this.grantsOf(member));
    if (this.decisions.size >= mostKept) this.decisions.clear();
    this.decisions.set(key, answer);
    return answer;
  }

  private grantsOf({ id, groups }: Pick<MemberPrincipal, 'id' | 'groups'>): Grant[] {
    return [id, ...groups].flatMap((each) => this.grants.get(each) ?? []);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

const kindOf = ({ use }: Token): SecretKind => (use === undefined || use === 'login' ? 'token' : use);

/** What a member may is the same for all that have this text in common. */
const keyOf = ({ id, within, groups }: Pick<MemberPrincipal, 'id' | 'groups' | 'within'>): string =>
  `${id} ${within ?? ''} ${groups.join(' ')}`;

const newOne: Record<NonNullable<Token['use']> | 'token', string> = {
  session: 'Sign in again.',
  login: 'Sign in again: updraft login.',
  secret: 'An Owner makes a new one: updraft team secret create.',
  invitation: 'Who operates the control plane makes a new one: updraft team init.',
  token: 'Make a new one: updraft token create.',
};

function expired({ name, use, expiresAt }: Token, member: string): UserError {
  const what = use === 'session' || use === 'login' ? `The sign-in of ${member}` : `The ${use ?? 'personal token'} "${name}" of ${member}`;
  return new UserError('Unauthorized', `${what} expired at ${new Date(expiresAt).toISOString()}.`, newOne[use ?? 'token']);
}

/** As Azure says it. */
export const refusal = ({ id, name }: Pick<MemberPrincipal, 'id' | 'name'>, action: string, scope: Scope): UserError =>
  new UserError(
    'AuthorizationFailed',
    `The client '${name}' with object id '${id}' does not have authorization to perform action '${action}' over scope '${shownScope(scope)}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
