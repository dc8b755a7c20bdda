import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { headerLimit } from '../headerLimit.ts';
import { serverCertificate } from './certificate.ts';

/** Where Azure's clients, which refuse plain http, reach the plane. */
export interface SecureAddress {
  /** Origin without a final slash, `https://localhost:PORT`. */
  url: string;
  /** PEM file of the authority that clients have to trust. */
  authorityFile: string;
}

export interface SecureListener {
  /** Starts to listen if it does not yet. */
  open(): Promise<SecureAddress>;
  /** The origin, once `open` has settled; '' before. */
  url(): string;
  close(): Promise<void>;
}

export interface SecureOptions {
  dataFolder: string;
  fetch: (request: Request) => Response | Promise<Response>;
  /** The one of the last time, taken again when it is free, so that the variables of open shells stay right. */
  port: number | undefined;
  onListening: (port: number) => void;
}

/** The https side of a plane. It costs nothing until somebody needs it: certificate, key and port are made on first use. */
export function secureListener({ dataFolder, fetch, port, onListening }: SecureOptions): SecureListener {
  let opening: Promise<{ server: Server; address: SecureAddress }> | undefined;
  let url = '';
  const start = async () => {
    const { key, certificate, authorityFile } = await serverCertificate(dataFolder);
    const listen = (wanted: number) =>
      new Promise<Server>((resolve, reject) => {
        const server = serve(
          {
            fetch,
            port: wanted,
            hostname: '127.0.0.1',
            createServer,
            serverOptions: { key, cert: certificate, minVersion: 'TLSv1.2', maxHeaderSize: headerLimit },
          },
          () => resolve(server),
        ) as Server;
        server.once('error', reject);
      });
    const server = await listen(port ?? 0).catch((error) => {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      return listen(0);
    });
    const taken = (server.address() as AddressInfo).port;
    onListening(taken);
    url = `https://localhost:${taken}`;
    return { server, address: { url, authorityFile } };
  };
  return {
    async open() {
      opening ??= start().catch((error) => {
        opening = undefined;
        throw error;
      });
      return (await opening).address;
    },
    url: () => url,
    async close() {
      const opened = await opening?.catch(() => undefined);
      if (!opened) return;
      await new Promise<void>((resolve) => {
        opened.server.close(() => resolve());
        opened.server.closeAllConnections();
      });
    },
  };
}

/** Whether this data folder was used by Azure's clients before; then shells may still hold its variables. */
export const wasUsedBefore = (dataFolder: string): boolean => existsSync(path.join(dataFolder, 'tls'));
