import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import pg from 'pg';
import { openPostgresStore, type PostgresStores } from '../../../src/store/postgres/postgresStore.ts';
import type { StoreWriter } from '../../../src/store/store.ts';
import { asked } from './implementations.ts';
import { PostgresServer } from './postgresServer.ts';
import { addJob, rowsOf } from './stores.ts';

const point = (step: number) => ({ key: 'k', value: step, at: step, step });

/** Adds one to a tag of the job. */
const count = async (writer: StoreWriter): Promise<number> => {
  const n = Number((await writer.tags('job')).n ?? 0) + 1;
  await writer.setTag('job', 'n', String(n));
  return n;
};

/** Stands between a store and its server, and cuts the connection at a commit: before the server gets it, or when it has answered. */
class CuttingProxy {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'updraft-pgp-'));
  private readonly server: Server;
  cut: 'before' | 'after' | undefined;
  cuts = 0;

  constructor(socket: string) {
    this.server = createServer((client) => {
      const server = connect(socket);
      const end = () => {
        client.destroy();
        server.destroy();
      };
      for (const each of [client, server]) each.on('error', end).on('close', end);
      let isCommitting = false;
      client.on('data', (bytes) => {
        const isCommit = this.cut !== undefined && bytes.includes('COMMIT') && bytes.includes('INSERT INTO changes');
        if (isCommit && this.cut === 'before') {
          this.done();
          return end();
        }
        isCommitting ||= isCommit;
        server.write(bytes);
      });
      server.on('data', (bytes) => {
        if (!isCommitting) return client.write(bytes);
        this.done();
        end();
        return true;
      });
    });
    this.server.listen(path.join(this.folder, '.s.PGSQL.5432'));
  }

  private done(): void {
    this.cut = undefined;
    this.cuts++;
  }

  get url(): string {
    return `postgres://postgres@${encodeURIComponent(this.folder)}/postgres`;
  }

  close(): void {
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe('PostgreSQL in trouble', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  let schemas = 0;
  let opened: PostgresStores[] = [];
  let stores: PostgresStores;
  const open = (url = server.url, patienceMs?: number): PostgresStores => {
    const made = openPostgresStore({ url, schema: `s${schemas}`, ...(patienceMs === undefined ? {} : { patienceMs }) });
    opened.push(made);
    return made;
  };

  before(() => {
    server = new PostgresServer({ isDurable: true });
  });
  after(() => server.remove());
  beforeEach(async () => {
    schemas++;
    stores = open();
    await rowsOf(stores).write((writer) => addJob(writer, 'job'));
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ store }) => store.close()));
    opened = [];
  });

  for (const how of ['INT', 'QUIT'] as const) {
    it(`that is ${how === 'INT' ? 'restarted' : 'crashing'} between writes keeps all of them, and is written and listened to again`, async () => {
      const other = open();
      await rowsOf(other).tags('job');
      let hear = () => {};
      const heard = () =>
        new Promise<void>((resolve) => {
          hear = resolve;
        });
      const listening = other.store.onDidCommit(() => hear());
      const first = heard();
      await rowsOf(stores).write(count);
      await first;
      await stores.metrics.append(asked, 'job', [point(1)]);
      await server.stop(how);
      const again = heard();
      const [read, written] = [rowsOf(other).tags('job'), rowsOf(stores).write(count)];
      const appended = stores.metrics.append(asked, 'job', [point(2)]);
      server.start();
      assert.ok(['1', '2'].includes((await read).n!));
      assert.equal(await written, 2);
      await appended;
      // What was written before it listened again is told of as well.
      await again;
      const once = heard();
      await rowsOf(stores).write(count);
      await once;
      listening.dispose();
      assert.deepEqual(await rowsOf(other).tags('job'), { n: '3' });
      assert.deepEqual([...(await other.metrics.history('job', 'k', 0, 10)).steps], [1, 2]);
      const changes = await other.store.changes(0, 100);
      assert.deepEqual(
        changes.map(({ seq }) => seq),
        changes.map((_, i) => i + 1),
      );
    });

    it(`that is ${how === 'INT' ? 'restarted' : 'crashing'} during writes has each of them once`, async () => {
      let runs = 0;
      const broken = rowsOf(stores).write(async (writer) => {
        runs++;
        await writer.setTag('job', 'before', 'x');
        if (runs === 1) {
          await server.stop(how);
          server.start();
        }
        return count(writer);
      });
      const waiting = Array.from({ length: 5 }, () => rowsOf(stores).write(count));
      assert.deepEqual(await Promise.all([broken, ...waiting]), [1, 2, 3, 4, 5, 6]);
      assert.equal(runs, 2);
      assert.deepEqual(await rowsOf(stores).tags('job'), { before: 'x', n: '6' });
    });
  }

  for (const cut of ['before', 'after'] as const)
    it(`whose connection is cut ${cut} a commit has the write once`, async () => {
      const proxy = new CuttingProxy(server.socket);
      try {
        const cutting = open(proxy.url);
        let runs = 0;
        const work = async (writer: StoreWriter) => {
          runs++;
          return count(writer);
        };
        assert.equal(await rowsOf(cutting).write(work), 1);
        proxy.cut = cut;
        const { answer, seq } = await rowsOf(cutting).writeAsOf(work);
        assert.equal(answer, 2);
        // Where the number of the change is not known, it says no greater one.
        assert.ok(seq <= (await stores.store.seq()) && seq >= (await stores.store.seq()) - 1);
        assert.equal(await rowsOf(cutting).write(work), 3);
        assert.deepEqual([proxy.cuts, runs], [1, cut === 'before' ? 4 : 3]);
        assert.deepEqual(await rowsOf(stores).tags('job'), { n: '3' });
        await Promise.all(opened.splice(0).map(({ store }) => store.close()));
      } finally {
        proxy.close();
      }
    });

  it('that stays away is told of, and what was asked for then is not kept', async () => {
    const hurried = open(server.url, 200);
    await rowsOf(hurried).write(count);
    await server.stop();
    const refused = { name: 'UserError', code: 'PlaneUnreachable' };
    await assert.rejects(rowsOf(hurried).write(count), refused);
    await assert.rejects(hurried.metrics.append(asked, 'job', [point(1)]), refused);
    await assert.rejects(rowsOf(hurried).tags('job'), refused);
    await assert.rejects(hurried.metrics.series('job', 'k', 10), refused);
    await assert.rejects(rowsOf(hurried).runKeys({ experimentIds: undefined, deleted: undefined }), refused);
    server.start();
    await rowsOf(stores).tags('job');
    assert.equal(await rowsOf(hurried).write(count), 2);
    assert.equal((await hurried.metrics.series('job', 'k', 10)).total, 0);
  });

  it('that a newer Updraft has written, or that refuses us, says so', async () => {
    const admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query(`UPDATE s${schemas}.format SET version = 99`);
    await admin.query('CREATE ROLE stranger LOGIN');
    await admin.query('CREATE DATABASE narrow ENCODING SQL_ASCII TEMPLATE template0');
    await admin.end();
    const refusals: [url: string, code: string, said: RegExp][] = [
      [server.url, 'DataFolderNewer', /newer Updraft \(format 99/],
      [server.url.replace(/postgres$/, 'nowhere'), 'InvalidValue', /"nowhere" does not exist/],
      [server.url.replace(/postgres$/, 'narrow'), 'InvalidValue', /texts in SQL_ASCII/],
      [server.url.replace('postgres@', 'nobody@'), 'InvalidValue', /"nobody" does not exist/],
      ['mysql://localhost/x', 'InvalidValue', /none of PostgreSQL/],
    ];
    for (const [url, code, said] of refusals) {
      const asIs = { name: 'UserError', code, message: said };
      await assert.rejects(async () => open(url).ready(), asIs);
    }
    await assert.rejects(rowsOf(open()).write(count), { code: 'DataFolderNewer' });
    await assert.rejects(rowsOf(open()).tags('job'), { code: 'DataFolderNewer' });
    schemas++;
    await assert.rejects(open(server.url.replace('postgres@', 'stranger@')).ready(), { name: 'UserError', code: 'InvalidValue' });
  });

  it('written by many at once: who reads on from the last change misses none, and gets none twice', async () => {
    const writers = Array.from({ length: 4 }, () => open());
    const times = 40;
    let isOver = false;
    const seen: string[] = [];
    const since = await stores.store.seq();
    const reading = (async () => {
      let seq = since;
      for (;;) {
        const last = isOver;
        const changes = await stores.store.changes(seq, 7);
        for (const change of changes) {
          assert.equal(change.seq, seq + 1);
          seq = change.seq;
          if (change.kind === 'data') seen.push(change.id);
        }
        if (changes.length === 0 && last) return;
      }
    })();
    const wanted = await Promise.all(
      writers.flatMap((writer, w) =>
        ['a', 'b'].map(async (workspace) => {
          const ids: string[] = [];
          for (let i = 0; i < times; i++) {
            ids.push(`${w}${workspace}${i}`);
            const { seq } = await writer.store
              .in(workspace, asked.principal)
              .writeAsOf((rows) => rows.announce('data', ids.at(-1)!, 'put'));
            const [told] = await writer.store.changes(seq - 1, 1);
            assert.deepEqual([told!.seq, told!.id], [seq, ids.at(-1)]);
          }
          return ids;
        }),
      ),
    );
    isOver = true;
    await reading;
    assert.deepEqual(seen.toSorted(), wanted.flat().toSorted());
  });

  it('that refuses a statement takes back the write that sent it, and no other of the same moment', async () => {
    const tooLarge = (writer: StoreWriter) => writer.putBlob('c', 'large', 'sha', 2 ** 70);
    const writes = [count, tooLarge, count, tooLarge, count].map((work) => rowsOf(stores).write<unknown>(work));
    const settled = await Promise.allSettled([...writes, stores.metrics.append(asked, 'job', [point(1)])]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    await assert.rejects(rowsOf(stores).write(tooLarge), { code: '22P02' });
    // Nor one whose work went on all the same.
    await assert.rejects(
      rowsOf(stores).write(async (writer) => {
        await tooLarge(writer).catch(() => {});
        return count(writer).catch(() => 0);
      }),
      { code: '22P02' },
    );
    assert.deepEqual(await rowsOf(stores).tags('job'), { n: '3' });
    assert.equal(await rowsOf(stores).blob('c', 'large'), undefined);
  });

  it('sealed by several at once, while others append, has each point once', async () => {
    const others = Array.from({ length: 3 }, () => open());
    await Promise.all(
      others.map(async ({ metrics }, w) => {
        for (let i = 0; i < 20; i++) {
          await metrics.append(
            asked,
            'job',
            Array.from({ length: 50 }, (_, j) => point(w + 3 * (50 * i + j))),
          );
          if (i % 5 === w) await metrics.maintain('seal');
        }
      }),
    );
    await stores.metrics.maintain('seal');
    const { steps } = await stores.metrics.history('job', 'k', 0, 10_000);
    assert.deepEqual(
      [...steps],
      Array.from({ length: 3000 }, (_, i) => i),
    );
  });
});
