import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startS3Server } from '../../../scripts/s3Server.ts';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import { makeCertificate } from '../../../src/server/tls/makeCertificate.ts';
import { PostgresServer } from '../../unit/store/postgresServer.ts';
import { type PlaneProcess, startPlaneProcess } from '../planeProcess.ts';
import { Balancer } from './balancer.ts';

/** A server of the plane, as a process of its own with a data folder of its own. */
export interface PlaneServer extends PlaneProcess {
  name: string;
}

/** One plane of several servers behind a balancer, with PostgreSQL and a bucket of S3 of its own. */
export interface Servers {
  balancer: Balancer;
  database: PostgresServer;
  /** Where the plane is published: the balancer, or with `isSecure` one beside it that ends TLS, with the PEM file of the authority that its clients have to trust. */
  published: { url: string; authorityFile?: string };
  /** Of the balancer, so that each request goes to the next server. */
  client: PlaneClient;
  token: string;
  folder: string;
  /** Starts a server; one of a name that was there before has its data folder. */
  start(name: string, options?: string[]): Promise<PlaneServer>;
  /** Sends it no more requests. */
  leave(server: PlaneServer): void;
  remove(): Promise<void>;
}

export async function startServers(
  names: string[],
  { isDurable = false, isSecure = false, options: common = [] as string[], environment: own = {} as Record<string, string> } = {},
): Promise<{ plane: Servers; servers: PlaneServer[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-servers-'));
  const database = new PostgresServer({ isDurable });
  const certificate = isSecure ? await makeCertificate() : undefined;
  const [s3, balancer, front] = await Promise.all([startS3Server(), Balancer.start(), certificate && Balancer.start(certificate)]);
  const balancers = front ? [balancer, front] : [balancer];
  const published: Servers['published'] = { url: (front ?? balancer).url };
  if (certificate) {
    published.authorityFile = path.join(folder, 'authority.pem');
    writeFileSync(published.authorityFile, certificate.authority);
  }
  const bucket = await s3.bucket('contents');
  const environment = {
    ...own,
    UPDRAFT_DATABASE: `${database.url}?schema=team`,
    UPDRAFT_BLOBS: bucket.url,
    AWS_REGION: bucket.region,
    AWS_ACCESS_KEY_ID: bucket.accessKeyId,
    AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
  };
  const portOf = (server: PlaneServer) => Number(new URL(server.url).port);
  const running = new Set<PlaneServer>();
  const leave = (server: PlaneServer) => {
    for (const each of balancers) each.remove(portOf(server));
  };
  const start = async (name: string, options: string[] = []): Promise<PlaneServer> => {
    const own = await startPlaneProcess(
      path.join(folder, name),
      ['--team', '--public-url', published.url, ...common, ...options],
      environment,
    );
    const gone = (end: () => Promise<void>) => async () => {
      leave(server);
      running.delete(server);
      await end();
    };
    const server: PlaneServer = { ...own, name, kill: gone(own.kill), stop: own.stop };
    running.add(server);
    for (const each of balancers) each.ports.push(portOf(server));
    return server;
  };
  try {
    // All at once: one of them makes the plane, and the others join it.
    const servers = await Promise.all(names.map((name) => start(name)));
    const { token } = servers[0]!;
    return {
      plane: {
        balancer,
        published,
        database,
        client: new PlaneClient({ url: balancer.url, token }),
        token,
        folder,
        start,
        leave,
        async remove() {
          await Promise.all([...running].map((server) => server.kill()));
          await Promise.all([...balancers.map((each) => each.stop()), s3.stop(), database.remove()]);
          rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
        },
      },
      servers,
    };
  } catch (error) {
    for (const server of running) await server.kill();
    await Promise.all([...balancers.map((each) => each.stop()), s3.stop(), database.remove()]);
    throw error;
  }
}
