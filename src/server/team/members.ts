import { randomUUID } from 'node:crypto';
import { isCalled, ownerRole, type Role } from '../../access/roles.ts';
import { isWithin, planeScope, type Scope, shownScope, workspaceOfScope } from '../../access/scopes.ts';
import { UserError } from '../../base/userError.ts';
import { isMember, type MemberPrincipal, type Principal } from '../../protocol/principal.ts';
import type { AddedMember, IssuedToken, MemberView, NewMember, NewSecret, NewToken, TokenView } from '../../protocol/team.ts';
import type { Store, StoreWriter } from '../../store/store.ts';
import { noWorkspace, workspaceList, workspaceNamed } from '../workspaceNames.ts';
import { assign, hasOwner, mustLeaveAnOwner } from './assign.ts';
import { becomeOwner, hasOwnerAlready, invitationOf } from './invitation.ts';
import { expiryOf, newToken, type SecretKind } from './personalToken.ts';
import { type Member, type MemberFields, readAssignments, readMembers, readTokens, type Token } from './records.ts';
import { giveRoles, noToken } from './runnerTokens.ts';
import { refusal, type Team } from './team.ts';

const readRoles = 'Microsoft.Authorization/roleAssignments/read';

/** People, programs and their tokens, as one principal sees and changes them. What only some may do in it, the table of routes says; this asks what depends on whom it is about. */
export class Members {
  private readonly store: Store;
  private readonly team: Team;
  private readonly principal: Principal;
  private readonly now: () => number;
  private readonly issuer: string | undefined;

  /** `issuer`: with which identity provider people sign in. */
  constructor(store: Store, team: Team, principal: Principal, now: () => number, issuer?: string) {
    this.store = store;
    this.team = team;
    this.principal = principal;
    this.now = now;
    this.issuer = issuer;
  }

