import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface BadNetwork {
  /** Where the other end is reached by way of this network. */
  url: string;
  /** Connections that were cut. */
  readonly cuts: number;
  /** Bytes that have arrived at the other end, and those that came back from it. */
  readonly bytes: { there: number; back: number };
  /** From now on all goes through. */
  heal(): void;
  close(): void;
}

export interface BadNetworkOptions {
  port: number;
  random: () => number;
  /** Bytes after which a connection breaks, at most; it may be any smaller number. */
  mostBytes: number;
  /** Milliseconds between two outages, and how long one lasts at most. */
  outages?: { everyMs: [least: number, most: number]; mostMs: number };
}

/** A way to a port of this machine on which every connection breaks after some bytes, in either direction, and which is down now and then. */
export async function badNetwork({ port, random, mostBytes, outages }: BadNetworkOptions): Promise<BadNetwork> {
  let isDown = false;
  let isHealed = false;
  let cuts = 0;
  const passed = { there: 0, back: 0 };
  let timer: NodeJS.Timeout | undefined;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let isCut = false;
    let left = 1 + Math.floor(random() * mostBytes);
    const cut = () => {
      open.delete(near);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', cut).on('close', cut);
      from.on('data', (bytes: Buffer) => {
        if (isCut) return;
        isCut = !isHealed && bytes.byteLength >= left;
        passed[from === near ? 'there' : 'back'] += isCut ? left : bytes.byteLength;
        if (!isCut) {
          left -= bytes.byteLength;
          to.write(bytes);
          return;
        }
        cuts++;
        // The bytes before the cut arrive.
        to.end(bytes.subarray(0, left), cut);
      });
    }
    open.add(near);
    if (isDown) cut();
  });
  const outage = (): void => {
    if (!outages || isHealed) return;
    const [least, most] = outages.everyMs;
    timer = setTimeout(
      () => {
        isDown = true;
        for (const each of [...open]) each.destroy();
        timer = setTimeout(() => {
          isDown = false;
          outage();
        }, random() * outages.mostMs);
      },
      least + random() * (most - least),
    );
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  outage();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    bytes: passed,
    heal() {
      isHealed = true;
      isDown = false;
      clearTimeout(timer);
    },
    close() {
      clearTimeout(timer);
      for (const each of open) each.destroy();
      server.close();
    },
  };
}
