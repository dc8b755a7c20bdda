import { isIPv6 } from 'node:net';

/** Longest text that a proxy may tell as an address. */
const longest = 64;

/** By what a caller is counted: the address, and of one of IPv6 its network, of which whoever has one has 2^64 addresses. */
export function callerAt(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain.slice(0, longest);
  const [before = '', after] = plain.split('::');
  const parts = (text: string) => text.split(':').filter(Boolean);
  const head = parts(before);
  const tail = after === undefined ? [] : parts(after);
  // The last of four numbers with dots stands for two.
  const written = head.length + tail.length + (plain.includes('.') ? 1 : 0);
  const all = [...head, ...Array.from({ length: 8 - written }, () => '0'), ...tail];
  return `${all
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`;
}
