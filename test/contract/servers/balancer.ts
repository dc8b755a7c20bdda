import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A load balancer as simple as one can be: each request goes to the next server. One that takes no connection gets none; an answer that breaks off breaks off for the client, too. */
export class Balancer {
  /** Ports of the servers. */
  readonly ports: number[] = [];
  private readonly server: Server;
  private turn = 0;

  private constructor() {
    this.server = createServer((request, response) => this.pass(request, response, this.ports.length));
  }

  static async start(): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.server.listen(0, '127.0.0.1');
    await once(balancer.server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
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
