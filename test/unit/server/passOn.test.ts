import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, json, text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger.ts';
import { PassOn } from '../../../src/server/duties/passOn.ts';
import type { Leases } from '../../../src/store/leases.ts';

const times = { patienceMs: 400, connectMs: 300, lookMs: 50, againMs: 20 };

describe('a request that is for the server with the duties', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A server that passes everything on to whom `addressOf` names. */
  function passing(addressOf: () => string | undefined, isHere = () => false): Promise<string> {
    const leases = { addressOf: async () => addressOf() } as Partial<Leases> as Leases;
    const passOn = new PassOn({
      leases,
      ownAddress: 'http://127.0.0.1:1',
      publicUrl: 'https://public.test',
      isHere,
      logger: silentLogger,
      times,
    });
    const app = new Hono().all('*', async (c) => (await passOn.answer(c)) ?? c.text('answered here'));
    return listening(getRequestListener(app.fetch));
  }

  it('comes there as the client has sent it, and is answered as it was there', async () => {
    const other = await listening(async (asked, response) => {
      const { authorization, host, cookie, 'x-forwarded-for': from, 'x-updraft-passed-on': mark } = asked.headers;
      const seen = { method: asked.method, url: asked.url, authorization, host, cookie, from, mark, body: await text(asked) };
      response.writeHead(424, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'], 'azureml-model-deployment': 'blue' });
      response.end(JSON.stringify(seen));
    });
    const url = await passing(() => other);
    const asked = request(`${url}/endpoints/scores/score?a=b%20c`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer key',
        host: 'public.test',
        cookie: 'session=x',
        'transfer-encoding': 'chunked',
        connection: 'close',
      },
    });
    asked.end('größe');
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    assert.equal(answer.statusCode, 424);
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(answer.headers['azureml-model-deployment'], 'blue');
    assert.deepEqual(await json(answer), {
      method: 'POST',
      url: '/endpoints/scores/score?a=b%20c',
      authorization: 'Bearer key',
      host: 'public.test',
      cookie: 'session=x',
      from: '127.0.0.1',
      mark: '1',
      body: 'größe',
    });
    // A proxy in front has said where the client is.
    const forwarded: any = await (await fetch(url, { headers: { 'x-forwarded-for': '9.9.9.9' } })).json();
    assert.equal(forwarded.from, '9.9.9.9');
  });

  it('streams both ways, and is cut at one end when it is at the other', async () => {
    let hungUp = () => {};
    const gone = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    let cut = () => {};
    const other = await listening((asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      // Each piece is answered as it comes.
      asked.on('data', (piece) => response.write(piece));
      response.on('close', hungUp);
      cut = () => response.destroy();
    });
    const url = await passing(() => other);
    const open = async () => {
      const asked = request(url, { method: 'POST', agent: false });
      asked.on('error', () => {});
      asked.write('one');
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      assert.equal(String((await once(answer, 'data'))[0]), 'one');
      asked.write('two');
      assert.equal(String((await once(answer, 'data'))[0]), 'two');
      return { asked, answer };
    };
    const first = await open();
    first.asked.destroy();
    await gone;
    const { answer } = await open();
    const broken = assert.rejects(buffer(answer), /aborted/);
    cut();
    await broken;
  });

  it('goes to the next one that has the duties where the first takes no connection', async () => {
    const other = await listening((_asked, response) => response.end('there'));
    const addresses = ['http://127.0.0.1:9', undefined, 'http://127.0.0.1:1', other];
    const url = await passing(() => (addresses.length > 1 ? addresses.shift() : addresses[0]));
    assert.equal(await (await fetch(url, { method: 'POST', body: 'x' })).text(), 'there');
  });

  it('is answered here once this server has them', async () => {
    let looks = 0;
    const url = await passing(
      () => {
        looks++;
        return undefined;
      },
      () => looks > 2,
    );
    assert.equal(await (await fetch(url)).text(), 'answered here');
  });

  it('is answered with what is wrong: nobody has them, they have just moved, or the server went away', async () => {
    const refusal = async (asked: Promise<Response>) => {
      const answer = await asked;
      const { error } = (await answer.json()) as any;
      return `${answer.status} ${error.code}: ${error.message}`;
    };
    const alone = await passing(() => undefined);
    assert.match(await refusal(fetch(alone)), /^503 ServiceUnavailable: .* does not answer, and no other has taken over yet\.$/);
    assert.match(await refusal(fetch(alone, { headers: { 'x-updraft-passed-on': '1' } })), /^503 ServiceUnavailable: .*just begun/);
    const dying = await listening((asked) => asked.once('data', () => asked.destroy()));
    const url = await passing(() => dying);
    assert.match(await refusal(fetch(url, { method: 'POST', body: 'x' })), /^502 BadGateway: .*went away before it answered/);
  });

  it('does not wait for a server that sleeps when another has taken over', async () => {
    let holder: string | undefined;
    let asleep = () => {};
    const slept = new Promise<void>((resolve) => {
      asleep = resolve;
    });
    const other = await listening(() => asleep());
    const url = await passing(() => holder ?? other);
    const asked = fetch(url, { method: 'POST', body: 'x' });
    await slept;
    holder = 'http://127.0.0.1:9';
    assert.equal((await asked).status, 502);
  });
});
