import { UserError } from '../../base/userError.ts';
import type { IssuedSecret, NewSecret, TokenView } from '../../protocol/team.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required, text, whole } from '../parsed.ts';
import { tableOf, timeOf } from '../textParts.ts';
import { addressFor, teamPlane } from './teamPlane.ts';

export async function createSecret(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const days = whole(parsed, 'days');
  const asked: NewSecret = {
    member: required(parsed, 'member'),
    name: text(parsed, 'name') ?? 'secret',
    ...(days === undefined ? {} : { days }),
  };
  const value = await plane.json<IssuedSecret>('POST', '/updraft/team/secrets', asked);
  const address = await addressFor(plane);
  return { value, text: () => secretText(value, address) };
}

export async function listSecrets(parsed: Parsed): Promise<Outcome> {
  const member = text(parsed, 'member');
  const query = member === undefined ? '' : `?member=${encodeURIComponent(member)}`;
  const { value } = await (await teamPlane(parsed)).json<{ value: TokenView[] }>('GET', `/updraft/team/secrets${query}`);
  return {
    value,
    text: () =>
      tableOf(
        ['ID', 'NAME', 'OF', 'EXPIRES'],
        value.map((each) => [each.id, each.name, each.member, timeOf(each.expiresAt)]),
        'There is no secret.',
      ),
  };
}

export async function revokeSecret(parsed: Parsed): Promise<Outcome> {
  const id = required(parsed, 'id');
  if (id.startsWith('secret_'))
    throw new UserError('InvalidArgument', 'This is the text of a secret, and not its id.', 'Its id is in "updraft team secret list".');
  await (await teamPlane(parsed)).send('DELETE', `/updraft/team/secrets/${encodeURIComponent(id)}`);
  return { text: () => `The secret ${id} opens nothing any more.` };
}

/** The variables that Azure's clients read. */
const secretText = ({ member, expiresAt, tenantId, clientId, clientSecret }: IssuedSecret, url: string): string =>
  [
    `The secret of ${member}, which is not shown again. It is good until ${timeOf(expiresAt)}:`,
    '',
    `  export AZURE_AUTHORITY_HOST='${url}'`,
    `  export AZURE_TENANT_ID='${tenantId}'`,
    `  export AZURE_CLIENT_ID='${clientId}'`,
    `  export AZURE_CLIENT_SECRET='${clientSecret}'`,
  ].join('\n');
