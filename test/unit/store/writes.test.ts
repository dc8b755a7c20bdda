import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { artifactContainer } from '../../../src/protocol/asset.ts';
import type { ChangeKind } from '../../../src/protocol/change.ts';
import { artifactFolder } from '../../../src/protocol/jobPlaces.ts';
import type { StoreWriter } from '../../../src/store/store.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';
import { addJob, newJob, rowsOf, StoreFolder } from './stores.ts';

/** A promise that the test settles. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const point = (step: number) => ({ key: 'k', value: step, at: step, step });

for (const implementation of implementations)
  describe(`writes: ${implementation.name}`, () => {
    let folder: StoreFolder;
    let stores: OpenStores;
    beforeEach(async () => {
      folder = new StoreFolder(implementation);
      stores = folder.open();
      await rowsOf(stores).write((writer) => addJob(writer, 'job'));
    });
    afterEach(() => folder.remove());

    const count = async (writer: StoreWriter): Promise<number> => {
      const n = Number((await writer.tags('job')).n ?? 0) + 1;
      await writer.setTag('job', 'n', String(n));
      return n;
    };
    /** A write that stays open until `release`; settled when it has begun. */
    const openWrite = async (key: string) => {
      const [begun, released] = [gate(), gate()];
      const done = rowsOf(stores).write(async (writer) => {
        await writer.setTag('job', key, 'x');
        await writer.putBlob('c', key, 'sha', 1);
        begun.open();
        await released.opened;
        return key;
      });
      await begun.opened;
      return { done, release: released.open };
    };

    it('keep what is told of a job that is made anew under the name of a removed one, which had artifacts', async () => {
      const rows = rowsOf(stores);
      await rows.write(async (writer) => {
        await writer.setTag('job', 'old', 'x');
        await writer.putBlob(artifactContainer, `${artifactFolder('job')}/f.txt`, 'sha', 1);
      });
      await rows.write((writer) => writer.deleteJob('job'));
      await rows.write(async (writer) => {
        await addJob(writer, 'job');
        await writer.setTag('job', 'new', 'y');
        await writer.setParam('job', 'p', '1');
      });
      await stores.metrics.append(asked, 'job', [point(1)]);
      assert.deepEqual(await rows.tags('job'), { new: 'y' });
      assert.deepEqual(await rows.params('job'), [{ key: 'p', value: '1' }]);
      assert.equal((await stores.metrics.history('job', 'k', 0, 10)).steps.length, 1);
    });

    it('remove runs that lie below each other in a circle, each once', async () => {
      const removed = await rowsOf(stores).write(async (writer) => {
        const { experimentId } = (await writer.job('job'))!;
        for (const [name, parent] of [
          ['a', 'b'],
          ['b', 'a'],
          ['self', 'self'],
        ] as const)
          await writer.putJob({ ...newJob(name, experimentId), parent });
        return [await writer.deleteJob('a'), await writer.deleteJob('self')];
      });
      assert.deepEqual(removed, [['a', 'b'], ['self']]);
    });

    it('of one moment each see all that came before', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          rowsOf(stores).write(async (writer) => {
            const n = await count(writer);
            // Work that gives way to others in the middle is still one write.
            if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
            assert.equal((await writer.tags('job')).n, String(n));
            return n;
          }),
        ),
      );
      assert.deepEqual(
        answers,
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
      assert.deepEqual(await rowsOf(stores).tags('job'), { n: '50' });
    });

    it('of two stores of one folder take turns', async () => {
      const other = folder.open();
      const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => rowsOf(i % 2 ? stores : other).write(count)));
      assert.deepEqual(
        answers.sort((a, b) => a - b),
        Array.from({ length: 40 }, (_, i) => i + 1),
      );
      assert.deepEqual(await rowsOf(other).tags('job'), await rowsOf(stores).tags('job'));

      const { done, release } = await openWrite('open');
      // One that has not written yet tries at once.
      const third = folder.open();
      const [counted, appended, found] = [
        rowsOf(third).write(count),
        third.metrics.append(asked, 'job', [point(1)]),
        rowsOf(third).job('job'),
      ];
      assert.equal((await found)!.name, 'job');
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      release();
      await done;
      assert.equal(await counted, 41);
      await appended;
      assert.deepEqual(await rowsOf(stores).tags('job'), { n: '41', open: 'x' });
    });

    it('that throw undo their own part alone', async () => {
      const settled = await Promise.allSettled(
        Array.from({ length: 40 }, (_, i) =>
          i % 5 === 4
            ? stores.metrics.append(asked, i % 10 === 9 ? 'absent' : 'job', [point(i)])
            : rowsOf(stores).write(async (writer) => {
                await count(writer);
                await addJob(writer, `job${i}`);
                await writer.putBlob('c', `blob${i}`, `sha${i}`, i);
                if (i % 3 === 0) throw new Error(`undone ${i}`);
              }),
        ),
      );
      const kept: number[] = [];
      for (const [i, result] of settled.entries()) {
        if (i % 5 === 4) assert.equal(result.status, i % 10 === 9 ? 'rejected' : 'fulfilled');
        else if (i % 3 === 0) assert.equal((result as PromiseRejectedResult).reason.message, `undone ${i}`);
        else kept.push(i);
      }
      assert.equal((await rowsOf(stores).tags('job')).n, String(kept.length));
      const named = await rowsOf(stores).jobs({}, 0, 100);
      assert.deepEqual(
        named.map(({ name }) => name),
        [...kept.map((i) => `job${i}`).reverse(), 'job'],
      );
      assert.deepEqual((await rowsOf(stores).blobs('c', '', true)).map(({ path }) => path).sort(), kept.map((i) => `blob${i}`).sort());
      const told = (await stores.store.changes(0, 1000)).filter(({ kind }) => kind === 'blob').map(({ id }) => id);
      assert.deepEqual(
        told,
        kept.map((i) => `c/blob${i}`),
      );
      assert.deepEqual([...(await stores.metrics.history('job', 'k', 0, 100)).steps], [4, 14, 24, 34]);
      await assert.rejects(stores.metrics.append(asked, 'absent', [point(1)]), { code: 'NotFound' });
    });

    it('are seen by nobody before their end, and hold up no reading', async () => {
      await stores.metrics.append(asked, 'job', [point(1)]);
      const before = await stores.store.seq();
      const { done, release } = await openWrite('open');
      const appended = stores.metrics.append(asked, 'job', [point(2)]);
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(await rowsOf(stores).tags('job'), {});
        assert.equal(await rowsOf(stores).blob('c', 'open'), undefined);
        assert.equal(await stores.store.hasContent('sha'), false);
        assert.equal(await stores.store.seq(), before);
        assert.equal((await stores.store.changes(0, 100)).at(-1)!.seq, before);
        assert.equal((await stores.metrics.series('job', 'k', 10)).total, 1);
        assert.deepEqual(await stores.metrics.keys('job'), ['k']);
        await new Promise((resolve) => setImmediate(resolve));
      }
      release();
      assert.equal(await done, 'open');
      assert.deepEqual(await rowsOf(stores).tags('job'), { open: 'x' });
      await appended;
      assert.equal((await stores.metrics.series('job', 'k', 10)).total, 2);
      assert.ok((await stores.store.seq()) > before);
    });

    it('tell of their commit once it can be read, and not of what was undone', async () => {
      const heard: number[] = [];
      let seen: Promise<string | undefined> | undefined;
      const listening = stores.store.onDidCommit(({ seq }) => {
        heard.push(seq);
        seen = rowsOf(stores)
          .tags('job')
          .then(({ told }) => told);
      });
      await assert.rejects(
        rowsOf(stores).write(async (writer) => {
          await writer.setTag('job', 'told', 'undone');
          throw new Error('undone');
        }),
      );
      assert.deepEqual(heard, []);
      await rowsOf(stores).write((writer) => writer.setTag('job', 'told', 'yes'));
      assert.deepEqual([heard, await seen], [[await stores.store.seq()], 'yes']);
      listening.dispose();
      await rowsOf(stores).write((writer) => writer.setTag('job', 'told', 'no'));
      assert.equal(heard.length, 1);
    });

    it('say with their commit of what kinds their changes are, which are read by kind', async () => {
      const heard: string[][] = [];
      const listening = stores.store.onDidCommit(({ kinds }) => heard.push([...kinds!].sort()));
      const since = await stores.store.seq();
      await rowsOf(stores).write(async (writer) => {
        await writer.announce('metric', 'job', 'put');
        await writer.announce('data', 'a', 'put');
      });
      await rowsOf(stores).write((writer) => writer.announce('log', 'job', 'put'));
      await rowsOf(stores).write((writer) => writer.announce('data', 'b', 'put'));
      listening.dispose();
      assert.deepEqual(heard, [['data', 'metric'], ['log'], ['data']]);
      const read = async (limit: number, kinds: ChangeKind[]) =>
        (await stores.store.changes(since, limit, kinds)).map(({ kind, id }) => `${kind} ${id}`);
      assert.deepEqual(await read(10, ['data', 'log']), ['data a', 'log job', 'data b']);
      assert.deepEqual(await read(2, ['data', 'log']), ['data a', 'log job']);
      assert.deepEqual([await read(10, ['model']), await read(10, [])], [[], []]);
    });

    it('end with their work: the writer is of no use any more', async () => {
      let kept: StoreWriter | undefined;
      await rowsOf(stores).write(async (writer) => {
        kept = writer;
      });
      const calls: [string, () => Promise<unknown>][] = [
        ['setTag', () => kept!.setTag('job', 'late', 'x')],
        ['job', () => kept!.job('job')],
        ['tags', () => kept!.tags('job')],
        ['resources', () => kept!.resources('models', undefined, 0, 1)],
        ['deleteJob', () => kept!.deleteJob('job')],
        ['announce', () => kept!.announce('job', 'job', 'put')],
        ['entities.put', () => kept!.entities.put({ kind: 'trace', id: 't', scope: '', at: 1, body: {} })],
        ['entities.get', () => kept!.entities.get('trace', 't')],
        ['lineage.addModel', () => kept!.lineage.addModel('job', 'input', { id: 'm', step: 0 })],
        ['spans.put', () => kept!.spans.put('t', [{ id: 's', start: '1', body: {} }])],
      ];
      const before = await stores.store.seq();
      const refused = async () => {
        for (const [what, call] of calls) await assert.rejects(call, /after its end/, what);
      };
      await refused();
      // Nor while another write is open, whose part it would become.
      const { done, release } = await openWrite('open');
      await refused();
      release();
      await done;
      assert.deepEqual(await rowsOf(stores).tags('job'), { open: 'x' });
      assert.equal((await stores.store.changes(before, 100)).length, 2);
    });

    it('are refused inside a write, which goes on', async () => {
      const answer = rowsOf(stores).write(async (writer) => {
        await writer.setTag('job', 'a', '1');
        await assert.rejects(rowsOf(stores).write(count), /A write inside a write/);
        await assert.rejects(stores.metrics.append(asked, 'job', [point(1)]), /A write inside a write/);
        await new Promise((resolve) => setImmediate(resolve));
        await assert.rejects(rowsOf(stores).write(count), /A write inside a write/);
        await writer.setTag('job', 'b', '2');
        // What it leaves behind to be done after it is not inside it.
        return new Promise<number>((resolve) => setImmediate(() => resolve(1))).then((n) => n + 1);
      });
      assert.equal(await answer, 2);
      assert.deepEqual(await rowsOf(stores).tags('job'), { a: '1', b: '2' });

      const later = gate();
      let after: Promise<number> | undefined;
      await rowsOf(stores).write(async () => {
        after = later.opened.then(() => rowsOf(stores).write(count));
      });
      later.open();
      assert.equal(await after, 1);
    });

    it('that throw in the middle of a method leave nothing of that method', async () => {
      await rowsOf(stores).write(async (writer) => {
        const experiment = (await writer.experiment({ name: 'e' }))!;
        await assert.rejects(writer.putJob(newJob('job', experiment.id, { status: 'Failed' })), { code: 'Conflict' });
        await assert.rejects(writer.createExperiment('e'), { code: 'Conflict' });
        await assert.rejects(writer.setTag('absent', 'k', 'v'), { code: 'NotFound' });
        await assert.rejects(writer.setParam('absent', 'k', 'v'), { code: 'NotFound' });
        await assert.rejects(writer.updateExperiment('77', {}), { code: 'NotFound' });
        const dataset = { name: 'd', digest: '1', sourceType: 's', source: '', tags: {} };
        await assert.rejects(writer.lineage.addDataset('absent', dataset), { code: 'NotFound' });
        await assert.rejects(writer.lineage.addModel('absent', 'input', { id: 'm', step: 1 }), { code: 'NotFound' });
        assert.deepEqual(await writer.lineage.datasets('absent'), []);
        assert.deepEqual(await writer.lineage.models('absent', 'input'), []);
      });
      assert.equal((await rowsOf(stores).job('job'))!.status, 'Running');
    });

    it('and points of one moment go where they were sent, even when a job is made anew in between', async () => {
      const [first] = await Promise.all([
        stores.metrics.append(asked, 'job', [point(1)]),
        rowsOf(stores).write(async (writer) => {
          await writer.deleteJob('job');
          await addJob(writer, 'job');
        }),
        stores.metrics.append(asked, 'job', [point(2)]),
        rowsOf(stores).write((writer) => addJob(writer, 'other')),
      ]);
      assert.equal(first, undefined);
      assert.deepEqual([...(await stores.metrics.history('job', 'k', 0, 10)).steps], [2]);
      const points = [point(3)];
      await Promise.all([stores.metrics.append(asked, 'job', points), stores.metrics.append(asked, 'job', [point(4)])]);
      assert.deepEqual(points, [point(3)], 'the points of a caller stay as they are');
      assert.deepEqual([...(await stores.metrics.history('job', 'k', 0, 10)).steps], [2, 3, 4]);
    });

    it('are waited for by the end of the store, which takes no more', async () => {
      const { done, release } = await openWrite('open');
      const waiting = rowsOf(stores).write(count);
      const closed = stores.store.close();
      let isClosed = false;
      void closed.then(() => {
        isClosed = true;
      });
      for (const late of [rowsOf(stores).write(count), stores.metrics.append(asked, 'job', [point(1)])])
        await assert.rejects(late, { name: 'UserError', code: 'PlaneUnreachable' });
      assert.equal(isClosed, false);
      release();
      assert.deepEqual([await done, await waiting], ['open', 1]);
      await closed;
      await stores.store.close();
      stores = folder.open();
      assert.deepEqual(await rowsOf(stores).tags('job'), { open: 'x', n: '1' });
    });

    it('leave room for the upkeep of metrics, which waits for them', async () => {
      await stores.metrics.append(
        asked,
        'job',
        Array.from({ length: 1000 }, (_, i) => point(i)),
      );
      const { done, release } = await openWrite('open');
      const upkeep = Promise.all([stores.metrics.maintain('seal'), stores.metrics.maintain('compact')]);
      const more = rowsOf(stores).write(count);
      release();
      await Promise.all([done, upkeep, more]);
      assert.equal((await stores.metrics.series('job', 'k', 10)).total, 1000);
      // Write after write while the space that nobody needs is given back.
      let compacted = false;
      const compaction = stores.metrics.maintain('compact').then(() => {
        compacted = true;
      });
      while (!compacted) await rowsOf(stores).write(count);
      await compaction;

      // Also where there is nothing to be moved before.
      await rowsOf(stores).write((writer) => writer.deleteJob('job'));
      let isCompacted: Promise<void> | undefined;
      await rowsOf(stores).write(async (writer) => {
        await writer.putBlob('c', 'open', 'sha', 1);
        isCompacted = stores.metrics.maintain('compact');
        isCompacted.catch(() => {});
        await new Promise((resolve) => setImmediate(resolve));
      });
      await isCompacted;
    });

    it('begin an epoch of the change log, each opening with its first one; what an earlier epoch has seen of this log is known', async () => {
      const { store } = stores;
      const [first, seq] = [await store.epoch(), await store.seq()];
      const again = folder.open();
      assert.equal(await again.store.epoch(), first);
      // One that is taken back begins none.
      await assert.rejects(
        rowsOf(again).write(async () => {
          throw new Error('no');
        }),
        /no/,
      );
      assert.equal(await again.store.epoch(), first);
      await rowsOf(again).write((writer) => writer.setTag('job', 'a', '1'));
      await rowsOf(again).write((writer) => writer.setTag('job', 'b', '1'));
      const second = await store.epoch();
      assert.notEqual(second, first);
      assert.equal(await again.store.epoch(), second);
      for (const [epoch, place, isThere] of [
        [first, 0, true],
        [first, seq, true],
        // In this epoch, another copy may have gone on.
        [first, seq + 1, false],
        [second, seq, true],
        [second, seq + 2, true],
        [second, seq + 3, false],
        ['unknown', 0, false],
      ] as const)
        assert.equal(await store.hasPlace(epoch, place), isThere, `${epoch} ${place}`);
    });

    it('are paged through by place while things come and go: what stays is read once', async () => {
      const put = (path: string) => rowsOf(stores).write((writer) => writer.putBlob('c', path, 'sha', 1));
      for (let i = 0; i < 40; i += 2) await put(`f/${String(i).padStart(2, '0')}`);
      const since = await stores.store.seq();
      const [blobs, changes]: [string[], number[]] = [[], []];
      for (let page = 0; page < 10; page++) {
        const found = await rowsOf(stores).blobsFrom('c', 'f/', blobs.at(-1) ?? '', 3);
        blobs.push(...found.map(({ path }) => path));
        // One comes before the place that was reached, one after; one that was read goes, and one that was not.
        await put(`f/${String(page * 4 + 1).padStart(2, '0')}`);
        await put(`f/${String(39 - page * 2).padStart(2, '0')}`);
        await rowsOf(stores).write((writer) => writer.deleteBlobs('c', blobs[page * 2]!));
        await rowsOf(stores).write((writer) => writer.deleteBlobs('c', `f/${38 - page * 2}`));
        changes.push(...(await stores.store.changes(changes.at(-1) ?? since, 3)).map(({ seq }) => seq));
      }
      assert.equal(new Set(blobs).size, blobs.length);
      assert.deepEqual([...blobs].sort(), blobs);
      const left = (await rowsOf(stores).blobsFrom('c', 'f/', '', 100)).map(({ path }) => path);
      for (let i = 0; i < 40; i += 2) {
        const path = `f/${String(i).padStart(2, '0')}`;
        if (left.includes(path) && path < blobs.at(-1)!) assert.ok(blobs.includes(path), path);
      }
      for (;;) {
        const page = await stores.store.changes(changes.at(-1)!, 7);
        if (page.length === 0) break;
        changes.push(...page.map(({ seq }) => seq));
      }
      assert.deepEqual(
        changes,
        (await stores.store.changes(since, 1000)).map(({ seq }) => seq),
      );
      assert.deepEqual(await stores.store.changes(since, 0), []);
    });
  });
