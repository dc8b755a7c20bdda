import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Where the other servers of a plane reach this one, as an origin. A server that listens on all addresses of its machine has the one from which it reaches the database: all servers do that. Where the
 * database is on the same machine, it is the machine's first one.
 */
export async function ownAddress(port: number, listensOnAll: boolean, databaseUrl: string): Promise<string> {
  const ip = listensOnAll ? ((await addressTowards(databaseUrl)) ?? firstAddress() ?? '127.0.0.1') : '127.0.0.1';
  return `http://${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`;
}

/** The address of this machine from which packets to a database would go; none are sent. undefined where it is on this machine, or its name is not known. */
async function addressTowards(databaseUrl: string): Promise<string | undefined> {
  const { hostname, port } = new URL(databaseUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === '') return undefined;
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    socket.connect(Number(port) || 5432, host);
    await once(socket, 'connect');
    const { address } = socket.address();
    return /^(?:127\.|::1$)/.test(address) ? undefined : address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

const firstAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
