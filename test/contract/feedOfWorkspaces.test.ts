import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { Http } from '../../src/client/http.ts';
import type { FeedCursor } from '../../src/protocol/change.ts';
import { ownerOf } from '../../src/protocol/principal.ts';
import { changeRoutes } from '../../src/server/routes/changes.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Store } from '../../src/store/store.ts';
import { countedStore } from './countedStore.ts';

const plane = 'plane-1';
const owner = ownerOf('me');

describe('the change feed of a workspace', () => {
  let folder: string;
  let store: Store;
  let ending: AbortController;
  let asked: string[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-feed-'));
    ({ store } = openSqliteStore(folder));
    ending = new AbortController();
    asked = [];
  });
  afterEach(async () => {
    ending.abort();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (workspace: string, id: string) =>
    store.in(workspace, owner).write((writer) => writer.announce(workspace === '' ? 'workspace' : 'log', id, 'put'));

  /** A reader of a workspace, as the plane's door lets it in. */
  function read(workspace: string, since?: FeedCursor): ChangeStream {
    const app = new Hono()
      .use(async (c, next) => {
        c.set('asked', { principal: owner, workspace, store: store.in(workspace, owner), isAzureClient: false });
        await next();
      })
      .route('/', changeRoutes({ store, logger: silentLogger }, { plane, onOpen: () => () => {}, ending: ending.signal }));
    const fetch = async (input: string, init?: RequestInit) => {
      asked.push(input);
      return app.fetch(new Request(input, init));
    };
    return new ChangeStream(new Http({ url: 'http://plane', token: 'none', fetch }), since ? { since } : {});
  }

  /** What a reader has got, once `last` came. */
  const until = (stream: ChangeStream, last: string) =>
    new Promise<string[]>((resolve) => {
      const got: string[] = [];
      stream.onDidChange(({ id }) => {
        got.push(id);
        if (id === last) resolve(got);
      });
    });

  it('has its own changes and those that are in no workspace, in their order', async () => {
    const start = { plane, seq: await store.seq() };
    await write('other', 'secret 1');
    await write('local', 'a');
    await write('', 'a new workspace');
    await write('other', 'secret 2');
    const [ours, theirs] = [read('local', start), read('other', start)];
    const [local, other] = [until(ours, 'end'), until(theirs, 'their end')];
    await ours.settled;
    await theirs.settled;
    await write('local', 'b');
    await write('other', 'their end');
    await write('local', 'end');
    assert.deepEqual(await local, ['a', 'a new workspace', 'b', 'end']);
    assert.deepEqual(await other, ['secret 1', 'a new workspace', 'secret 2', 'their end']);
    ours.dispose();
    theirs.dispose();
  });

  it('is read once for many readers, each of whom gets what is its own, also the one that was slow', async () => {
    const { counted, reads } = countedStore(store);
    const app = new Hono()
      .use(async (c, next) => {
        const workspace = c.req.header('workspace')!;
        c.set('asked', { principal: owner, workspace, store: counted.in(workspace, owner), isAzureClient: false });
        await next();
      })
      .route('/', changeRoutes({ store: counted, logger: silentLogger }, { plane, onOpen: () => () => {}, ending: ending.signal }));
    const bodyOf = async (workspace: string) =>
      (await app.fetch(new Request('http://plane/changes', { headers: { workspace } }))).body!.getReader();
    const text = async (reader: ReadableStreamDefaultReader<Uint8Array>) => new TextDecoder().decode((await reader.read()).value);
    /** The changes that come up to this one. */
    const until = async (reader: ReadableStreamDefaultReader<Uint8Array>, last: string) => {
      const got: string[] = [];
      while (!got.includes(last)) for (const [, id] of (await text(reader)).matchAll(/"id":"([^"]+)"/g)) got.push(id!);
      return got;
    };
    const workspaces = ['local', 'speech', 'vision'];
    const readers = await Promise.all(Array.from({ length: 60 }, (_, i) => bodyOf(workspaces[i % 3]!)));
    const slow = await bodyOf('vision');
    for (const each of [...readers, slow]) assert.match(await text(each), /event: start/);
    const expected = new Map(workspaces.map((workspace) => [workspace, [] as string[]]));
    const got = Promise.all(readers.map((reader, i) => until(reader, `end of ${workspaces[i % 3]}`)));
    for (let i = 0; i < 30; i++) {
      const workspace = workspaces[i % 2]!;
      await write(workspace, `${workspace} ${i}`);
      expected.get(workspace)!.push(`${workspace} ${i}`);
    }
    for (const workspace of workspaces) {
      await write(workspace, `end of ${workspace}`);
      expected.get(workspace)!.push(`end of ${workspace}`);
    }
    for (const [i, lines] of (await got).entries()) assert.deepEqual(lines, expected.get(workspaces[i % 3]!), `reader ${i}`);
    // A look for each write at most, whatever the number of readers.
    assert.ok(reads() <= 40, `the store was read ${reads()} times`);
    // More than is kept for readers that are up to date.
    await store.in('vision', owner).write(async (writer) => {
      for (let i = 0; i < 2500; i++) await writer.announce('log', `vision ${i}`, 'put');
    });
    assert.equal((await until(slow, 'vision 2499')).length, 2501);
    await Promise.all([...readers, slow].map((each) => each.cancel()));
  });

  it('moves its reader past the changes of others, which are not read again', async () => {
    const start = { plane, seq: await store.seq() };
    for (let i = 0; i < 1200; i++) await write('other', `secret ${i}`);
    await write('local', 'a');
    for (let i = 0; i < 10; i++) await write('other', 'late');
    const stream = read('local', start);
    let resets = 0;
    stream.onDidReset(() => resets++);
    assert.deepEqual(await until(stream, 'a'), ['a']);
    // `passed` comes after what it tells of, with the next thing that is heard at the latest.
    const next = until(stream, 'b');
    await write('local', 'b');
    await next;
    const { seq } = stream.place!;
    assert.equal(seq, await store.seq());
    for (let i = 0; i < 3; i++) await write('other', 'more');
    const end = await store.seq();
    while (stream.place!.seq < end) await new Promise((resolve) => setImmediate(resolve));
    stream.pause();
    stream.resume();
    const again = until(stream, 'c');
    await write('local', 'c');
    assert.deepEqual(await again, ['c']);
    assert.equal(new URL(asked.at(-1)!).searchParams.get('since'), String(end));
    assert.equal(resets, 0);
    stream.dispose();
  });
});
