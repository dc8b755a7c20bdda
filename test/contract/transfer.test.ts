import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type S3Server, startS3Server } from '../../scripts/s3Server.ts';
import { UserError } from '../../src/base/userError.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { artifactContainer, blobContainer } from '../../src/protocol/asset.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import { mostFiles, type Piece, packBytes } from '../../src/protocol/transfer.ts';
import { copyFiles } from '../../src/sync/files/copyFiles.ts';
import { Journal } from '../../src/sync/folder/journal.ts';
import { push } from '../../src/sync/push.ts';
import { type BadNetwork, badNetwork } from './faults/badNetwork.ts';
import { seeded } from './faults/random.ts';
import { jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { startPlaneProcess } from './planeProcess.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { bundle, updraft } from './updraft.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const uncut = Number.MAX_SAFE_INTEGER;

/** Bytes that can't be made smaller, the same for the same seed. */
function noise(size: number, seed: number): Buffer {
  const random = seeded(seed);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return bytes;
}

/** A client that is told of each request before it is made. */
const watched = ({ url, token }: { url: string; token: string }, before: (path: string) => unknown) =>
  new PlaneClient({
    url,
    token,
    fetch: async (input, init) => {
      await before(new URL(input).pathname);
      return await fetch(input, init);
    },
  });

async function put(client: PlaneClient, files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) await client.writeBlob(blobContainer, name, bytes as BodyInit);
}

/** Paths and contents below a folder. */
async function below(client: PlaneClient, folder: string): Promise<[string, string][]> {
  const { entries } = await client.listBlobs(blobContainer, folder, { recursive: true });
  return Promise.all(
    entries.map(async (entry): Promise<[string, string]> => {
      const content = await (await client.readBlob(blobContainer, `${folder}/${entry.path}`)).arrayBuffer();
      return [entry.path, sha256(new Uint8Array(content))];
    }),
  );
}

const places: Record<string, { start?(): Promise<S3Server> }> = {
  'a folder': {},
  'a bucket of S3': { start: () => startS3Server() },
};

