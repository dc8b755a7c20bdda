import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { DisposableStore } from '../../src/base/disposable.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import type { FeedCursor } from '../../src/protocol/change.ts';
import { backupStore, restoreStore } from '../../src/store/maintenance/backupStore.ts';
import { startPlane, type TestPlane } from './plane.ts';

describe('the change feed of a plane that was restored from an older copy', () => {
  let plane: TestPlane;
  let copy: string;
  let kept: DisposableStore;
  beforeEach(async () => {
    plane = await startPlane({ withRunner: false });
    copy = `${plane.folder}.copy`;
    kept = new DisposableStore();
  });
  afterEach(async () => {
    kept.dispose();
    await plane.remove();
    rmSync(copy, { recursive: true, force: true });
  });

  /** Keeps no connection: each plane comes to the same port as the one before it. */
  const client = () =>
    new PlaneClient({
      ...plane,
      async fetch(input, init) {
        const headers = new Headers(init?.headers);
        headers.set('connection', 'close');
        return fetch(input, { ...init, headers });
      },
    });
  /** Makes changes of these names. */
  async function write(...names: string[]): Promise<void> {
    for (const name of names) await client().putAsset('environments', name, '1', { image: 'ubuntu:22.04' });
  }
  const many = (name: string) => Array.from({ length: 20 }, (_, i) => `${name}${i}`);
  const start = async () => {
    plane = await startPlane({ withRunner: false }, plane.folder);
  };
  /** Ends the plane, and puts the copy in the place of what it has. */
  async function restore(): Promise<void> {
    await plane.stop();
    rmSync(plane.folder, { recursive: true });
    cpSync(copy, plane.folder, { recursive: true });
    await start();
  }

  /** A reader with all that it has got: names, and `reset`. */
  function read(since?: FeedCursor) {
    const seen: string[] = [];
    const stream = kept.add(
      new ChangeStream(client().http, {
        ...(since ? { since } : {}),
        backOff: () => 0,
        reconnect: async () => client().http,
      }),
    );
    let look = () => {};
    const note = (what: string) => {
      seen.push(what);
      look();
    };
    stream.onDidReset(() => note('reset'));
    stream.onDidChange(({ kind, id }) => kind === 'environment' && id.endsWith(':1') && note(id.replace(':1', '')));
    const until = (last: string) =>
      new Promise<string[]>((resolve) => {
        look = () => seen.includes(last) && resolve(seen.splice(0));
        look();
      });
    return { stream, until, isLive: () => stream.settled };
  }

  it('begins anew for whoever has seen what is gone, however much has come since', async () => {
    const reader = read();
    await reader.isLive();
    await write('kept');
    assert.deepEqual(await reader.until('kept'), ['kept']);
    reader.stream.pause();
    await plane.stop();
    cpSync(plane.folder, copy, { recursive: true });
    await start();
    reader.stream.resume();
    await write('gone');
    assert.deepEqual(await reader.until('gone'), ['gone'], 'a restart is no gap');
    reader.stream.pause();
    await restore();
    await write(...many('instead'));
    reader.stream.resume();
    await reader.until('reset');
    await write('next');
    assert.deepEqual(await reader.until('next'), ['next']);
  });

  it('does so where the copy was made while the plane ran, and went on without a restart', async () => {
    const { id, seq, epoch } = await client().status();
    const reader = read({ plane: id, seq, epoch });
    await reader.isLive();
    await write('kept');
    await reader.until('kept');
    await backupStore(plane.folder, copy);
    await write('gone');
    await reader.until('gone');
    const behind = reader.stream.place!;
    reader.stream.pause();
    await plane.stop();
    await restoreStore(copy, plane.folder, true);
    await start();
    await write(...many('instead'));
    reader.stream.resume();
    await reader.until('reset');
    await plane.stop();
    await start();
    // The restored folder's own starts hide it from nobody.
    assert.deepEqual(await read(behind).until('reset'), ['reset']);
  });

  it('goes on for whoever has seen no more than the copy had', async () => {
    const reader = read();
    await reader.isLive();
    await write('seen');
    await reader.until('seen');
    reader.stream.pause();
    await write('copied');
    await plane.stop();
    cpSync(plane.folder, copy, { recursive: true });
    await start();
    await write('gone');
    await restore();
    await write('instead');
    // Starts without a write are none that anybody misses something by.
    for (let i = 0; i < 3; i++) {
      await plane.stop();
      await start();
    }
    reader.stream.resume();
    assert.deepEqual(await reader.until('instead'), ['copied', 'instead']);
    await write('more');
    await reader.until('more');
    reader.stream.pause();
    await plane.stop();
    await start();
    await write('last');
    reader.stream.resume();
    assert.deepEqual(await reader.until('last'), ['last'], 'the reader was told of the epoch that began while it read');
  });
});
