import { createHash } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Store } from '../../store/store.ts';
import { becomeOwner, invitationOf } from '../team/invitation.ts';
import { newToken } from '../team/personalToken.ts';
import { type Member, type MemberFields, readMembers, readTokens, type TokenUse } from '../team/records.ts';
import type { Team } from '../team/team.ts';
import { workspaceList } from '../workspaceNames.ts';
import type { Person } from './person.ts';
import type { SignInSettings } from './settings.ts';
import { loginDays, sessionHours } from './times.ts';

/** Most sign-ins of each kind that a person has at a time; the oldest end. */
const most = 20;

const hour = 3600 * 1000;

export interface SignedIn {
  id: string;
  name: string;
  /** The id of the session, or of the personal token. */
  token: string;
  /** The text of the session, or of the personal token. */
  secret: string;
  expiresAt: number;
}

/**
 * Lets a person in who has signed in with the identity provider. Throws `Forbidden` when the person is no member. A member is known by issuer and subject. A member that an Owner has added by mail gets these at the
 * first sign-in, if the provider has verified the mail. Who comes with the text of an invitation (`invited`) becomes the first Owner. A person of an allowed domain or group becomes a member without a role. The groups that the provider tells are kept with the member.
 */
export async function joinTeam(
  { store, team, now, settings }: { store: Store; team: Team; now: () => number; settings: SignInSettings },
  person: Person,
  use: Extract<TokenUse, 'session' | 'login'>,
  named: string,
  invited?: string,
): Promise<SignedIn> {
  const token = newToken(use === 'session' ? 'session' : 'token');
  const at = now();
  const expiresAt = at + (use === 'session' ? sessionHours : loginDays * 24) * hour;
  const member = await store.in(workspaceList, thePlane).write(async (writer) => {
    const invitation = invited === undefined ? undefined : await invitationOf(writer, invited, at);
    const members = await readMembers(writer);
    const { id, fields } = invitation ? firstOwner(members, person, invitation.name, settings) : admitted(members, person, settings);
    const groups =
      person.groups === undefined
        ? { isGroupsOld: true }
        : { groups: person.groups, groupsAt: at, ...(fields.isGroupsOld ? { isGroupsOld: false } : {}) };
    await writer.putResource({ kind: 'members', name: id, version: '', properties: { ...fields, ...groups } });
    if (invitation) await becomeOwner(writer, team, invitation.id, id);
    const before = (await readTokens(writer)).filter((each) => each.use === 'session' || each.use === 'login');
    const own = before.filter((each) => each.member === id && each.use === use).sort((a, b) => b.createdAt - a.createdAt);
    const gone = new Set([...before.filter((each) => each.expiresAt <= at), ...own.slice(most - 1)].map((each) => each.id));
    for (const each of gone) await writer.deleteResource('personalTokens', each, '');
    const sid = person.sid === undefined ? {} : { sid: person.sid };
    const properties = { member: id, name: named, hash: token.hash, expiresAt, use, ...sid };
    await writer.putResource({ kind: 'personalTokens', name: token.id, version: '', properties });
    return { id, name: fields.name };
  });
  await team.reload();
  return { ...member, token: token.id, secret: token.text, expiresAt };
}

/** Who of the members it is, or becomes. */
function admitted(
  members: readonly Member[],
  person: Person,
  { allowed, name: provider }: SignInSettings,
): { id: string; fields: MemberFields } {
  const known = members.find(({ identity }) => identity === person.identity);
  if (known) return { id: known.id, fields: { ...fieldsOf(known), displayName: person.displayName } };
  const { mail } = person;
  const named = mail === undefined ? undefined : members.find(({ kind, name }) => kind === 'user' && isSame(name, mail));
  if (named?.identity !== undefined)
    throw new UserError(
      'Forbidden',
      `${mail} is a member already, and signed in as somebody else at ${provider} before.`,
      'Where the address has passed to you, an Owner removes that member and adds you: updraft team remove, updraft team add.',
    );
  if (named) return { id: named.id, fields: { ...fieldsOf(named), identity: person.identity, displayName: person.displayName } };
  const isOfDomain = mail !== undefined && allowed.domains.some((domain) => mail.toLowerCase().endsWith(`@${domain}`));
  const isOfGroup = person.groups?.some((group) => allowed.groups.includes(group)) ?? false;
  if (!isOfDomain && !isOfGroup) throw noMember(person, allowed.groups.length > 0, provider);
  // What the provider does not vouch for names nobody: an Owner who gives roles by address would give them to somebody else.
  const name = mail ?? person.subject;
  if (members.some((each) => isSame(each.name, name)))
    throw new UserError('Forbidden', `There is another member "${name}".`, 'Ask an Owner of the control plane to rename or remove it.');
  return { id: idOf(person), fields: { kind: 'user', name, displayName: person.displayName, identity: person.identity } };
}

/** As which member the first Owner is known: the link vouches for who opens it, so the provider need not vouch for the mail. */
function firstOwner(
  members: readonly Member[],
  person: Person,
  invited: string,
  { name: provider }: SignInSettings,
): { id: string; fields: MemberFields } {
  const { mail, subject } = person;
  if (invited !== '' && mail !== undefined && !isSame(mail, invited))
    throw new UserError(
      'Forbidden',
      `This link is for ${invited}, and you have signed in at ${provider} as ${mail}.`,
      `Sign out there, and open the link again as ${invited}.`,
    );
  const name = invited || (mail ?? subject);
  const known = members.find(({ identity }) => identity === person.identity) ?? members.find((each) => isSame(each.name, name));
  if (known?.identity !== undefined && known.identity !== person.identity)
    throw new UserError(
      'Forbidden',
      `${name} is a member already, and signed in as somebody else at ${provider} before.`,
      'Let the link be made for another address: updraft team init MAIL.',
    );
  const own = { identity: person.identity, displayName: person.displayName };
  return known ? { id: known.id, fields: { ...fieldsOf(known), ...own } } : { id: idOf(person), fields: { kind: 'user', name, ...own } };
}

/** Always the same for a person: two sign-ins at the same moment, on two servers, make one member. */
const idOf = ({ identity }: Person): string =>
  createHash('sha256')
    .update(identity)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');

function noMember({ mail, unverifiedMail, displayName, groups }: Person, hasGroups: boolean, provider: string): UserError {
  const who = mail ?? unverifiedMail ?? displayName;
  const more = [
    ...(mail === undefined
      ? [unverifiedMail === undefined ? ` ${provider} tells no address of mail.` : ` ${provider} does not vouch for that address of mail.`]
      : []),
    ...(hasGroups && groups === undefined ? [` It did not tell your groups either, since there are too many.`] : []),
  ].join('');
  return new UserError(
    'Forbidden',
    `${who} is no member of this team.${more}`,
    mail === undefined
      ? 'An Owner adds you by what the provider knows you by: updraft team add MAIL --subject SUBJECT.'
      : `An Owner adds you: updraft team add ${mail} --role ROLE.`,
  );
}

const fieldsOf = ({ id: _id, createdAt: _created, modifiedAt: _modified, ...fields }: Member): MemberFields => fields;
const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