for (const [place, { start }] of Object.entries(places))
  describe(`files that are sent to a plane with its contents in ${place}`, () => {
    let here: TestPlane;
    let there: TestPlane;
    let server: S3Server | undefined;
    before(async function () {
      // The first run on a machine makes the server of S3.
      this.timeout(600_000);
      server = await start?.();
      const bucket = await server?.bucket('transfer');
      const environment = bucket && {
        ...(process.env as Record<string, string>),
        AWS_REGION: bucket.region,
        AWS_ACCESS_KEY_ID: bucket.accessKeyId,
        AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
      };
      [here, there] = await Promise.all([
        startPlane({ withRunner: false }),
        startPlane({ withRunner: false, ...(bucket ? { blobs: bucket.url } : {}) }, undefined, environment),
      ]);
    });
    after(async () => {
      await Promise.all([here.remove(), there.remove()]);
      await server?.stop();
    });
    const network = (mostBytes: number, seed = 1): Promise<BadNetwork> =>
      badNetwork({ port: Number(new URL(there.url).port), random: seeded(seed), mostBytes });
    const by = ({ url }: BadNetwork) => new PlaneClient({ url, token: there.token });

    it('travel many together, and not at all when they are there', async () => {
      const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`many/${index % 7}/${index}.txt`, `file ${index}`]));
      const large = noise(9_000_001, 1);
      await put(here.client, { ...files, 'many/empty': '', 'many/large.bin': large, 'many/twin.bin': large });
      const asked: string[] = [];
      const counted = [here, there].map((plane) => watched(plane, (to) => asked.push(to)));
      const [from, to] = [counted[0]!, counted[1]!];
      const sent = await copyFiles({ from, to }, blobContainer, 'many');
      assert.deepEqual(await below(there.client, 'many'), await below(here.client, 'many'));
      assert.equal(sent.files, 303);
      assert.equal(asked.filter((each) => each.endsWith('/packs')).length, 5);
      assert.ok(asked.length < 40, `${asked.length} requests: ${asked.join(' ')}`);
      asked.length = 0;
      assert.deepEqual(await copyFiles({ from, to }, blobContainer, 'many'), { files: 0, bytes: 0 });
      assert.equal(asked.length, 2);
      // The same contents under other names.
      for (const name of Object.keys(files)) await here.client.linkBlob(blobContainer, name.replace('many', 'again'), sha256(files[name]!));
      asked.length = 0;
      await copyFiles({ from, to }, blobContainer, 'again');
      assert.deepEqual(await below(there.client, 'again'), await below(here.client, 'again'));
      assert.deepEqual([...new Set(asked)].sort(), [`/updraft/blobs/${blobContainer}`, '/updraft/transfer/find']);
    });

    it('travel without what another version of them has', async () => {
      const before = noise(24_000_000, 2);
      const edited = Buffer.concat([before.subarray(0, 11_111_111), noise(1000, 3), before.subarray(11_111_111)]);
      await put(here.client, { 'v1/model.bin': before, 'v2/model.bin': edited });
      await copyFiles({ from: here.client, to: there.client }, blobContainer, 'v1');
      const line = await network(uncut);
      try {
        await copyFiles({ from: here.client, to: by(line) }, blobContainer, 'v2');
        assert.deepEqual(await below(there.client, 'v2'), [['model.bin', sha256(edited)]]);
        assert.ok(line.bytes.there + line.bytes.back < 300_000, JSON.stringify(line.bytes));
        // Cut off in the middle of all of it.
        const rough = await network(120_000, 4);
        const more = Buffer.concat([noise(5000, 5), edited.subarray(1000), edited.subarray(0, 3_000_000)]);
        await put(here.client, { 'v3/model.bin': more });
        await copyFiles({ from: here.client, to: by(rough) }, blobContainer, 'v3').finally(() => rough.close());
        assert.deepEqual(await below(there.client, 'v3'), [['model.bin', sha256(more)]]);
        assert.ok(rough.cuts > 0);
        assert.ok(rough.bytes.there + rough.bytes.back < 5_000_000, JSON.stringify(rough.bytes));
      } finally {
        line.close();
      }
    });

    it('arrive whole over a network that is cut at any byte, and nearly nothing of them twice', async () => {
      const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`cut/${index}.bin`, noise(20_000 + index, index)]));
      await put(here.client, { ...files, 'cut/large.bin': noise(12_000_000, 99) });
      const rough = await network(400_000, 7);
      try {
        const { bytes } = await copyFiles({ from: here.client, to: by(rough) }, blobContainer, 'cut');
        assert.ok(rough.cuts > 20, `${rough.cuts} cuts`);
        assert.ok(rough.bytes.there < bytes * 1.1, `${rough.bytes.there} of ${bytes} bytes with ${rough.cuts} cuts`);
      } finally {
        rough.close();
      }
      assert.deepEqual(await below(there.client, 'cut'), await below(here.client, 'cut'));
    });

    it('go on with what is missing when another process sends them', async () => {
      await put(here.client, { 'stopped/large.bin': noise(40_000_000, 21) });
      const line = await network(uncut);
      const stop = new AbortController();
      let packs = 0;
      const to = watched({ url: line.url, token: there.token }, (at) => {
        if (at.endsWith('/packs') && ++packs === 7) stop.abort(new Error('killed'));
      });
      try {
        await assert.rejects(copyFiles({ from: here.client, to, signal: stop.signal }, blobContainer, 'stopped'), /killed/);
        assert.deepEqual((await there.client.listBlobs(blobContainer, 'stopped', { recursive: true })).entries, []);
        await copyFiles({ from: here.client, to: by(line) }, blobContainer, 'stopped');
        assert.deepEqual(await below(there.client, 'stopped'), await below(here.client, 'stopped'));
        assert.ok(line.bytes.there < 40_000_000 + 3 * packBytes, `${line.bytes.there} bytes`);
      } finally {
        line.close();
      }
    });

    it('are sent anew when they change meanwhile, and never half', async () => {
      const old = noise(10_000_000, 31);
      await put(here.client, { 'log/grows.txt': old, 'log/same.txt': 'same' });
      const grown = Buffer.concat([old, noise(1_000_000, 32)]);
      let isChanged = false;
      const from = watched(here, async (at) => {
        if (isChanged || !at.endsWith('/read')) return;
        isChanged = true;
        await put(here.client, { 'log/grows.txt': grown });
      });
      await copyFiles({ from, to: there.client }, blobContainer, 'log');
      assert.deepEqual(await below(there.client, 'log'), [
        ['grows.txt', sha256(grown)],
        ['same.txt', sha256('same')],
      ]);
      let looks = 0;
      const restless = watched(here, async (at) => {
        if (at.endsWith('/read')) await put(here.client, { 'log/restless.txt': `look ${++looks}` });
      });
      await put(here.client, { 'log/restless.txt': 'first' });
      await assert.rejects(copyFiles({ from: restless, to: there.client }, blobContainer, 'log'), {
        code: 'Conflict',
        message: /changed again and again/,
      });
    });
  });

