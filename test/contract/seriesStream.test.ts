import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Hono } from 'hono';
import { after, before, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { seriesParts } from '../../src/protocol/seriesParts.ts';
import { seriesRoutes } from '../../src/server/routes/series.ts';
import type { PlaneServices } from '../../src/server/services.ts';
import { openSqliteStore, type SqliteStores } from '../../src/store/sqlite/sqliteStore.ts';
import { settle } from '../unit/client/manualTimers.ts';
import { asked } from '../unit/store/implementations.ts';
import { addJob } from '../unit/store/stores.ts';

describe('a stream of series', () => {
  let folder: string;
  let stores: SqliteStores;
  let reads = 0;
  let app: Hono;
  const jobs = Array.from({ length: 300 }, (_, i) => `run-${i}`);
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-series-'));
    stores = openSqliteStore(folder);
    const rows = stores.store.in(asked.workspace, asked.principal);
    await rows.write(async (writer) => {
      for (const job of jobs) await addJob(writer, job);
    });
    for (const job of jobs)
      await stores.metrics.append(
        asked,
        job,
        Array.from({ length: 100 }, (_, step) => ({ key: 'loss', value: step, at: step, step })),
      );
    const counted = new Proxy(stores.metrics, {
      get(target, name) {
        if (name === 'reduced') reads++;
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    app = new Hono()
      .use(async (c, next) => {
        c.set('asked', { ...asked, store: rows, isAzureClient: false });
        await next();
      })
      .route('/', seriesRoutes({ metrics: counted, logger: silentLogger } as unknown as PlaneServices));
  });
  after(async () => {
    await stores.store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const request = (more: object = {}, signal?: AbortSignal) =>
    new Request('http://plane/updraft/series', {
      method: 'POST',
      body: JSON.stringify({ jobs, keys: ['loss'], points: 100, ...more }),
      ...(signal ? { signal } : {}),
    });

  it('sends the first series before it has read the second', async () => {
    reads = 0;
    const reader = (await app.fetch(request())).body!.getReader();
    const { value } = await reader.read();
    assert.equal(reads, 1);
    const parts = seriesParts(
      (async function* () {
        yield value!;
      })(),
    );
    assert.equal((await parts.next()).value!.job, 'run-0');
    await reader.cancel();
  });

  it('reads no more than its reader takes, and nothing once that is gone', async () => {
    reads = 0;
    const reader = (await app.fetch(request())).body!.getReader();
    await reader.read();
    await reader.read();
    await settle();
    const read = reads;
    assert.ok(read < 150, `${read} series were read`);
    await reader.cancel();
    await settle();
    assert.equal(reads, read);
    const client = new AbortController();
    const aborted = (await app.fetch(request({}, client.signal))).body!.getReader();
    await aborted.read();
    client.abort();
    const left = reads;
    await aborted.read().catch(() => {});
    await settle();
    assert.equal(reads, left);
  });

  it('lets others have their turn between series, also where there are none', async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const none = Array.from({ length: 150 }, (_, i) => `none ${i}`);
    let parts = 0;
    for await (const part of seriesParts((await app.fetch(request({ keys: [...none, 'loss'] }))).body!)) parts += part.total > 0 ? 1 : 0;
    isOver = true;
    assert.equal(parts, jobs.length);
    assert.ok(turns > 5, `${turns} turns`);
  });
});
