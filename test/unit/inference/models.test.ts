import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger.ts';
import type { Timers } from '../../../src/base/timers.ts';
import type { LocalModel } from '../../../src/catalog/localModel.ts';
import type { ChatRequest, Piece } from '../../../src/inference/chat.ts';
import { type Device, onProcessor } from '../../../src/inference/install/engineDevice.ts';
import { enginePlan } from '../../../src/inference/install/installEngine.ts';
import { Models } from '../../../src/inference/models.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const never = new AbortController().signal;
const lock = { engine: 'fake', version: '1', packages: [], natives: { 'linux-x64': { path: '', name: '', version: '' } } };

const asked = (text: string): ChatRequest => ({
  messages: [{ role: 'user', text }],
  sampling: { temperature: 0, topP: 1, topK: 0, minP: 0, frequencyPenalty: 0, presencePenalty: 0 },
  stop: [],
});

/** A model whose file is never read here: what the engine makes of it is in `fakeEngine.mjs`. */
const modelNamed = (name: string, weightBytes = 1e6): LocalModel => ({
  name,
  place: { kind: 'folder', label: 'here', folder: '/models' },
  files: [`/models/${name}`],
  bytes: weightBytes,
  facts: {
    format: 'gguf',
    architecture: 'llama',
    parameters: 1,
    quantization: 'F16',
    weightBytes,
    contextLength: 2048,
    cacheBytesPerToken: 1000,
    hasChatTemplate: true,
    isAdapter: false,
  },
});