describe('requests for files that are sent', () => {
  let plane: TeamPlane;
  let ann: PlaneClient;
  before(async () => {
    plane = await startTeam();
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    for (const workspace of ['vision', 'speech']) await plane.makeWorkspace(workspace);
    ann = await memberOf('ann@example.org', 'vision');
  });
  after(() => plane.remove());
  const memberOf = async (name: string, workspace: string) => {
    const { token } = await plane.add(name, 'AzureML Data Scientist', workspace);
    return new PlaneClient({ url: plane.url, token: token.token }, { ...defaultWorkspace, workspace });
  };
  const piece = (text: string, more: Partial<Piece> = {}): Piece => ({
    path: 'a/file.txt',
    sha256: sha256(text),
    size: text.length,
    start: 0,
    length: text.length,
    ...more,
  });
  const send = (pieces: Piece[], text: string) => ann.writePack({ id: 'p', container: blobContainer, pieces }, [Buffer.from(text)]);

  it('are refused where they are not what they should be, and leave nothing', async () => {
    const refused = { code: 'InvalidRequest' };
    const file = { path: 'a/file.txt', sha256: sha256('x'), size: 1 };
    const find = (files: unknown) => ann.findFiles({ container: blobContainer, files: files as [] });
    await assert.rejects(find([]), refused);
    await assert.rejects(find(Array(mostFiles + 1).fill(file)), refused);
    await assert.rejects(find([{ ...file, path: '../up' }]), refused);
    await assert.rejects(find([{ ...file, sha256: 'short' }]), refused);
    await assert.rejects(find([{ ...file, size: -1 }]), refused);
    await assert.rejects(ann.findFiles({ container: '$ranges', files: [file] }), refused);
    await assert.rejects(send([piece('abc', { start: 1 })], 'abc'), { ...refused, message: /goes beyond its end/ });
    await assert.rejects(send([piece('abc', { size: packBytes * 2, length: packBytes + 1 })], 'abc'), { ...refused, message: /at most/ });
    await assert.rejects(send([piece('abc')], 'abd'), { ...refused, message: /SHA-256/ });
    await assert.rejects(send([piece('abc')], 'abcd'), { ...refused, message: /more bytes/ });
    await assert.rejects(send([piece('abc')], 'ab'), { ...refused, message: /cut off/ });
    const raw = (body: Uint8Array) => ann.http.json('POST', '/updraft/transfer/packs', body);
    await assert.rejects(raw(Buffer.from('ab')), refused);
    await assert.rejects(raw(Buffer.from([255, 255, 255, 255, 0])), { ...refused, message: /head of a pack/ });
    await assert.rejects(raw(Buffer.from([0, 0, 0, 2, 0x7b, 0x7d])), refused);
    await assert.rejects(raw(Buffer.from([0, 0, 0, 2, 0x5b, 0xff])), refused);
    assert.deepEqual((await ann.listBlobs(blobContainer, '', { recursive: true })).entries, [
      { path: 'a/file.txt', isFolder: false, size: 3, sha256: sha256('abc') },
    ]);
    await ann.writeBlob(blobContainer, 'whole.txt', 'whole');
    const whole = { container: blobContainer, path: 'whole.txt', sha256: sha256('whole') };
    const chunks = (more: object) => ann.chunksOf({ ...whole, start: 0, end: 5, of: 'chunks', ...more });
    await assert.rejects(chunks({ end: 6 }), refused);
    await assert.rejects(chunks({ start: 5 }), refused);
    await assert.rejects(chunks({ sha256: sha256('other') }), { code: 'Conflict' });
    await assert.rejects(chunks({ path: 'none.txt' }), { code: 'NotFound' });
    const made = { container: blobContainer, path: 'made.txt', sha256: sha256('whole!'), size: 6 };
    const from = { path: 'whole.txt', sha256: sha256('whole'), size: 5 };
    const copies = [{ start: 0, length: 5, at: 0 }];
    assert.deepEqual(await ann.assembleFile({ ...made, from, copies }), { isThere: false, missing: [{ start: 5, length: 1 }] });
    await assert.rejects(ann.assembleFile({ ...made, from, copies: [{ start: 0, length: 5, at: 1 }] }), refused);
    await assert.rejects(ann.assembleFile({ ...made, from: { ...from, sha256: sha256('x') }, copies }), { code: 'Conflict' });
    // A part that is not the right one.
    const part = { ...piece('whole!'), path: 'made.txt', start: 5, length: 1 };
    await send([part], '?');
    await assert.rejects(ann.assembleFile({ ...made, from, copies }), { ...refused, message: /SHA-256/ });
    await send([part], '!');
    assert.deepEqual(await ann.assembleFile({ ...made, from, copies }), { isThere: true, missing: [] });
    assert.equal(await (await ann.readBlob(blobContainer, 'made.txt')).text(), 'whole!');
  });

  it('tell nothing of other workspaces, and give nothing of them', async () => {
    const eve = await memberOf('eve@example.org', 'speech');
    const secret = 'known to vision alone '.repeat(300_000);
    const file = { path: 'secret.txt', sha256: sha256(secret), size: secret.length };
    await ann.writeBlob(blobContainer, 'secret.txt', secret);
    const { files } = await eve.findFiles({ container: blobContainer, files: [file] });
    assert.deepEqual(files, [{ isThere: false, arrived: [] }]);
    assert.deepEqual(await eve.similarFile({ container: blobContainer, path: 'x/secret.txt', size: file.size }), {});
    const asked = { container: blobContainer, ...file };
    await assert.rejects(eve.chunksOf({ ...asked, start: 0, end: 10, of: 'chunks' }), { code: 'NotFound' });
    await assert.rejects(eve.readPieces({ container: blobContainer, pieces: [{ ...file, start: 0, length: 10 }] }), { code: 'NotFound' });
    await assert.rejects(eve.assembleFile({ ...asked, from: file, copies: [{ start: 0, length: file.size, at: 0 }] }), {
      code: 'Conflict',
    });
    // In the own workspace both are there.
    assert.deepEqual(await ann.similarFile({ container: blobContainer, path: 'x/secret.txt', size: file.size }), { file });
    const again = await ann.findFiles({ container: blobContainer, files: [{ ...file, path: 'other/secret.txt' }] });
    assert.deepEqual(again.files, [{ isThere: true, arrived: [] }]);
    // What one has sent of a file is for nobody else to go on with, or to spoil.
    const bob = await memberOf('bob@example.org', 'vision');
    const part = piece('in two parts', { path: 'parts.txt', length: 6 });
    await bob.writePack({ id: 'p', container: blobContainer, pieces: [part] }, [Buffer.from('in two')]);
    const asks = (client: PlaneClient) => client.findFiles({ container: blobContainer, files: [part] });
    assert.deepEqual((await asks(ann)).files, [{ isThere: false, arrived: [] }]);
    assert.deepEqual((await asks(bob)).files, [{ isThere: false, arrived: [{ start: 0, length: 6 }] }]);
  });
});

