import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import type { Http } from '../../src/client/http.ts';
import {
  cancelDownload,
  findModel,
  forgetDownload,
  getModel,
  localModels,
  measureModel,
  removeModel,
  searchModels,
} from '../../src/client/localModels.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import type { LocalModels } from '../../src/protocol/localModels.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { hubCommit, hubLicense, hubPath, startHub } from './modelHub.ts';
import type { ModelServer } from './modelServer.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { startPlaneProcess } from './planeProcess.ts';

const llama = { 'general.architecture': 'llama', 'llama.context_length': 2048 };
const small = ggufFile(llama);
/** A model of 12 MB, which is got in several requests. */
const large = Buffer.concat([
  ggufFile(llama, [{ name: 'a', shape: [1024, 3000], type: 0 }]).subarray(0, -1024 * 3000 * 4),
  randomBytes(1024 * 3000 * 4),
]);
const chat = 'hf:org/chat/small.gguf';
const slow = 'hf:org/chat/large.gguf';
const tiny = path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm');

describe('models in files of the machine, over the plane', () => {
  let home: string;
  let hub: ModelServer;
  let plane: TestPlane | undefined;
  const environment = () => ({
    ...(process.env as Record<string, string>),
    HOME: home,
    USERPROFILE: home,
    HF_HOME: path.join(home, 'hf'),
    HF_ENDPOINT: hub.url,
    HF_TOKEN: '',
    UPDRAFT_CACHE: path.join(home, 'cache'),
    UPDRAFT_MODEL_FOLDERS: path.join(home, 'mine'),
  });
  const start = async () => {
    plane = await startPlane({}, path.join(home, 'data'), environment());
    return plane.client.http;
  };
  const look = async (http: Http, model: string, token?: string) => {
    const answer = await findModel(http, model, token);
    assert.ok('name' in answer, JSON.stringify(answer));
    return answer;
  };
  const accepted = async (client: PlaneClient, model: string) => ({
    model,
    acceptedLicense: (await look(client.http, model)).license!.key,
  });

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-models-'));
    mkdirSync(path.join(home, 'mine'));
    hub = await startHub({ 'small.gguf': small, 'large.gguf': large });
  });
  afterEach(async () => {
    await plane?.stop();
    plane = undefined;
    hub.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('lists what is there with whether it fits, what can be got, and what a search finds', async () => {
    copyFileSync(path.join(tiny, 'tiny-colours-f32.gguf'), path.join(home, 'mine', 'tiny.gguf'));
    const http = await start();
    const { models, toGet, downloads, machine } = await localModels(http);
    const model = models.find(({ name }) => name === 'tiny.gguf')!;
    assert.deepEqual(
      [model.fit.runs, model.format, model.isOwn, model.isMeasuring, downloads, machine.memory > 0],
      [true, 'gguf', false, false, [], true],
    );
    assert.ok(toGet.some(({ name, fit }) => name === 'smollm2-135m-instruct' && fit.runs !== undefined));
    assert.deepEqual(await searchModels(http, 'chat'), [{ model: 'hf:org/chat', downloads: 1234, license: 'mit', isGated: false }]);
    const answer = await findModel(http, 'hf:org/chat');
    assert.ok('choices' in answer);
    assert.deepEqual(
      answer.choices.map(({ model: asked, name, bytes, fit }) => [asked, name, bytes, fit?.runs]),
      [
        [`hf:org/chat/small.gguf@${hubCommit}`, 'small.gguf', small.length, true],
        [`hf:org/chat/large.gguf@${hubCommit}`, 'large.gguf', large.length, true],
      ],
    );
    hub.close();
    await assert.rejects(searchModels(http, 'chat'), /can't be reached/);
  });

  it('gets a model after its licence was accepted, tells of it by the feed alone, and removes it', async () => {
    const http = await start();
    const found = await look(http, chat);
    assert.deepEqual(
      [found.name, found.bytes, found.license?.text, found.license?.isAccepted],
      ['org/chat/small.gguf', small.length, hubLicense, false],
    );
    await assert.rejects(
      getModel(http, { model: chat }),
      /licence of org\/chat\/small\.gguf, tuesday, was not accepted: nothing was downloaded/,
    );
    await assert.rejects(getModel(http, { model: chat, acceptedLicense: 'another' }), /was not accepted/);
    assert.equal(
      hub.asked.some((each) => each.path.endsWith('.gguf')),
      false,
    );
    const changes: string[] = [];
    const there = listWhen(
      plane!.client,
      ({ models }) => models.some(({ name }) => name === found.name),
      (change) => changes.push(change),
    );
    assert.equal((await getModel(http, { model: chat, acceptedLicense: found.license!.key })).status, 'Running');
    const { models, downloads } = await there;
    const model = models.find(({ name }) => name === found.name)!;
    assert.deepEqual([model.isOwn, model.license, model.source, downloads], [true, 'tuesday', found.source, []]);
    assert.ok(changes.includes(`put ${found.name}`), String(changes));
    assert.equal((await look(http, chat)).license!.isAccepted, true);
    const gone = listWhen(
      plane!.client,
      (list) => !list.models.some(({ name }) => name === found.name),
      (change) => changes.push(change),
    );
    assert.ok((await removeModel(http, found.name)) > small.length);
    await gone;
    assert.equal(changes.at(-1), `delete ${found.name}`);
    await assert.rejects(removeModel(http, found.name), /There is no model/);
  });

  it('shows how far a download is, cancels it, goes on with what has come, and throws the rest away', async () => {
    hub.files.set(hubPath('large.gguf'), { bytes: large, stallAfter: 5_000_000 });
    const http = await start();
    const request = await accepted(plane!.client, slow);
    const begun = listWhen(plane!.client, ({ downloads }) => (downloads[0]?.done ?? 0) > 4_000_000);
    const [first, second] = await Promise.all([getModel(http, request), getModel(http, request)]);
    assert.equal(first.name, second.name);
    const [download] = (await begun).downloads;
    assert.deepEqual([download!.status, download!.total], ['Running', large.length]);
    await cancelDownload(http, first.name);
    const [canceled] = (await localModels(http)).downloads;
    assert.deepEqual([canceled!.status, canceled!.asked], ['Canceled', slow]);
    hub.files.set(hubPath('large.gguf'), { bytes: large });
    const before = hub.asked.length;
    const whole = listWhen(plane!.client, ({ models, downloads }) => models.length === 1 && downloads.length === 0);
    await getModel(http, request);
    await whole;
    const again = hub.asked.slice(before).filter(({ path: asked }) => asked === hubPath('large.gguf'));
    assert.ok(
      again.every(({ range }) => Number(/\d+/.exec(range ?? '0')![0]) >= 4_000_000),
      JSON.stringify(again),
    );
    await removeModel(http, first.name);

    hub.files.set(hubPath('large.gguf'), { bytes: large, stallAfter: 5_000_000 });
    const stalled = listWhen(plane!.client, ({ downloads }) => (downloads[0]?.done ?? 0) > 4_000_000);
    await getModel(http, request);
    await stalled;
    await cancelDownload(http, first.name);
    assert.ok((await forgetDownload(http, first.name)) > 4_000_000);
    assert.deepEqual((await localModels(http)).downloads, []);
    assert.equal(existsSync(path.join(home, 'cache', 'models', 'org--chat--large.gguf')), false);
  });

  it('says why a download failed, in the words of whoever knows', async () => {
    hub.files.set(hubPath('small.gguf'), { bytes: Buffer.concat([small.subarray(0, -1), Buffer.from('x')]) });
    const http = await start();
    const failed = listWhen(plane!.client, ({ downloads }) => downloads[0]?.status === 'Failed');
    await getModel(http, await accepted(plane!.client, chat));
    assert.match((await failed).downloads[0]!.error!, /has the hash .* was announced\. It was thrown away\./);
    // A repository may announce more than any disk has.
    hub.json.set('/api/models/org/huge/revision/main', {
      sha: hubCommit,
      siblings: [{ rfilename: 'huge.gguf', size: 9e15, lfs: { sha256: 'e'.repeat(64), size: 9e15 } }],
    });
    const huge = await look(http, 'hf:org/huge');
    assert.match(huge.diskProblem!, /^The disk has no room for it: .* are free\.$/);
    assert.match(huge.fit!, /^It will not run here/);
    await assert.rejects(findModel(http, '/etc/model.gguf'), /is no address of a model/);
    await assert.rejects(findModel(http, 'smollm2-135m-instrukt'), /no model "smollm2-135m-instrukt" in the list/);
  });

  it('keeps what came when the disk is full in the middle of a download, and goes on once there is room', async function () {
    // A file that the system lets nobody write into, as if the disk were full.
    if (process.platform !== 'linux') return this.skip();
    const folder = path.join(home, 'cache', 'models', 'org--chat--large.gguf');
    const part = path.join(folder, `.${createHash('sha256').update('large.gguf').digest('hex').slice(0, 16)}.part`);
    mkdirSync(folder, { recursive: true });
    symlinkSync('/dev/full', part);
    const http = await start();
    const request = await accepted(plane!.client, slow);
    const failed = listWhen(plane!.client, ({ downloads }) => downloads[0]?.status === 'Failed');
    await getModel(http, request);
    const { models, downloads } = await failed;
    assert.match(downloads[0]!.error!, /is full: 12 MB more are needed for large\.gguf\./);
    assert.match(downloads[0]!.hint!, /^Free some space/);
    assert.deepEqual(models, []);
    rmSync(part);
    const whole = listWhen(plane!.client, (list) => list.models.length === 1 && list.downloads.length === 0);
    await getModel(http, request);
    await whole;
  });

  it('follows no redirect into a private network, and has nothing of what lies there', async () => {
    const away = (to: string) => (_request: unknown, response: ServerResponse) => void response.writeHead(302, { location: to }).end();
    hub.files.delete(hubPath('small.gguf'));
    hub.json.set(hubPath('small.gguf'), away('http://10.0.0.1/small.gguf'));
    const http = await start();
    const failed = listWhen(plane!.client, ({ downloads }) => downloads[0]?.status === 'Failed');
    await getModel(http, await accepted(plane!.client, chat));
    const { models, downloads } = await failed;
    assert.match(downloads[0]!.error!, /leads to http:\/\/10\.0\.0\.1\/small\.gguf, which is in a private network: that is not followed/);
    assert.deepEqual(models, []);
    hub.json.set('/away.gguf', away('http://169.254.169.254/latest/meta-data'));
    await assert.rejects(findModel(http, `${hub.url}/away.gguf`), { code: 'Forbidden', message: /which is in a private network/ });
  });

  it('gives the hub the token of who asks, and keeps it nowhere', async () => {
    hub.json.set('/api/models/org/gated/revision/main', (_request: unknown, response: ServerResponse) => {
      response.writeHead(401, { 'x-error-code': 'GatedRepo', 'x-error-message': 'Access to model org/gated is restricted' }).end();
    });
    const http = await start();
    // 401 would say that the plane's own token is wrong.
    await assert.rejects(findModel(http, 'hf:org/gated'), { code: 'Forbidden', message: /Access to model org\/gated is restricted/ });
    const { license } = await look(http, chat, 'hf_secret_of_mine');
    const there = listWhen(plane!.client, ({ models }) => models.length === 1);
    await getModel(http, { model: chat, acceptedLicense: license!.key }, 'hf_secret_of_mine');
    await there;
    const files = hub.asked.filter(({ path: asked }) => asked === hubPath('small.gguf'));
    assert.deepEqual([...new Set(files.map(({ authorization }) => authorization))], ['Bearer hf_secret_of_mine']);
    await plane!.stop();
    for (const name of ['updraft.db', 'updraft.db-wal'].map((each) => path.join(home, 'data', each)).filter(existsSync))
      assert.equal(readFileSync(name).includes('hf_secret'), false, name);
    assert.equal(
      readFileSync(path.join(home, 'cache', 'models', 'org--chat--small.gguf', 'model.json'), 'utf8').includes('hf_secret'),
      false,
    );
  });

  it('shows a download whose plane was killed as interrupted, and goes on with it', async () => {
    hub.files.set(hubPath('large.gguf'), { bytes: large, stallAfter: 9_000_000 });
    const killed = await startPlaneProcess(path.join(home, 'data'), [], environment());
    try {
      const begun = listWhen(killed.client, ({ downloads }) => (downloads[0]?.done ?? 0) > 8_000_000);
      await getModel(killed.client.http, await accepted(killed.client, slow));
      await begun;
    } finally {
      await killed.kill();
    }
    hub.files.set(hubPath('large.gguf'), { bytes: large });
    const http = await start();
    const [download] = (await localModels(http)).downloads;
    assert.deepEqual([download!.status, download!.asked, download!.done > 8_000_000], ['Interrupted', slow, true]);
    const whole = listWhen(plane!.client, ({ models, downloads }) => models.length === 1 && downloads.length === 0);
    await getModel(http, { model: download!.asked });
    await whole;
  });
});

describe('the speed of a model on this machine', () => {
  it('is measured by a short load, kept, and shown for others as an estimate; what can’t be loaded says why', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-speed-'));
    copyFileSync(path.join(tiny, 'tiny-colours-f32.gguf'), path.join(home, 'tiny.gguf'));
    copyFileSync(path.join(tiny, 'tiny-colours-f32.gguf'), path.join(home, 'twin.gguf'));
    // Its header is that of a model, and nothing else of it is.
    writeFileSync(path.join(home, 'hollow.gguf'), small);
    const environment = { ...(process.env as Record<string, string>), UPDRAFT_MODEL_FOLDERS: home, HF_HOME: home };
    let plane = await startPlane({}, path.join(home, 'data'), environment);
    const named = (list: LocalModels, name: string) => list.models.find((each) => each.name === name)!;
    try {
      const { http } = plane.client;
      const measured = listWhen(plane.client, (list) => named(list, 'tiny.gguf').measured !== undefined);
      await measureModel(http, 'tiny.gguf');
      const list = await measured;
      const { speed, problem, loadMs } = named(list, 'tiny.gguf').measured!;
      assert.equal(problem, undefined);
      assert.ok(speed!.read > 0 && speed!.write! > 0 && loadMs! > 0, JSON.stringify(speed));
      assert.deepEqual([named(list, 'tiny.gguf').isMeasuring, named(list, 'tiny.gguf').estimate], [false, undefined]);
      assert.deepEqual(
        [named(list, 'twin.gguf').measured, Math.round(named(list, 'twin.gguf').estimate!.write!)],
        [undefined, Math.round(speed!.write!)],
      );
      const failed = listWhen(plane.client, (each) => named(each, 'hollow.gguf').measured !== undefined);
      await measureModel(http, 'hollow.gguf');
      assert.match(named(await failed, 'hollow.gguf').measured!.problem!, /The model was not loaded/);
      await assert.rejects(measureModel(http, 'nobody.gguf'), /There is no model "nobody\.gguf"/);
      await plane.stop();
      // At the same address, connections to the former plane would be used again.
      rmSync(path.join(home, 'data', 'port'));
      plane = await startPlane({}, path.join(home, 'data'), environment);
      assert.deepEqual(named(await localModels(plane.client.http), 'tiny.gguf').measured!.speed, speed);
    } finally {
      await plane.stop();
      rmSync(home, { recursive: true, force: true });
    }
  });
});

/** The list of models after the change that makes it so. */
async function listWhen(
  client: PlaneClient,
  isSo: (list: LocalModels) => boolean,
  onChange: (change: string) => void = () => {},
): Promise<LocalModels> {
  const changes = new ChangeStream(client.http, { kinds: ['localModel'] });
  try {
    return await new Promise<LocalModels>((resolve, reject) => {
      const look = () => localModels(client.http).then((list) => isSo(list) && resolve(list), reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange(({ op, id }) => {
        onChange(`${op} ${id}`);
        return look();
      });
    });
  } finally {
    changes.dispose();
  }
}
