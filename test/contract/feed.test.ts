import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getRequestListener } from '@hono/node-server';
import fc from 'fast-check';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { serverSentEvents } from '../../src/client/feed/serverSentEvents.ts';
import { type Fetch, Http } from '../../src/client/http.ts';
import type { ChangeKind, FeedCursor } from '../../src/protocol/change.ts';
import { changeRoutes } from '../../src/server/routes/changes.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Store, WorkspaceStore } from '../../src/store/store.ts';
import { ManualTimers, settle } from '../unit/client/manualTimers.ts';
import { asked } from '../unit/store/implementations.ts';
import { countedStore } from './countedStore.ts';

const id = 'plane-1';

/** The feed behind the plane's door, which knows who asks for which workspace. */
const feedOf = (...[services, options]: Parameters<typeof changeRoutes>): Hono =>
  new Hono()
    .use(async (c, next) => {
      c.set('asked', { ...asked, store: services.store.in(asked.workspace, asked.principal), isAzureClient: false });
      await next();
    })
    .route('/', changeRoutes(services, options));

/** Where a network fails: after so many bytes of an answer. `split` sends each byte on its own. */
interface Cut {
  at: number;
  isClean?: boolean;
  split?: boolean;
}

describe('the change feed', () => {
  let folder: string;
  let store: Store;
  let rows: WorkspaceStore;
  let ending: AbortController;
  let timers: ManualTimers;
  let open = 0;
  let fetch: Fetch;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-feed-'));
    ({ store } = openSqliteStore(folder));
    rows = store.in(asked.workspace, asked.principal);
    ending = new AbortController();
    timers = new ManualTimers();
    open = 0;
    const onOpen = () => {
      open++;
      let isOpen = true;
      return () => {
        if (isOpen) open--;
        isOpen = false;
      };
    };
    const app = feedOf({ store, logger: silentLogger }, { plane: id, onOpen, ending: ending.signal, timers });
    fetch = async (input, init) => app.fetch(new Request(input, init));
  });
  afterEach(async () => {
    ending.abort();
    await settle();
    assert.equal(open, 0, 'a feed was left open');
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (name: string) => rows.write((writer) => writer.announce('data', name, 'put'));
  const writeAll = async (names: string[]) => {
    for (const name of names) await write(name);
  };

  /** A network that fails as it is told to, one connection after the other, and then works. */
  function failing(cuts: Cut[]): { http: Http; bytes: number[] } {
    const left = [...cuts];
    const bytes: number[] = [];
    const http = new Http({
      url: 'http://plane',
      token: '',
      async fetch(input, init) {
        const response = await fetch(input, init);
        const cut = left.shift();
        const connection = bytes.push(0) - 1;
        const counted = new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            const room = cut ? cut.at - bytes[connection]! : Number.POSITIVE_INFINITY;
            const passed = chunk.subarray(0, Math.max(0, Math.min(chunk.length, room)));
            bytes[connection]! += passed.length;
            if (cut?.split) for (const byte of passed) controller.enqueue(Uint8Array.of(byte));
            else if (passed.length) controller.enqueue(passed);
            if (passed.length === chunk.length) return;
            if (cut!.isClean) controller.terminate();
            else throw new TypeError('terminated');
          },
        });
        return new Response(response.body!.pipeThrough(counted), response);
      },
    });
    return { http, bytes };
  }

  /** Follows until the change with this name has come; answers the names in their order, and `reset` for each reset. */
  async function follow(http: Http, last: string, since: FeedCursor): Promise<string[]> {
    const seen: string[] = [];
    const stream = new ChangeStream(http, { since, backOff: () => 0 });
    try {
      await new Promise<void>((resolve) => {
        stream.onDidReset(() => seen.push('reset'));
        stream.onDidChange((change) => {
          seen.push(change.id);
          if (change.id === last) resolve();
        });
      });
      return seen;
    } finally {
      stream.dispose();
    }
  }

  const since = (seq: number): FeedCursor => ({ plane: id, seq });
  const placeNow = async (): Promise<FeedCursor> => ({ plane: id, epoch: await store.epoch(), seq: await store.seq() });

  it('brings every change once and in order, wherever it is cut', async () => {
    const names = ['größe', '🚀', 'last'];
    const from = await store.seq();
    await writeAll(names);
    const whole = failing([]);
    assert.deepEqual(await follow(whole.http, 'last', since(from)), names);
    const total = whole.bytes[0]!;
    assert.ok(total > 300);
    for (let at = 0; at <= total; at++)
      for (const isClean of [false, true]) {
        const { http } = failing([{ at, isClean, split: at % 10 === 0 }]);
        assert.deepEqual(await follow(http, 'last', since(from)), names, `cut after ${at} bytes`);
      }
  });

  it('does so also when it is cut many times while changes come', async () => {
    const cuts = fc.array(fc.record({ at: fc.integer({ min: 0, max: 700 }), isClean: fc.boolean(), split: fc.boolean() }), {
      maxLength: 6,
    });
    const batches = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(cuts, batches, async (cuts, batches) => {
        const names = (many: number) => Array.from({ length: many }, () => `change ${count++}`);
        const from = await store.seq();
        const [first, later, last] = [names(3), batches.map(names), `last ${count++}`];
        await writeAll(first);
        const following = follow(failing(cuts).http, last, since(from));
        for (const batch of later) {
          await writeAll(batch);
          await settle();
        }
        await write(last);
        assert.deepEqual(await following, [...first, ...later.flat(), last]);
      }),
      { numRuns: 25 },
    );
  });

  it('starts at now for one without a place, and says which plane it is', async () => {
    await write('before');
    const response = await fetch('http://plane/changes');
    const events = serverSentEvents(response.body!);
    assert.deepEqual((await events.next()).value, { event: 'start', data: JSON.stringify(await placeNow()), id: '' });
    await write('after');
    const change = (await events.next()).value!;
    assert.equal(JSON.parse(change.data).id, 'after');
    assert.equal(change.id, String(await store.seq()));
    await events.return(undefined);
  });

  it('begins anew for a place of another plane, one ahead of its own log, and one that is no place', async () => {
    await writeAll(['a', 'b']);
    for (const query of ['plane=other&since=1', `plane=${id}&since=999`, `plane=${id}&since=x`, 'since=-5.5']) {
      const response = await fetch(`http://plane/changes?${query}`);
      const events = serverSentEvents(response.body!);
      assert.deepEqual((await events.next()).value, { event: 'reset', data: JSON.stringify(await placeNow()), id: '' }, query);
      await events.return(undefined);
    }
  });

  it('goes on after a restart of the plane, and tells of a gap when it is another one, with fewer or more changes', async () => {
    await writeAll(['a', 'b', 'c']);
    const other = (plane: string, changes: number) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'updraft-feed-'));
      const { store } = openSqliteStore(folder);
      const rows = store.in(asked.workspace, asked.principal);
      const ending = new AbortController();
      const app = feedOf({ store, logger: silentLogger }, { plane, onOpen: () => () => {}, ending: ending.signal });
      const ready = Promise.all(Array.from({ length: changes }, (_, i) => rows.write((w) => w.announce('data', `old ${i}`, 'put'))));
      return {
        ready,
        add: (name: string) => rows.write((w) => w.announce('data', name, 'put')),
        fetch: async (request: Request) => app.fetch(request),
        async stop() {
          ending.abort();
          await store.close();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    };
    for (const changes of [1, 50]) {
      const next = other('plane-2', changes);
      await next.ready;
      let isReplaced = false;
      const http = new Http({
        url: 'http://plane',
        token: '',
        fetch: async (input, init) => (isReplaced ? next.fetch(new Request(input, init)) : fetch(input, init)),
      });
      const seen: string[] = [];
      const stream = new ChangeStream(http, { since: since((await store.seq()) - 1), backOff: () => 0 });
      stream.onDidChange((change) => seen.push(change.id));
      const isReset = new Promise<void>((resolve) =>
        stream.onDidReset(() => {
          seen.push('reset');
          resolve();
        }),
      );
      const isBack = new Promise<void>((resolve) => {
        stream.onDidChange(({ id }) => id === `again ${changes}` && resolve());
      });
      await new Promise<void>((resolve) => stream.onDidChange(() => resolve()));
      // A restart: connections end, the log goes on.
      stream.pause();
      await write(`again ${changes}`);
      stream.resume();
      await isBack;
      isReplaced = true;
      stream.pause();
      stream.resume();
      await isReset;
      const isNew = new Promise<void>((resolve) => stream.onDidChange(() => resolve()));
      await next.add('new');
      await isNew;
      assert.deepEqual(seen.slice(1), [`again ${changes}`, 'reset', 'new']);
      stream.dispose();
      await next.stop();
    }
  });

  it('gathers metrics and lines of logs for a moment, which everything else cuts short', async () => {
    const response = await fetch('http://plane/changes');
    const reader = response.body!.getReader();
    await reader.read();
    const tell = (kind: 'metric' | 'data', name: string) => rows.write((writer) => writer.announce(kind, name, 'put'));
    const next = async () => {
      const text = new TextDecoder().decode((await reader.read()).value);
      return text.split('\n').flatMap((line) => (line.startsWith('data: ') ? (JSON.parse(line.slice(6)).id ?? []) : []));
    };
    let piece = next();
    await tell('metric', 'first');
    assert.deepEqual(await piece, ['first']);
    piece = next();
    await tell('metric', 'second');
    await tell('metric', 'third');
    await timers.untilWithin(25);
    await timers.advance(25);
    assert.deepEqual(await piece, ['second', 'third']);
    piece = next();
    await tell('metric', 'fourth');
    await tell('data', 'urgent');
    assert.deepEqual(await piece, ['fourth', 'urgent']);
    const last = reader.read();
    await reader.cancel();
    await last;
    await settle();
    assert.deepEqual([open, timers.left], [0, []]);
  });

  it('brings the kinds that a reader asks for, and neither reads others nor wakes up for them', async () => {
    const { counted, reads } = countedStore(store);
    const app = feedOf({ store: counted, logger: silentLogger }, { plane: id, onOpen: () => () => {}, ending: ending.signal, timers });
    const tell = (kind: ChangeKind, name: string) => rows.write((writer) => writer.announce(kind, name, 'put'));
    const from = await store.seq();
    await tell('metric', 'loss');
    await tell('data', 'before');
    await tell('metric', 'loss');
    const response = await app.fetch(new Request(`http://plane/changes?plane=${id}&since=${from}&kinds=data,model,hologram`));
    const events = serverSentEvents(response.body!);
    const next = async () => {
      const { event, data } = (await events.next()).value!;
      const { id, seq } = JSON.parse(data);
      return [event, id ?? seq - from];
    };
    assert.deepEqual(
      [await next(), await next(), await next()],
      [
        ['start', 0],
        ['change', 'before'],
        ['passed', 3],
      ],
    );
    const waiting = next();
    await timers.untilWithin(15_000);
    const read = reads();
    for (let i = 0; i < 5; i++) await tell('metric', 'loss');
    await settle();
    assert.equal(reads(), read);
    await tell('model', 'after');
    assert.deepEqual(await waiting, ['change', 'after']);
    await tell('metric', 'loss');
    // The place moves on while there is nothing but others.
    const passed = next();
    await timers.untilWithin(15_000);
    await timers.advance(15_000);
    assert.deepEqual(await passed, ['passed', 10]);
    await events.return(undefined);
  });

  it('tells of a gap when all of a kind that is asked for may have been dropped', async () => {
    const from = await store.seq();
    await writeAll(['a', 'b', 'c']);
    const response = await fetch(`http://plane/changes?plane=${id}&since=${from}&kinds=model`);
    const events = serverSentEvents(response.body!);
    assert.equal((await events.next()).value!.event, 'start');
    const upkeep = new DatabaseSync(path.join(folder, 'updraft.db'));
    upkeep.exec(`DELETE FROM changes WHERE seq <= ${from + 2}`);
    upkeep.close();
    assert.equal((await events.next()).value!.event, 'reset');
    await events.return(undefined);
  });

  it('pings a reader that has nothing to read, and takes no notice of one that is gone', async () => {
    const response = await fetch('http://plane/changes');
    const reader = response.body!.getReader();
    await reader.read();
    const waiting = reader.read();
    await timers.untilWithin(15_000);
    await timers.advance(15_000);
    assert.equal(new TextDecoder().decode((await waiting).value), ': ping\n\n');
    const last = reader.read();
    await settle();
    assert.equal(open, 1);
    await reader.cancel();
    await last;
    await settle();
    assert.deepEqual([open, timers.left], [0, []]);
  });

  it('holds nothing for an answer that nobody reads', async () => {
    await fetch('http://plane/changes', { method: 'HEAD' });
    const unread = await fetch('http://plane/changes');
    assert.equal(open, 0);
    await unread.body!.cancel();
    assert.equal(open, 0);
  });

  it('ends with the plane', async () => {
    const response = await fetch('http://plane/changes');
    const reader = response.body!.getReader();
    await reader.read();
    const waiting = reader.read();
    await settle();
    ending.abort();
    assert.equal((await waiting).done, true);
    const late = await fetch('http://plane/changes');
    assert.equal((await late.body!.getReader().read()).done, true);
  });

  it('keeps nothing in memory for a reader that does not read, and tells it of the gap when it does', async () => {
    const from = await store.seq();
    let reads = 0;
    const counted: Pick<Store, 'seq' | 'changes' | 'oldestSeq' | 'epoch' | 'hasPlace' | 'onDidCommit' | 'in'> = {
      seq: () => store.seq(),
      oldestSeq: () => store.oldestSeq(),
      epoch: () => store.epoch(),
      hasPlace: (epoch, seq) => store.hasPlace(epoch, seq),
      onDidCommit: (listener) => store.onDidCommit(listener),
      in: (workspace, principal) => store.in(workspace, principal),
      changes(cursor, limit) {
        reads++;
        return store.changes(cursor, limit);
      },
    };
    const app = feedOf(
      { store: counted as Store, logger: silentLogger },
      { plane: id, onOpen: () => () => {}, ending: ending.signal, timers },
    );
    const response = await app.fetch(new Request(`http://plane/changes?plane=${id}&since=${from}`));
    const events = serverSentEvents(response.body!);
    assert.equal((await events.next()).value!.event, 'start');
    await rows.write(async (writer) => {
      for (let i = 0; i < 2000; i++) await writer.announce('data', `${i}`, 'put');
    });
    await settle();
    assert.equal(reads, 0);
    // What the store's upkeep does, for more changes than a test should write.
    const upkeep = new DatabaseSync(path.join(folder, 'updraft.db'));
    upkeep.exec(`DELETE FROM changes WHERE seq <= ${from + 1000}`);
    upkeep.close();
    const reset = (await events.next()).value!;
    assert.deepEqual([reset.event, JSON.parse(reset.data)], ['reset', await placeNow()]);
    await write('next');
    assert.equal(JSON.parse((await events.next()).value!.data).id, 'next');
    await events.return(undefined);
  });

  it('stops reading its log when a socket takes no more', async () => {
    const from = await store.seq();
    let reads = 0;
    const slow = new Proxy(store, {
      get(target, name) {
        if (name === 'changes') reads++;
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const app = feedOf({ store: slow, logger: silentLogger }, { plane: id, onOpen: () => () => {}, ending: ending.signal });
    let response: ServerResponse | undefined;
    const listener = getRequestListener(app.fetch);
    const server = createServer((request, answer) => {
      response = answer;
      void listener(request, answer);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const batches = 30;
    await rows.write(async (writer) => {
      for (let i = 0; i < batches * 500; i++) await writer.announce('data', `${i} ${'x'.repeat(2000)}`, 'put');
    });
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.pause();
    socket.write(`GET /changes?plane=${id}&since=${from} HTTP/1.1\r\nhost: x\r\n\r\n`);
    // Until it is full for good.
    for (let still = 0; still < 20; still = response?.writableNeedDrain ? still + 1 : 0) await settle();
    assert.ok(reads > 0 && reads < batches, `${reads} of ${batches} batches were read`);
    socket.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
});
