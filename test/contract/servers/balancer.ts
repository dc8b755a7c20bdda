import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * A load balancer as simple as one can be: each request goes to the next server. One that takes no connection gets none; an answer that breaks off breaks off for the client, too. With a certificate
 * for `localhost` it ends TLS, as a team's does.
 */
export class Balancer {
  /** Ports of the servers. */
  readonly ports: number[] = [];
  private readonly server: Server;
  private readonly isSecure: boolean;
  private turn = 0;

  private constructor(tls: { key: string; certificate: string } | undefined) {
    const listener = (request: IncomingMessage, response: ServerResponse) => this.pass(request, response, this.ports.length);
    this.isSecure = tls !== undefined;
    this.server = tls ? createSecureServer({ key: tls.key, cert: tls.certificate }, listener) : createServer(listener);
  }

  static async start(tls?: { key: string; certificate: string }): Promise<Balancer> {
    const balancer = new Balancer(tls);
    balancer.server.listen(0, '127.0.0.1');
    await once(balancer.server, 'listening');
    return balancer;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return this.isSecure ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  }

  remove(port: number): void {
    const at = this.ports.indexOf(port);
    if (at >= 0) this.ports.splice(at, 1);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private pass(request: IncomingMessage, response: ServerResponse, tries: number): void {
    const port = this.ports[this.turn++ % this.ports.length];
    if (port === undefined || tries <= 0) {
      response.writeHead(502).end();
      return;
    }
    const { method, url, headers } = request;
    const onward = ask({ host: '127.0.0.1', port, method, path: url, headers, agent: false });
    onward.once('socket', (socket) => socket.once('connect', () => request.pipe(onward)));
    onward.once('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return this.pass(request, response, tries - 1);
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { connection: 'close' }).end();
    });
    response.once('close', () => onward.destroy());
  }
}
