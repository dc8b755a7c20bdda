import { BlockList, isIP } from 'node:net';
import { UserError } from '../../base/userError.ts';

/** Where webhooks may go besides the public internet, as `--allow-hooks-to` says. */
export interface AllowedPlaces {
  /** In lower case. */
  hosts: ReadonlySet<string>;
  networks: BlockList;
}

/** What is no public address of one machine: https://www.iana.org/assignments/iana-ipv4-special-registry */
const notPublic = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Of carriers.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local, with the metadata of clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, reserved, broadcast.
  ['224.0.0.0', 3],
  // Metadata of Azure: it looks public.
  ['168.63.129.16', 32],
] as const)
  notPublic.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of [
  // Of 2000::/3: Teredo and others with a special purpose, documentation.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
] as const)
  notPublic.addSubnet(address, bits, 'ipv6');
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');

/** Where no name leads, whoever allowed it: metadata of clouds, and what is only next to this machine. */
const neverByName = new BlockList();
neverByName.addSubnet('169.254.0.0', 16, 'ipv4');
neverByName.addAddress('168.63.129.16', 'ipv4');
neverByName.addSubnet('fe80::', 10, 'ipv6');
// The metadata of AWS by IPv6.
neverByName.addAddress('fd00:ec2::254', 'ipv6');

/** Reads what `--allow-hooks-to` says: names of hosts, addresses, and networks such as `10.1.0.0/16`. */
export function allowedPlaces(texts: readonly string[]): AllowedPlaces {
  const hosts = new Set<string>();
  const networks = new BlockList();
  for (const text of texts) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
    const version = isIP(address);
    if (version !== 0) {
      const most = version === 4 ? 32 : 128;
      if (Number(bits ?? most) > most) throw wrong(text);
      networks.addSubnet(address, Number(bits ?? most), version === 4 ? 'ipv4' : 'ipv6');
    } else if (bits === undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(address)) hosts.add(address.toLowerCase());
    else throw wrong(text);
  }
  return { hosts, networks };
}

const wrong = (text: string): UserError =>
  new UserError(
    'InvalidValue',
    `"${text.slice(0, 100)}" is neither a host nor a network.`,
    'Give --allow-hooks-to a name such as hooks.example.org, an address, or a network such as 10.1.0.0/16.',
  );

/** Whether an address may be connected to, whatever name led to it. */
export function isAllowed(address: string, { networks }: AllowedPlaces): boolean {
  return [address, embedded(address)].some((each) => each !== undefined && isIn(networks, each)) || isPublic(address);
}

/** Whether an address is in one of the networks that were allowed: there, http is enough. */
export const isOwn = (address: string, { networks }: AllowedPlaces): boolean =>
  [address, embedded(address)].some((each) => each !== undefined && isIn(networks, each));

/** As `isAllowed`, of a host that was allowed by its name. */
export const isAllowedByName = (address: string, places: AllowedPlaces): boolean =>
  isOwn(address, places) || !isIn(neverByName, embedded(address) ?? address);

function isPublic(address: string): boolean {
  const inside = embedded(address);
  // What a translator would make of it is what is reached.
  if (inside !== undefined) return isPublic(inside);
  if (isIP(address) === 4) return !notPublic.check(address, 'ipv4');
  return isIP(address) === 6 && global.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** The IPv4 address that an IPv6 address stands for: mapped, compatible, 6to4, and NAT64. */
function embedded(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const words = wordsOf(address);
  const at = (index: number) => [words[index]! >> 8, words[index]! & 255, words[index + 1]! >> 8, words[index + 1]! & 255].join('.');
  const begins = (...first: number[]) => first.every((word, index) => words[index] === word);
  if (begins(0x2002)) return at(1);
  if (begins(0, 0, 0, 0, 0, 0xffff) || begins(0, 0, 0, 0, 0xffff, 0) || begins(0x64, 0xff9b, 0, 0, 0, 0)) return at(6);
  // `::` and `::1` are addresses of their own, and none that is reached from elsewhere.
  return begins(0, 0, 0, 0, 0, 0) && words[6] !== 0 ? at(6) : undefined;
}

/** The eight words of an IPv6 address. */
function wordsOf(address: string): number[] {
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) => {
    const word = (high: string, low: string) => ((Number(high) << 8) | Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
  const [left = '', right] = plain.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const [head, tail] = [words(left), words(right ?? '')];
  return right === undefined ? head : [...head, ...Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail];
}
