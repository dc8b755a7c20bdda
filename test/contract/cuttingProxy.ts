import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of one connection, in bytes; undefined lets everything through. */
export interface Fate {
  /** Cut after so many bytes of answers, or of requests. */
  cutDown?: number;
  cutUp?: number;
  /** After so many bytes of answers nothing comes any more, and the connection stays. */
  stallDown?: number;
}

/** A network between a client and a plane on this machine. `fateOf` decides for each connection, counted from 0. */
export async function cuttingProxy(
  planeUrl: string,
  fateOf: (connection: number) => Fate | undefined,
): Promise<{ url: string; connections: () => number; stalled: Promise<void>; close(): Promise<void> }> {
  const target = Number(new URL(planeUrl).port);
  const sockets = new Set<Socket>();
  const stalled = Promise.withResolvers<void>();
  let count = 0;
  const server = createServer((down) => {
    const fate = fateOf(count++) ?? {};
    const up = connect(target, '127.0.0.1');
    const end = () => {
      down.destroy();
      up.destroy();
    };
    for (const socket of [down, up]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    carry(up, down, fate.cutDown, fate.stallDown);
    carry(down, up, fate.cutUp);

    function carry(from: Socket, to: Socket, cut = Number.POSITIVE_INFINITY, stall = Number.POSITIVE_INFINITY): void {
      let seen = 0;
      if (cut === 0) return void from.once('data', end);
      from.on('data', (chunk: Buffer) => {
        const fitting = chunk.subarray(0, Math.max(0, Math.min(cut, stall) - seen));
        seen += chunk.byteLength;
        if (fitting.byteLength && !to.write(fitting)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
        if (seen >= cut) to.end(() => end());
        else if (seen >= stall) {
          from.pause();
          stalled.resolve();
        }
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => count,
    stalled: stalled.promise,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}
