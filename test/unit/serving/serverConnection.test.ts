import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'mocha';
import { ServerConnection, ServerGone } from '../../../src/serving/serverConnection.ts';

describe('a connection to a server', () => {
  let server: Server;
  let connection: ServerConnection;
  afterEach(() => {
    connection.dispose();
    server.close();
    server.closeAllConnections();
  });

  async function serve(listener: RequestListener): Promise<void> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = new ServerConnection((server.address() as AddressInfo).port, 'secret');
  }
  const ask = (signal?: AbortSignal) =>
    connection.send({ method: 'POST', path: '/score', headers: { 'x-own': 'yes' }, body: Buffer.from('asked'), name: 'one' }, signal);

  it('shows the secret and the name of the request, and brings the whole answer', async () => {
    await serve((request, response) => {
      const { 'x-updraft-secret': secret, 'x-updraft-request': name, 'x-own': own } = request.headers;
      response.end(`${secret} ${name} ${own}`);
    });
    const { status, body } = await ask();
    assert.deepEqual([status, String(body)], [200, 'secret one yes']);
  });

  it('hands on what comes without a length as it comes', async () => {
    let next = () => {};
    await serve((_request, response) => {
      response.write('first');
      next = () => response.end('last');
    });
    const { body, over } = await ask();
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'first');
    next();
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'last');
    assert.ok((await reader.read()).done);
    await over;
  });

  it('tells a server that has gone in the middle from one that has never seen the request', async () => {
    await serve((request) => request.socket.destroy());
    await assert.rejects(ask(), (error) => error instanceof ServerGone && !error.isUnsent);
    server.close();
    await once(server, 'close');
    await assert.rejects(ask(), (error) => error instanceof ServerGone && error.isUnsent);
  });

  it('knows a server that is well', async () => {
    let status = 200;
    await serve((_request, response) => {
      response.statusCode = status;
      response.end();
    });
    assert.equal(await connection.isWell(5000), true);
    status = 401;
    assert.equal(await connection.isWell(5000), false);
  });
});