describe('models in processes of their own', () => {
  let folder: string;
  let models: Models;
  let found: LocalModel[];
  let available: () => number;
  /** What waits for a time to come. */
  let waiting: { at: number; callback: () => void }[];
  let now: number;
  /** The GPU that is tried before the processor. */
  let first: Device | undefined;
  let givenUp: Device[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-models-'));
    [first, givenUp] = [undefined, []];
    [found, available, waiting, now] = [[modelNamed('a'), modelNamed('b')], () => 8e9, [], 0];
    const plan = enginePlan(lock, onProcessor(Object.keys(lock.natives), 'linux', 'x64'), folder);
    const engine = path.join(plan.folder, 'node_modules/node-llama-cpp/dist');
    mkdirSync(engine, { recursive: true });
    copyFileSync(path.join(root, 'test/fixtures/engine/fakeEngine.mjs'), path.join(engine, 'index.js'));
    copyFileSync(path.join(root, 'package.json'), path.join(plan.folder, 'node_modules/node-llama-cpp/package.json'));
    const timers: Timers = {
      now: () => now,
      after(ms, callback) {
        const entry = { at: now + ms, callback };
        waiting.push(entry);
        return { dispose: () => void waiting.splice(waiting.indexOf(entry), 1) };
      },
    };
    models = new Models({
      find: async () => found,
      read: async (file) => modelNamed(file),
      machine: async () => ({ memory: 16e9, available: available() }),
      plan: async (_format, tried = []) => ({
        ...plan,
        device: first && !tried.includes(first) && !givenUp.includes(first) ? first : 'cpu',
      }),
      giveUp: (devices) => void givenUp.push(...devices),
      installing: () => assert.fail('the engine is there'),
      program: path.join(root, 'src/inference/worker/main.ts'),
      environment: process.env,
      threads: 1,
      timers,
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await models.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const chat = (name: string, text: string, signal = never, onPiece: (piece: Piece) => void = () => {}) =>
    models.withModel(name, (model) => model.chat(asked(text), 'me', onPiece, signal));

  it('answer, and stay loaded for the next request', async () => {
    const pieces: Piece[] = [];
    const { finish } = await chat('a', 'hello', never, (piece) => pieces.push(piece));
    assert.deepEqual([pieces, finish], [[{ text: 'hello' }], 'stop']);
    const pid = await models.withModel('a', async (model) => model.pid);
    assert.equal(await models.withModel('a', async (model) => model.pid), pid);
    assert.deepEqual(models.loaded, ['a']);
  });

  it('fail the request in which they crash, and nothing else: the next one starts them again', async () => {
    await chat('a', 'hello');
    const other = new AbortController();
    const begun = Promise.withResolvers<void>();
    const inB = chat('b', 'wait', other.signal, () => begun.resolve());
    await begun.promise;
    await assert.rejects(chat('a', 'crash'), /The process that has the model was ended by SIGABRT/);
    await chat('a', 'hello again');
    assert.deepEqual(models.loaded.sort(), ['a', 'b']);
    other.abort(new Error('enough'));
    await assert.rejects(inB, /enough/);
  });

  it('fail what is under way when their process is killed', async () => {
    const begun = Promise.withResolvers<void>();
    const answer = chat('a', 'wait', never, () => begun.resolve());
    await begun.promise;
    process.kill(await models.withModel('a', async (model) => model.pid), 'SIGKILL');
    await assert.rejects(answer, /was ended by SIGKILL/);
    await chat('a', 'hello');
  });

  for (const [device, how] of [
    ['cuda', 'whose code ends the process'],
    ['vulkan', 'that the engine does not work with'],
  ] as const)
    it(`are computed on the processor instead of on a GPU ${how}, which is not tried again`, async () => {
      first = device;
      await chat('a', 'hello');
      await chat('b', 'hello');
      const on = await models.withModel('b', async (model) => model.loaded.device);
      assert.deepEqual([givenUp, on], [[device], 'cpu']);
    });

  it('that are damaged on every device are no reason to give up a GPU', async () => {
    first = 'cuda';
    found = [modelNamed('crashing')];
    await assert.rejects(chat('crashing', 'hello'), /was ended by SIGABRT/);
    assert.deepEqual(givenUp, []);
  });

  it('free their seat when a request is given up: as many as there are seats, and one more', async () => {
    for (let round = 0; round < 2; round++) {
      const stop = new AbortController();
      let begun = 0;
      const all = Promise.withResolvers<void>();
      const answers = Array.from({ length: 4 }, () => chat('a', 'wait', stop.signal, () => ++begun === 4 && all.resolve()));
      await all.promise;
      const behind = chat('a', 'hello');
      stop.abort(new Error('gone'));
      for (const answer of answers) await assert.rejects(answer, /gone/);
      assert.equal((await behind).finish, 'stop');
    }
  });

  it('are unloaded when nobody has asked for some time', async () => {
    await chat('a', 'hello');
    assert.deepEqual(
      waiting.map(({ at }) => at),
      [600_000],
    );
    now = 1000;
    let ended: Promise<void> | undefined;
    await models.withModel('a', async (model) => {
      assert.deepEqual(waiting, [], 'while somebody uses it nothing is planned');
      ended = model.ended;
    });
    assert.equal(waiting[0]!.at, 601_000);
    waiting[0]!.callback();
    await ended;
    assert.deepEqual(models.loaded, []);
  });

  it('make room for one that does not fit beside them, the longest unused first', async () => {
    found = [modelNamed('a', 1e9), modelNamed('b', 1e9), modelNamed('c', 1e9)];
    await chat('a', 'hello');
    now = 1;
    await chat('b', 'hello');
    // With two in memory there is no room for a third; each that goes gives its own back.
    available = () => 0.5e9 + (2 - models.loaded.filter((each) => each !== 'c').length) * 1e9;
    await chat('c', 'hello');
    assert.deepEqual(models.loaded.sort(), ['b', 'c']);
  });

  it('say why they do not load', async () => {
    found = [modelNamed('unloadable'), modelNamed('crashing'), modelNamed('huge', 50e9)];
    await assert.rejects(chat('unloadable', 'hello'), /The model was not loaded: this file has tensors of an unknown type/);
    await assert.rejects(chat('crashing', 'hello'), /ended by SIGABRT/);
    await assert.rejects(chat('huge', 'hello'), /huge does not run here\. It needs 50 GB of memory, and this machine has 16 GB/);
    await assert.rejects(chat('none', 'hello'), /There is no model "none" on this machine/);
    assert.deepEqual(models.loaded, []);
  });

  it('tell what the engine says of a request that it can not answer, and go on', async () => {
    await assert.rejects(chat('a', 'fail'), /The model did not answer: no more room in the cache/);
    await assert.rejects(chat('a', 'x'.repeat(9000)), /The prompt has 90\d\d tokens, and the model has a context of 2048 here/);
    assert.equal((await chat('a', 'hello')).finish, 'stop');
  });
});