  list(): MemberView[] {
    return this.team.members.map((each) => this.view(each)).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The first Owner. */
  async init(asked: NewMember): Promise<AddedMember> {
    return this.add({ ...asked, role: ownerRole }, async (writer) => {
      if (await hasOwner(writer)) throw hasOwnerAlready();
    });
  }

  /** The first Owner, by an invitation that says for whom it is. Throws as `invitationOf` does. */
  async initByInvitation(text: string): Promise<AddedMember> {
    const { name, id: invitation } = await invitationOf(this.store.in(workspaceList, this.principal), text, this.now());
    // Another may be quicker.
    const mustStillBeGood = async (writer: StoreWriter): Promise<void> => {
      await invitationOf(writer, text, this.now());
    };
    return this.add({ kind: 'user', name }, mustStillBeGood, (writer, id) => becomeOwner(writer, this.team, invitation, id));
  }

  /** A new member, with a role, and a token where it is no group and does not sign in with the identity provider. */
  async add(
    asked: NewMember,
    check: (writer: StoreWriter) => Promise<void> = async () => {},
    join: (writer: StoreWriter, id: string) => Promise<void> = async () => {},
  ): Promise<AddedMember> {
    const name = asked.name.trim();
    if (asked.kind === 'user') mustBeMail(name);
    const role = asked.role === undefined ? undefined : this.roleNamed(asked.role);
    const scope = asked.workspace === undefined ? planeScope : await this.scopeOfWorkspace(asked.workspace);
    // Entra names groups by their object ids, by which Azure's clients give them roles.
    const id = asked.kind === 'group' && guid.test(name) ? name.toLowerCase() : randomUUID();
    const hasToken = asked.kind === 'service' || (asked.kind === 'user' && this.issuer === undefined);
    const token = hasToken
      ? this.tokenFor(id, { name: 'first', ...(asked.days === undefined ? {} : { days: asked.days }) }, asked.workspace && scope)
      : undefined;
    const identity = asked.subject === undefined ? undefined : this.identityOf(asked);
    await this.write(async (writer) => {
      await check(writer);
      if ((await readMembers(writer)).some((each) => each.name.toLowerCase() === name.toLowerCase()))
        throw new UserError('Conflict', `There is a member "${name}" already.`, 'Give another role with "updraft role assignment create".');
      const properties: MemberFields = {
        kind: asked.kind,
        name,
        displayName: asked.displayName?.trim() || name,
        ...(identity === undefined ? {} : { identity }),
      };
      await writer.putResource({ kind: 'members', name: id, version: '', properties });
      if (role) await assign(writer, role, { principalId: id, principalType: principalType(asked.kind), scope });
      if (token) await writer.putResource(token.resource);
      await join(writer, id);
    });
    const member = this.view(this.team.member(id)!);
    return token ? { member, token: { ...this.tokenView(this.tokenKept(token.id)), token: token.text } } : { member };
  }

  private identityOf({ kind, subject }: NewMember): string {
    if (kind !== 'user' || this.issuer === undefined)
      throw new UserError(
        'InvalidRequest',
        'A subject is what an identity provider calls a person who signs in with it.',
        kind === 'user' ? 'Start the control plane with the address of one: --issuer.' : 'Leave it out for programs and groups.',
      );
    return identityKey(this.issuer, subject!);
  }

  /** Removes a member, by object id or name, with tokens and roles. */
  async remove(idOrName: string): Promise<MemberView> {
    const member = this.find(idOrName);
    const view = this.view(member);
    await this.write(async (writer) => {
      await mustLeaveAnOwner(writer, ({ principalId }) => principalId === member.id);
      for (const each of await readAssignments(writer))
        if (each.principalId === member.id) await writer.deleteResource('roleAssignments', each.id, '');
      for (const each of await readTokens(writer))
        if (each.member === member.id) await writer.deleteResource('personalTokens', each.id, '');
      await writer.deleteResource('members', member.id, '');
    });
    return view;
  }

  tokens(of: string | undefined): TokenView[] {
    const member = of === undefined ? undefined : this.find(of);
    const isMine = ({ member: holder }: Token) => (isMember(this.principal) ? holder === this.principal.id : true);
    if (member) this.mustSeeTo(member, readRoles);
    return this.team.tokens
      .filter((each) => (each.use === undefined || each.use === 'login') && (member ? each.member === member.id : isMine(each)))
      .map((each) => this.tokenView(each));
  }

  /** The secrets of a program, or of all. */
  secrets(of: string | undefined): TokenView[] {
    const member = of === undefined ? undefined : this.find(of);
    return this.team.tokens
      .filter((each) => each.use === 'secret' && (member === undefined || each.member === member.id))
      .map((each) => this.tokenView(each));
  }

  /** A program's secret. */
  async createSecret(asked: NewSecret): Promise<TokenView & { clientId: string; clientSecret: string }> {
    const member = this.find(asked.member);
    if (member.kind !== 'service')
      throw new UserError('InvalidRequest', `${member.name} is no program.`, 'Add one with "updraft team add NAME --service".');
    const secret = this.tokenFor(member.id, asked, undefined, 'secret');
    await this.write(async (writer) => {
      if (!(await writer.resource('members', member.id, ''))) throw noMember(member.name);
      await writer.putResource(secret.resource);
    });
    return { ...this.tokenView(this.tokenKept(secret.id)), clientId: member.id, clientSecret: secret.text };
  }

  async revokeSecret(id: string): Promise<void> {
    if (this.team.token(id)?.use !== 'secret')
      throw new UserError('NotFound', `There is no secret "${id.slice(0, 100)}".`, 'List them with "updraft team secret list".');
    await this.write((writer) => writer.deleteResource('personalTokens', id, ''));
  }

  /** A token opens nothing that the one does not with which it is asked for, and no longer. */
  async createToken(asked: NewToken): Promise<IssuedToken> {
    const own = isMember(this.principal) ? this.principal : undefined;
    const member = asked.member === undefined ? own && this.team.member(own.id) : this.find(asked.member);
    if (!member) throw new UserError('InvalidRequest', 'Say for whom the token is.', 'Give --member NAME.');
    if (member.kind === 'group')
      throw new UserError('InvalidRequest', `${member.name} is a group: tokens are of people and programs.`, 'Make one for one of them.');
    this.mustSeeTo(member, giveRoles);
    const within = asked.workspace === undefined ? own?.within : await this.scopeOfWorkspace(asked.workspace);
    if (own?.within !== undefined && (within === undefined || !isWithin(within, own.within)))
      throw new UserError('Forbidden', 'A token for one workspace makes none for another.', 'Ask with a token that opens both.');
    const token = this.tokenFor(member.id, asked, within);
    await this.write(async (writer) => {
      if (!(await writer.resource('members', member.id, ''))) throw noMember(member.name);
      await writer.putResource(token.resource);
    });
    return { ...this.tokenView(this.tokenKept(token.id)), token: token.text };
  }

  async revokeToken(id: string): Promise<void> {
    const kept = this.team.token(id);
    const token = kept?.use === undefined || kept.use === 'login' ? kept : undefined;
    const holder = token && this.team.member(token.member);
    const isOwn = isMember(this.principal) && token?.member === this.principal.id;
    if (!token || !holder || !(isOwn || this.maySeeTo(giveRoles))) throw noToken(id);
    await this.write((writer) => writer.deleteResource('personalTokens', id, ''));
  }

  find(idOrName: string): Member {
    const wanted = idOrName.toLowerCase();
    const found = this.team.member(wanted) ?? this.team.members.find(({ name }) => name.toLowerCase() === wanted);
    // Who may not look at members learns of none.
    if (!found || !(this.isItself(found) || this.maySeeTo(readRoles))) throw noMember(idOrName);
    return found;
  }

  /** The member who asks, with its own roles, and those that its groups bring. */
  ofItself(): MemberView {
    const { id, groups } = this.principal as MemberPrincipal;
    const member = this.team.member(id)!;
    return { ...this.view(member), roles: [id, ...groups].flatMap((each) => this.rolesOf(each)) };
  }

  /** Ends what a member has got by signing in: what this request came with, or all. Answers how many sign-ins have ended. */
  async signOut({ id, token }: MemberPrincipal, everywhere: boolean): Promise<number> {
    const isEnding = (each: Token) =>
      each.member === id && (each.use === 'session' || each.use === 'login') && (everywhere || each.id === token);
    let ended = 0;
    await this.write(async (writer) => {
      const gone = (await readTokens(writer)).filter(isEnding);
      for (const each of gone) await writer.deleteResource('personalTokens', each.id, '');
      ended = gone.length;
    });
    return ended;
  }

  private isItself = ({ id }: Member): boolean => isMember(this.principal) && this.principal.id === id;

  /** Whether the principal may do this for all members. */
  private maySeeTo(action: string): boolean {
    return !isMember(this.principal) || this.team.may(this.principal, action, planeScope);
  }

  private mustSeeTo(member: Member, action: string): void {
    if (this.isItself(member) || this.maySeeTo(action)) return;
    throw refusal(this.principal as MemberPrincipal, action, planeScope);
  }

  private roleNamed(idOrName: string): Role {
    const wanted = idOrName.toLowerCase();
    const found = this.team.role(wanted) ?? this.team.roles.find((role) => isCalled(role, wanted));
    if (found) return found;
    const names = this.team.roles.map(({ name }) => name).join(', ');
    throw new UserError('InvalidRequest', `There is no role "${idOrName.slice(0, 100)}".`, `There are: ${names}.`);
  }

  private async scopeOfWorkspace(name: string): Promise<Scope> {
    const scope = this.team.scopeOf(await workspaceNamed(this.store, name));
    const isSeen =
      scope !== undefined && (!isMember(this.principal) || this.team.sees(this.principal, await workspaceNamed(this.store, name)));
    if (!isSeen) throw noWorkspace(name);
    return scope;
  }

  private tokenFor(member: string, { name, days }: Pick<NewToken, 'name' | 'days'>, within: Scope | undefined, kind: SecretKind = 'token') {
    const { id, text, hash } = newToken(kind);
    const own = isMember(this.principal) ? this.team.token(this.principal.token) : undefined;
    // Who has just shown to the identity provider who it is may make what lives longer than that sign-in.
    const isForItself = own?.member === member && own.use !== 'session' && own.use !== 'login';
    const expiresAt = Math.min(expiryOf(this.now(), days, kind), isForItself ? own.expiresAt : Number.POSITIVE_INFINITY);
    const use = kind === 'token' ? {} : { use: kind };
    const properties = { member, name, hash, expiresAt, ...use, ...(within === undefined ? {} : { within }) };
    return { id, text, resource: { kind: 'personalTokens' as const, name: id, version: '', properties } };
  }

  private tokenKept(id: string): Token {
    return this.team.token(id)!;
  }

  private async write(work: (writer: StoreWriter) => Promise<void>): Promise<void> {
    await this.store.in(workspaceList, this.principal).write(work);
    await this.team.reload();
  }

  private view({ id, kind, name, displayName, createdAt, identity, groups }: Member): MemberView {
    const roles = this.rolesOf(id, (scope) => !isMember(this.principal) || this.team.may(this.principal, readRoles, scope));
    return {
      id,
      kind,
      name,
      displayName,
      createdAt: new Date(createdAt).toISOString(),
      ...(identity === undefined ? {} : { isBound: true }),
      ...(groups === undefined ? {} : { groups: groups.filter((each) => this.team.hasGroup(each)) }),
      roles,
    };
  }

  private rolesOf(principal: string, isShown: (scope: Scope) => boolean = () => true): MemberView['roles'] {
    return this.team.assignments
      .filter(({ principalId, scope }) => principalId === principal && isShown(scope))
      .map(({ roleId, scope }) => ({ role: this.team.role(roleId)?.name ?? roleId, scope: shownScope(scope) }));
  }

  private tokenView({ id, name, member, within, createdAt, expiresAt }: Token): TokenView {
    const workspace = within && workspaceOfScope(within);
    return {
      id,
      name,
      member: this.team.member(member)?.name ?? member,
      ...(workspace ? { workspace } : {}),
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }
}

/** Throws `InvalidRequest`. */
export function mustBeMail(name: string): void {
  if (/^[^\s@]+@[^\s@]+$/.test(name)) return;
  throw new UserError(
    'InvalidRequest',
    `"${name.slice(0, 100)}" is no address of mail.`,
    'A person is added by one; give --service for a program.',
  );
}

/** As Azure calls the kinds. */
export const principalType = (kind: Member['kind']): 'User' | 'ServicePrincipal' | 'Group' =>
  (({ user: 'User', service: 'ServicePrincipal', group: 'Group' }) as const)[kind];

/** Who a person is to an identity provider: two providers may use the same subject. */
export const identityKey = (issuer: string, subject: string): string => `${issuer.replace(/\/$/, '')} ${subject}`;

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const noMember = (named: string): UserError =>
  new UserError('NotFound', `The team has no member "${named.slice(0, 100)}".`, 'List them with "updraft team list".');
