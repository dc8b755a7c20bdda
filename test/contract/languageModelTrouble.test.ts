import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { eventsOf } from '../../src/client/chatStream.ts';
import { onProcessor } from '../../src/inference/install/engineDevice.ts';
import { enginePlan } from '../../src/inference/install/installEngine.ts';
import lock from '../../src/inference/install/llamaPackages.json' with { type: 'json' };
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';

const tiny = path.resolve(root, '../shared/corpora/tiny-lm/tiny-colours-f32.gguf');

/** With an engine that crashes and waits when it is told to (`fakeEngine.mjs`). */
describe('requests to a language model, in trouble', () => {
  let plane: TestPlane;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-trouble-'));
    const { folder: engine } = enginePlan(lock, onProcessor(Object.keys(lock.natives)), path.join(folder, 'cache', 'engines'));
    const program = path.join(engine, 'node_modules/node-llama-cpp/dist');
    mkdirSync(program, { recursive: true });
    mkdirSync(path.join(folder, 'models'));
    copyFileSync(path.join(root, 'test/fixtures/engine/fakeEngine.mjs'), path.join(program, 'index.js'));
    copyFileSync(path.join(root, 'package.json'), path.join(program, 'package.json'));
    copyFileSync(tiny, path.join(folder, 'models/tiny.gguf'));
    plane = await startPlane({}, path.join(folder, 'data'), {
      ...(process.env as Record<string, string>),
      UPDRAFT_CACHE: path.join(folder, 'cache'),
      UPDRAFT_MODEL_FOLDERS: path.join(folder, 'models'),
    });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (prompt: string, { signal, ...body }: Record<string, unknown> = {}) =>
    fetch(`${plane.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: prompt }], ...body }),
      ...(signal ? { signal: signal as AbortSignal } : {}),
    });
  const errorOf = async (response: Response) =>
    [response.status, ((await response.json()) as { error: { type: string; message: string } }).error] as const;

  it('a crash of the model is a 502 in the shape of OpenAI, and the next request is answered', async () => {
    const [status, { type, message }] = await errorOf(await ask('crash'));
    assert.deepEqual([status, type], [502, 'server_error']);
    assert.match(message, /The process that has the model was ended by SIGABRT/);
    assert.equal((await ask('hello')).status, 200);
  });

  it('a model that fails after its first words says so in the stream', async () => {
    const response = await ask('wait', { stream: true });
    const events = eventsOf(response);
    const seen = [await events.next(), await events.next()].map(({ value }) => JSON.parse(value!).choices[0].delta);
    assert.deepEqual(seen, [{ role: 'assistant', content: '' }, { content: 'one piece' }]);
    assert.equal((await ask('crash')).status, 502);
    const { error } = JSON.parse((await events.next()).value!) as { error: { message: string } };
    assert.match(error.message, /ended by SIGABRT/);
    assert.equal((await events.next()).value, '[DONE]');
  });

  for (const stream of [true, false])
    it(`a client that hangs up frees its place, ${stream ? 'streamed' : 'in one piece'}`, async () => {
      // As many as are answered at a time, and then one more.
      const stop = new AbortController();
      const waiting = Array.from({ length: 4 }, () => ask('wait', { stream, signal: stop.signal }));
      if (stream) await Promise.all(waiting);
      const behind = ask('hello');
      stop.abort();
      await Promise.allSettled(waiting);
      const response = await behind;
      assert.equal(response.status, 200);
      assert.equal(((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]!.message.content, 'hello');
    });

  it('a body that is too long, or no JSON, is refused before it is kept', async () => {
    const chunk = new Uint8Array(1 << 20).fill(32);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.length;
        controller.enqueue(chunk);
        if (sent >= 1e9) controller.close();
      },
    });
    const response = await fetch(`${plane.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}` },
      body: endless,
      duplex: 'half',
    } as RequestInit).catch(() => undefined);
    // Whether the client still hears the answer, or only that nobody reads on, is up to the network.
    if (response) assert.equal(response.status, 400);
    assert.ok(sent < 200e6, `${sent} bytes were taken`);
    const [status, { message }] = await errorOf(
      await fetch(`${plane.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${plane.token}` },
        body: '{"model":',
      }),
    );
    assert.equal(status, 400);
    assert.match(message, /The body is not valid JSON/);
  });

  it('a job may ask a model by name, and names no file', async () => {
    const environmentId = await shellEnvironment(plane.client);
    const script = `for (const model of ["tiny", ${JSON.stringify(tiny)}]) fetch(process.env.MLFLOW_TRACKING_URI + "/v1/chat/completions", { method: "POST",
      headers: { authorization: "Bearer " + process.env.MLFLOW_TRACKING_TOKEN }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }) })
      .then(({ status }) => console.log(model, status));`;
    await plane.client.putJob('asks', { jobType: 'Command', environmentId, command: `"${process.execPath}" -e '${script}'` });
    await jobWhen(plane.client, 'asks');
    assert.deepEqual((await logOf(plane.client, 'asks')).match(/\S+ \d{3}$/gm)?.sort(), [`${tiny} 403`, 'tiny 200'].sort());
  });
});
