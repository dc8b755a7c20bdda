import dns from 'node:dns';
import { isIP } from 'node:net';
import { UserError } from '../../base/userError.ts';
import { type AllowedPlaces, isAllowed, isAllowedByName, isOwn } from './allowedPlaces.ts';

export interface Address {
  address: string;
  family: number;
}

const hint = 'Who operates the control plane can allow it: updraft serve --allow-hooks-to HOST or NETWORK.';
const longest = 2048;

/** The address of a webhook as it was given, in its one spelling (`http://127.1` is `http://127.0.0.1`). Throws `InvalidRequest` for one that nothing can be sent to, and for the plain http of hosts that were not allowed. */
export function receiverUrl(text: string, places: AllowedPlaces): URL {
  const url = text.length <= longest && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new UserError('InvalidRequest', 'The address of a webhook must be one of https.', 'Give it as https://HOST/PATH.');
  if (url.username || url.password)
    throw new UserError(
      'InvalidRequest',
      'The address of a webhook has a name or a password in it.',
      'Put what it needs into its path or query.',
    );
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isAllowed(host, places))
    throw new UserError('InvalidRequest', `Webhooks do not go to ${host}, which is no public address.`, hint);
  // What a name stands for is looked up when something is sent.
  if (url.protocol === 'http:' && !mayBePlain(host, places))
    throw new UserError('InvalidRequest', `Webhooks go to ${host} by https alone.`, `Give it as https://. ${hint}`);
  return url;
}

/** Of a URL, without the brackets around an address of IPv6. */
export const hostOf = ({ hostname }: URL): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

/** A name may lead into a network where http is enough: that shows when it is looked up. */
const mayBePlain = (host: string, places: AllowedPlaces): boolean =>
  places.hosts.has(host) || (isIP(host) !== 0 ? isOwn(host, places) : places.networks.rules.length > 0);

/**
 * Where a host is: the addresses that were looked up and checked, which alone may be connected to. A name that leads to anything that is not allowed, even beside what is, is refused: what a name stands for may change
 * between two looks.
 */
export async function addressesOf(url: URL, places: AllowedPlaces): Promise<Address[]> {
  const host = hostOf(url);
  const version = isIP(host);
  const found = version !== 0 ? [{ address: host, family: version }] : await lookUp(host);
  const isNamed = places.hosts.has(host);
  const refused = found.find(({ address }) => !(isNamed ? isAllowedByName : isAllowed)(address, places));
  if (refused) throw new UserError('InvalidRequest', `Webhooks do not go to ${host}: ${refused.address} is no public address.`, hint);
  if (url.protocol === 'http:' && !isNamed && !found.every(({ address }) => isOwn(address, places)))
    throw new UserError('InvalidRequest', `Webhooks go to ${host} by https alone.`, hint);
  return found;
}

async function lookUp(host: string): Promise<Address[]> {
  try {
    const found = await dns.promises.lookup(host, { all: true });
    if (found.length > 0) return found;
  } catch (error) {
    throw new UserError('WebhookUnreachable', `There is no host ${host} (${(error as NodeJS.ErrnoException).code ?? 'not found'}).`);
  }
  throw new UserError('WebhookUnreachable', `There is no host ${host}.`);
}
