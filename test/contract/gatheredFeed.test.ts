import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { serverSentEvents } from '../../src/client/feed/serverSentEvents.ts';
import type { Change } from '../../src/protocol/change.ts';
import { changeRoutes } from '../../src/server/routes/changes.ts';
import { openSqliteStore, type SqliteStores } from '../../src/store/sqlite/sqliteStore.ts';
import { ManualTimers, settle } from '../unit/client/manualTimers.ts';
import { asked } from '../unit/store/implementations.ts';
import { addJob } from '../unit/store/stores.ts';

describe('the change feed of a reader that gathers metrics', () => {
  let folder: string;
  let stores: SqliteStores;
  let timers: ManualTimers;
  let app: Hono;
  const ending = new AbortController();
  const runs = Array.from({ length: 50 }, (_, i) => `run-${i}`);
  const rows = () => stores.store.in(asked.workspace, asked.principal);
  const log = (run: string, ...keys: string[]) =>
    stores.metrics.append(
      asked,
      run,
      keys.map((key) => ({ key, value: 1, at: 1, step: 1 })),
    );

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-feed-'));
    stores = openSqliteStore(folder);
    timers = new ManualTimers();
    app = new Hono()
      .use(async (c, next) => {
        c.set('asked', { ...asked, store: rows(), isAzureClient: false });
        await next();
      })
      .route('/', changeRoutes({ ...stores, logger: silentLogger }, { plane: 'p', onOpen: () => () => {}, ending: ending.signal, timers }));
    await rows().write(async (writer) => {
      for (const run of runs) await addJob(writer, run);
    });
  });
  afterEach(async () => {
    await stores.store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What comes to a reader, and how many bytes it was so far. */
  async function open(query: string) {
    let bytes = 0;
    const response = await app.fetch(new Request(`http://plane/changes?${query}`));
    const counted = response.body!.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.length;
          controller.enqueue(chunk);
        },
      }),
    );
    const events = serverSentEvents(counted);
    assert.equal((await events.next()).value!.event, 'start');
    const next = async (count: number) => {
      const found: Change[] = [];
      while (found.length < count) {
        const { event, data } = (await events.next()).value!;
        assert.equal(event, 'change');
        found.push(JSON.parse(data));
      }
      return found;
    };
    return { next, bytes: () => bytes, close: () => events.return(undefined) };
  }

  it('brings the metrics of a job once a second, with the keys of all', async () => {
    const reader = await open('every=1000');
    const first = reader.next(1);
    await timers.untilWithin(15_000);
    await log('run-0', 'loss');
    assert.deepEqual((await first)[0]!.keys, ['loss']);
    const second = reader.next(2);
    await timers.untilWithin(15_000);
    for (const key of ['a', 'b', 'a']) await log('run-0', key);
    await log('run-1', 'c');
    await log('run-0', 'd');
    await settle();
    await timers.untilWithin(1000);
    await timers.advance(999);
    let isThere = false;
    second.then(
      () => (isThere = true),
      () => {},
    );
    await settle();
    assert.equal(isThere, false);
    await timers.advance(1);
    const seq = await stores.store.seq();
    assert.deepEqual(
      (await second).map(({ at, ...change }) => change),
      [
        { seq: seq - 1, kind: 'metric', id: 'run-1', op: 'put', keys: ['c'] },
        { seq, kind: 'metric', id: 'run-0', op: 'put', keys: ['a', 'b', 'd'] },
      ],
    );
    await reader.close();
  });

  it('brings everything at once with what is urgent, in order', async () => {
    const reader = await open('every=1000');
    const first = reader.next(1);
    await timers.untilWithin(15_000);
    await log('run-0', 'loss');
    await first;
    const second = reader.next(2);
    await timers.untilWithin(15_000);
    await log('run-1', 'loss');
    await settle();
    await rows().write((writer) => writer.setTag('run-1', 'k', 'v'));
    assert.deepEqual(
      (await second).map(({ kind, id }) => [kind, id]),
      [
        ['metric', 'run-1'],
        ['job', 'run-1'],
      ],
    );
    await reader.close();
  });

  it('costs less than 8 kB a second while 50 runs log at once', async () => {
    const reader = await open('every=1000');
    const first = reader.next(1);
    await timers.untilWithin(15_000);
    await log('run-0', 'loss');
    await first;
    const before = reader.bytes();
    const second = reader.next(50);
    await timers.untilWithin(15_000);
    for (let i = 0; i < 20; i++) await Promise.all(runs.map((run) => log(run, 'loss', 'accuracy')));
    await settle();
    await timers.untilWithin(1000);
    await timers.advance(1000);
    await second;
    const bytes = reader.bytes() - before;
    assert.ok(bytes < 8000, `${bytes} bytes`);
    await reader.close();
  });

  it('names no keys where there are too many, or where one change names none', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `k${i}`);
    const reader = await open('every=1000');
    const first = reader.next(1);
    await timers.untilWithin(15_000);
    await log('run-0', 'loss');
    await first;
    const second = reader.next(1);
    await timers.untilWithin(15_000);
    await log('run-0', ...many);
    await log('run-0', ...many.map((key) => `${key}'`));
    await settle();
    await timers.untilWithin(1000);
    await timers.advance(1000);
    assert.equal((await second)[0]!.keys, undefined);
    await reader.close();
  });

  it('takes what is no time for nothing', async () => {
    for (const every of ['', 'x', '-5', '1e999', 'NaN', '0']) {
      const reader = await open(`every=${every}`);
      const first = reader.next(1);
      await timers.untilWithin(15_000);
      await log('run-0', 'loss');
      assert.equal((await first)[0]!.id, 'run-0');
      await reader.close();
    }
  });
});
