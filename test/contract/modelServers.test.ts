import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'mocha';
import { eventsOf } from '../../src/client/chatStream.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** A server as Ollama is one: real HTTP on the loopback address. */
describe('servers with the API of OpenAI that run already', () => {
  let server: Server;
  let url: string;
  let plane: TestPlane;
  let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  let seen: { url: string; authorization: string | undefined; body: Record<string, unknown> | undefined }[];
  let closed: Promise<void>;

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text) => (body += text));
      request.on('end', () => {
        seen.push({ url: request.url!, authorization: request.headers.authorization, body: body ? JSON.parse(body) : undefined });
        if (request.method === 'GET') response.end(JSON.stringify({ object: 'list', data: [{ id: 'llama3.2:1b' }, { id: 7 }, null] }));
        else answer(request, response, body);
      });
      closed = new Promise((resolve) => response.once('close', resolve));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    plane = await startPlane({}, undefined, { ...(process.env as Record<string, string>), OLLAMA_HOST: url });
  });
  beforeEach(() => {
    seen = [];
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"from":"the server"}');
  });
  after(async () => {
    await plane.remove();
    server.closeAllConnections();
    server.close();
  });

  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${plane.url}/v1${path}`, { ...init, headers: { authorization: `Bearer ${plane.token}` } });
  const ask = (model: string, rest: object = {}, signal?: AbortSignal) =>
    send('/chat/completions', { method: 'POST', body: JSON.stringify({ model, ...rest }), ...(signal ? { signal } : {}) });

  it('are found, and their models stand in the list under their name', async () => {
    const { data } = (await (await send('/models')).json()) as { data: { id: string; owned_by: string }[] };
    assert.deepEqual(
      data.filter(({ owned_by }) => owned_by === 'Ollama').map(({ id }) => id),
      ['ollama/llama3.2:1b'],
    );
    assert.equal((await send('/models/ollama/llama3.2:1b')).status, 200);
  });

  it('get a request as it was asked, under their own name of the model, and never our token', async () => {
    const response = await ask('ollama/llama3.2:1b', { n: 3, something: 'of its own' });
    assert.deepEqual([response.status, await response.json()], [200, { from: 'the server' }]);
    const { url, authorization, body } = seen.at(-1)!;
    assert.deepEqual([url, authorization], ['/v1/chat/completions', undefined]);
    assert.deepEqual(body, { model: 'llama3.2:1b', n: 3, something: 'of its own' });
  });

  it('stream through, and are told when the client hangs up', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"piece":1}\n\n');
    };
    const stop = new AbortController();
    const events = eventsOf(await ask('ollama/llama3.2:1b', { stream: true }, stop.signal));
    assert.equal((await events.next()).value, '{"piece":1}');
    stop.abort();
    await closed;
  });

  it('are believed nothing: no redirect is followed, no page is passed on, and their refusal is none of ours', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    const redirected = await ask('ollama/llama3.2:1b');
    assert.equal(redirected.status, 502);
    assert.match(await redirected.text(), /Ollama at .* does not answer/);
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<script>');
    const page = await ask('ollama/llama3.2:1b');
    assert.deepEqual([page.headers.get('content-type'), page.headers.get('set-cookie')], ['text/plain', null]);
    answer = (_request, response) => response.writeHead(401).end('{}');
    assert.equal((await ask('ollama/llama3.2:1b')).status, 502);
    answer = (_request, response) => response.destroy();
    assert.equal((await ask('ollama/llama3.2:1b')).status, 502);
  });

  it('are connections of the workspace, too, opened with their own key', async () => {
    await plane.client.putResource(['connections', 'team'], {
      properties: { category: 'ApiKey', authType: 'ApiKey', target: `${url}/v1/`, credentials: { key: 'secret' } },
    });
    const { data } = (await (await send('/models')).json()) as { data: { id: string }[] };
    assert.ok(data.some(({ id }) => id === 'team/llama3.2:1b'));
    assert.equal((await ask('team/llama3.2:1b')).status, 200);
    assert.deepEqual(
      seen.flatMap(({ authorization }) => authorization ?? []),
      ['Bearer secret', 'Bearer secret'],
    );
  });

  it('that do not have a model leave it to ours', async () => {
    assert.match(
      await (await ask('ollama/none', { messages: [{ role: 'user', content: 'x' }] })).text(),
      /There is no model \\"ollama\/none\\"/,
    );
  });
});
