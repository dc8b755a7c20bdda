import { UserError } from '../../base/userError.ts';
import type { AddedMember, Invitation, IssuedToken, MemberView, NewMember, NewToken, TokenView } from '../../protocol/team.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, list, type Parsed, required, text, whole } from '../parsed.ts';
import { tableOf, timeOf } from '../textParts.ts';
import { shortScope } from './roleAssignments.ts';
import { createRunnerToken, listRunnerTokens } from './runnerTokens.ts';
import { addressFor, teamPlane } from './teamPlane.ts';

const daysOf = (parsed: Parsed): { days?: number } => {
  const days = whole(parsed, 'days');
  return days === undefined ? {} : { days };
};

export async function initTeam(parsed: Parsed): Promise<Outcome> {
  if (!flag(parsed, 'at-once')) return inviteOwner(parsed);
  const plane = await teamPlane(parsed);
  const asked: NewMember = { kind: 'user', name: required(parsed, 'name'), ...daysOf(parsed) };
  const value = await plane.json<AddedMember>('POST', '/updraft/team/owner', asked);
  const address = await addressFor(plane);
  return { value, text: () => `${value.member.name} is the Owner of this control plane.\n${nextText(value, address)}` };
}

async function inviteOwner(parsed: Parsed): Promise<Outcome> {
  if (whole(parsed, 'days') !== undefined)
    throw new UserError('InvalidArgument', 'A link is good for an hour.', 'Leave out --days, or add --at-once.');
  const name = text(parsed, 'name') ?? parsed.positionals[0];
  const plane = await teamPlane(parsed);
  const value = await plane.json<Invitation>('POST', '/updraft/team/invitation', name === undefined ? {} : { name });
  const who = value.name ? `${value.name} becomes` : 'Whoever opens this link and signs in becomes';
  const how = value.name ? ' by this link' : '';
  return {
    value,
    text: () =>
      `${who} the Owner of this control plane${how}. It is good once, until ${timeOf(value.expiresAt)}, and not shown again:\n\n  ${value.link}`,
  };
}

export async function addMember(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const [displayName, role, workspace] = [text(parsed, 'display-name'), text(parsed, 'role'), text(parsed, 'workspace')];
  const subject = text(parsed, 'subject');
  if (flag(parsed, 'service') && flag(parsed, 'group'))
    throw new UserError('InvalidArgument', 'A member is a program or a group, not both.', 'Give --service or --group.');
  const asked: NewMember = {
    kind: flag(parsed, 'service') ? 'service' : flag(parsed, 'group') ? 'group' : 'user',
    name: required(parsed, 'name'),
    ...(subject === undefined ? {} : { subject }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(role === undefined ? {} : { role }),
    ...(workspace === undefined ? {} : { workspace }),
    ...daysOf(parsed),
  };
  const value = await plane.json<AddedMember>('POST', '/updraft/team/members', asked);
  const has =
    role === undefined ? 'has no role yet' : `is ${role} ${workspace === undefined ? 'of the whole control plane' : `in ${workspace}`}`;
  const address = await addressFor(plane);
  return { value, text: () => `${value.member.name} ${has}.\n${nextText(value, address)}` };
}

export async function listMembers(parsed: Parsed): Promise<Outcome> {
  const { value } = await (await teamPlane(parsed)).json<{ value: MemberView[] }>('GET', '/updraft/team/members');
  const rolesOf = ({ roles }: MemberView) => roles.map(({ role, scope }) => `${role} (${shortScope(scope)})`).join(', ');
  return {
    value,
    text: () =>
      tableOf(
        ['NAME', 'KIND', 'ROLES', 'OBJECT ID'],
        value.map((each) => [each.name, kinds[each.kind], rolesOf(each), each.id]),
        'The team has no member yet: updraft team init.',
      ),
  };
}

export async function removeMember(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const value = await plane.json<MemberView>('DELETE', `/updraft/team/members/${encodeURIComponent(required(parsed, 'name'))}`);
  return { value, text: () => `Removed ${value.name}, with all roles and tokens.` };
}

export async function createToken(parsed: Parsed): Promise<Outcome> {
  if (flag(parsed, 'runner')) return createRunnerToken(parsed);
  if (list(parsed, 'compute').length > 0 || flag(parsed, 'every-compute'))
    throw new UserError('InvalidArgument', 'Computes are for tokens of runners.', 'Add --runner, or leave them out.');
  const [workspace, another] = list(parsed, 'workspace');
  if (another !== undefined)
    throw new UserError(
      'InvalidArgument',
      'A personal token is for one workspace, or for all that its member sees.',
      'Give --workspace once, or leave it out.',
    );
  const plane = await teamPlane(parsed);
  const member = text(parsed, 'member');
  const asked: NewToken = {
    name: required(parsed, 'name'),
    ...(member === undefined ? {} : { member }),
    ...(workspace === undefined ? {} : { workspace }),
    ...daysOf(parsed),
  };
  const value = await plane.json<IssuedToken>('POST', '/updraft/team/tokens', asked);
  const address = await addressFor(plane);
  return { value, text: () => tokenText(value, address) };
}

export async function listTokens(parsed: Parsed): Promise<Outcome> {
  if (flag(parsed, 'runner')) return listRunnerTokens(parsed);
  const member = text(parsed, 'member');
  const query = member === undefined ? '' : `?member=${encodeURIComponent(member)}`;
  const { value } = await (await teamPlane(parsed)).json<{ value: TokenView[] }>('GET', `/updraft/team/tokens${query}`);
  return {
    value,
    text: () =>
      tableOf(
        ['ID', 'NAME', 'OF', 'OPENS', 'EXPIRES'],
        value.map((each) => [each.id, each.name, each.member, each.workspace ?? 'all that the member may', timeOf(each.expiresAt)]),
        'There is no token.',
      ),
  };
}

export async function revokeToken(parsed: Parsed): Promise<Outcome> {
  const id = required(parsed, 'id');
  if (/^(?:updraft|runner)_/.test(id))
    throw new UserError('InvalidArgument', 'This is the text of a token, and not its id.', 'Its id is in "updraft token list".');
  await (await teamPlane(parsed)).send('DELETE', `/updraft/team/tokens/${encodeURIComponent(id)}`);
  return { text: () => `The token ${id} opens nothing any more.` };
}

const kinds: Record<MemberView['kind'], string> = { user: 'person', service: 'program', group: 'group' };

/** How a new member comes in. */
const nextText = ({ member, token }: AddedMember, url: string): string =>
  token
    ? tokenText(token, url)
    : member.kind === 'group'
      ? 'Who is in it, the identity provider says at each sign-in.'
      : `There is no token: sign in at ${url}/studio, or with "updraft login --server ${url}".`;

/** What to do with a token that is shown this once. */
const tokenText = ({ token, expiresAt, workspace }: IssuedToken, url: string): string =>
  [
    `The personal token, which is not shown again. It is good until ${timeOf(expiresAt)}${workspace ? `, for the workspace ${workspace} alone` : ''}:`,
    '',
    `  export MLFLOW_TRACKING_URI='${url}'`,
    `  export MLFLOW_TRACKING_TOKEN='${token}'`,
  ].join('\n');