describe('a plane without room for files', () => {
  it('says so, and the job waits', async () => {
    const [here, there] = await Promise.all([startPlane(), startPlane({ withRunner: false })]);
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const environmentId = await shellEnvironment(here.client);
      await here.client.putJob('large', { jobType: 'Command', command: 'true', environmentId });
      await jobWhen(here.client, 'large');
      await here.client.writeBlob(artifactContainer, `${artifactFolder('large')}/a.txt`, 'a file');
      let isFull = true;
      const to = new PlaneClient({
        url: there.url,
        token: there.token,
        fetch: async (input, init) => {
          if (!isFull || !input.endsWith('/transfer/packs')) return await fetch(input, init);
          const error = new UserError('DiskFull', 'The disk that holds the data folder is full; the file was not kept.');
          return Response.json({ error: { code: error.code, message: error.message } }, { status: 507 });
        },
      });
      const journal = new Journal(path.join(folder, 'journal.jsonl'));
      const intent = { job: 'large', from: { plane: 'local', workspace: '' }, to: { plane: 'there', workspace: '' } };
      journal.want([intent]);
      const [pushed] = await push({ from: here.client, to }, journal, [intent]);
      assert.equal(pushed!.failure?.waits, true);
      assert.match(pushed!.failure!.error.message, /disk .* is full/);
      assert.equal(journal.entries[0]!.state, 'waiting');
      isFull = false;
      await push({ from: here.client, to }, journal, [intent]);
      assert.equal(journal.entries[0]!.state, 'sent');
      journal.close();
    } finally {
      await Promise.all([here.remove(), there.remove()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a plane that is killed while files come', () => {
  it('keeps what it has confirmed, and the rest is sent to the one that is started again', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const here = await startPlane({ withRunner: false });
    let there = await startPlaneProcess(folder, ['--no-runner']);
    const line = await badNetwork({ port: Number(new URL(there.url).port), random: Math.random, mostBytes: uncut });
    try {
      const size = 60_000_000;
      await put(here.client, { 'kill/large.bin': noise(size, 41), 'kill/small.bin': noise(1000, 42) });
      let packs = 0;
      const to = watched({ url: line.url, token: there.token }, async (at) => {
        if (at.endsWith('/packs') && ++packs === 9) await there.kill();
      });
      await assert.rejects(copyFiles({ from: here.client, to }, blobContainer, 'kill'), { code: 'PlaneUnreachable' });
      there = await startPlaneProcess(folder, ['--no-runner', '--port', new URL(there.url).port]);
      const again = new PlaneClient({ url: line.url, token: there.token });
      await copyFiles({ from: here.client, to: again }, blobContainer, 'kill');
      assert.deepEqual(await below(there.client, 'kill'), await below(here.client, 'kill'));
      assert.ok(line.bytes.there < size + 4 * packBytes, `${line.bytes.there} bytes`);
    } finally {
      line.close();
      await there.kill();
      await here.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a command that is killed while it sends files', () => {
  it('goes on with what is missing when it is given again', async () => {
    const [here, there] = await Promise.all([startPlane(), startPlane({ withRunner: false })]);
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const size = 60_000_000;
    const line = await badNetwork({ port: Number(new URL(there.url).port), random: Math.random, mostBytes: uncut });
    try {
      const environmentId = await shellEnvironment(here.client);
      await here.client.putJob('killed', { jobType: 'Command', command: 'true', environmentId });
      await jobWhen(here.client, 'killed');
      await here.client.writeBlob(artifactContainer, `${artifactFolder('killed')}/large.bin`, noise(size, 51) as BodyInit);
      const args = ['sync', 'push', 'killed', '--server', here.url, '--token', here.token, '--to', line.url];
      const env = {
        ...process.env,
        UPDRAFT_HOME: home,
        UPDRAFT_CONFIG: path.join(home, 'config'),
        MLFLOW_TRACKING_URI: line.url,
        MLFLOW_TRACKING_TOKEN: there.token,
      };
      const child = spawn(process.execPath, [bundle, ...args], { env, stdio: 'ignore' });
      const ended = once(child, 'exit');
      const contents = watch(there.folder, { recursive: true }, () => line.bytes.there > size / 3 && child.kill('SIGKILL'));
      const [, signal] = await ended;
      contents.close();
      assert.equal(signal, 'SIGKILL');
      const again = await updraft(home, args, { env });
      assert.equal(again.code, 0, again.stderr);
      const { entries } = await there.client.listBlobs(artifactContainer, artifactFolder('killed'), { recursive: true });
      assert.deepEqual(
        entries.map(({ path: name, sha256: hash }) => [name, hash]),
        [['large.bin', sha256(noise(size, 51))]],
      );
      assert.ok(line.bytes.there < size + 4 * packBytes, `${line.bytes.there} bytes`);
    } finally {
      line.close();
      await Promise.all([here.remove(), there.remove()]);
      rmSync(home, { recursive: true, force: true });
    }
  });
});
