import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync, utimesSync, watch } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import { ownerOf } from '../../src/protocol/principal.ts';
import { SasSigner } from '../../src/server/routes/storage/sas.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';

/** Rounds of tidying up are some hours apart. */
const hour = 3_600_000;
const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();

describe('an upload that was given up', () => {
  let plane: TestPlane;
  let clock: SetClock;
  before(async () => {
    clock = new SetClock(new Date().toISOString());
    const round = clock.nextAsked(hour);
    plane = await startPlane({ withRunner: false }, undefined, undefined, clock);
    await round;
  });
  after(() => plane.remove());

  const fileOf = (text: string) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return path.join(plane.folder, 'blobs', sha256.slice(0, 2), sha256);
  };
  /** The disk of a plane that has run for a day since its contents came. */
  const aDayLater = () => {
    const then = new Date(Date.now() - 86_400_000);
    const blobs = path.join(plane.folder, 'blobs');
    for (const name of readdirSync(blobs, { recursive: true, encoding: 'utf8' }))
      if (statSync(path.join(blobs, name)).isFile()) utimesSync(path.join(blobs, name), then, then);
  };
  const gone = (file: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (existsSync(file)) return;
        watcher.close();
        resolve();
      };
      const watcher = watch(path.dirname(file), look);
      look();
    });

  it('goes after a week while the plane runs, and not before', async () => {
    const headers = { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' };
    const proxy = `${plane.url}/api/2.0/mlflow-artifacts`;
    const created = await fetch(`${proxy}/mpu/create/0/run/artifacts/model.bin`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ path: '0/run/artifacts/model.bin', num_parts: 2 }),
    });
    const { credentials } = (await created.json()) as { credentials: { url: string }[] };
    assert.equal((await fetch(credentials[0]!.url, { method: 'PUT', headers, body: 'one part' })).status, 200);
    const sas = new SasSigner(plane.token).sign({
      container: blobContainer,
      permissions: 'rcw',
      expiresAt: Date.now() + 60_000,
      principal: ownerOf('someone'),
      workspace: defaultWorkspace.workspace,
    });
    const block = (blob: string, text: string) =>
      fetch(`${plane.url}/${blobContainer}/${blob}?comp=block&blockid=${encodeURIComponent(btoa('1'))}&${sas}`, {
        method: 'PUT',
        body: text,
      });
    assert.equal((await block('given-up.bin', 'one block')).status, 201);

    // The first half of a file that another plane sends.
    const sent = { path: 'sent.txt', sha256: createHash('sha256').update('one half, the other').digest('hex'), size: 19 };
    const half = { id: 'pack', container: blobContainer, pieces: [{ ...sent, start: 0, length: 8 }] };
    await plane.client.writePack(half, [Buffer.from('one half')]);

    aDayLater();
    const round = clock.nextAsked(hour);
    clock.set(days(6));
    await round;
    assert.ok(existsSync(fileOf('one part')) && existsSync(fileOf('one block')) && existsSync(fileOf('one half')));
    const all = ['one part', 'one block', 'one half'].map((text) => gone(fileOf(text)));
    clock.set(days(8));
    await Promise.all(all);
    assert.deepEqual((await plane.client.findFiles({ container: blobContainer, files: [sent] })).files, [{ isThere: false, arrived: [] }]);
    const list = `<?xml version="1.0"?><BlockList><Latest>${btoa('1')}</Latest></BlockList>`;
    const committed = await fetch(`${plane.url}/${blobContainer}/given-up.bin?comp=blocklist&${sas}`, { method: 'PUT', body: list });
    assert.equal(committed.headers.get('x-ms-error-code'), 'InvalidBlockList');
  });

  it('in the middle of its body leaves nothing, neither a name nor a file', async () => {
    const temporary = path.join(plane.folder, 'blobs/tmp');
    const { port } = new URL(plane.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    const begun = new Promise<string>((resolve) => {
      const watcher = watch(temporary, () => {
        const [name] = readdirSync(temporary);
        if (name === undefined || statSync(path.join(temporary, name)).size === 0) return;
        watcher.close();
        resolve(path.join(temporary, name));
      });
    });
    socket.write(
      `PUT /updraft/blobs/${blobContainer}/half.bin HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${plane.token}\r\ncontent-length: 1000\r\n\r\nhalf of it`,
    );
    const file = await begun;
    const removed = gone(file);
    socket.destroy();
    await removed;
    assert.deepEqual(readdirSync(temporary), []);
    assert.deepEqual((await plane.client.listBlobs(blobContainer, '')).entries, []);
    assert.equal(existsSync(fileOf('half of it')), false);
  });

  it('with content that is not what was announced is refused', async () => {
    const sha256 = createHash('sha256').update('announced').digest('hex');
    await assert.rejects(plane.client.writeBlob(blobContainer, 'wrong.bin', 'something else', { sha256 }), { code: 'InvalidRequest' });
    assert.deepEqual((await plane.client.listBlobs(blobContainer, '')).entries, []);
    assert.equal((await plane.client.writeBlob(blobContainer, 'right.bin', 'announced', { sha256 })).sha256, sha256);
  });
});
