import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Where an address leads: to this machine itself, to a network that is not public, or to the web. */
export type Network = 'loopback' | 'private' | 'public';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
// An address of no machine, which the system takes for this one.
loopback.addSubnet('0.0.0.0', 8, 'ipv4');
loopback.addAddress('::', 'ipv6');

const inside = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addSubnet('fe80::', 10, 'ipv6');

/** The network of a host by its numbers, or by those that its name stands for. A name that is not known here (a proxy may know it) counts as public. */
export async function networkOf(url: URL): Promise<Network> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (/(?:^|\.)localhost$/i.test(host)) return 'loopback';
  const addresses = isIP(host) ? [host] : (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address);
  const networks = addresses.map(ofAddress);
  return networks.find((each) => each === 'loopback') ?? networks.find((each) => each === 'private') ?? 'public';
}

function ofAddress(address: string): Network {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  // `::ffff:10.0.0.1` is an IPv4 address in the clothes of the other kind: BlockList sees through it.
  if (loopback.check(address, family)) return 'loopback';
  return inside.check(address, family) ? 'private' : 'public';
}
