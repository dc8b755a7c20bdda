import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { checkStore } from '../../../src/store/maintenance/checkStore.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';
import { addJob, rowsOf, StoreFolder } from './stores.ts';

/** SQLite's frames in its write-ahead log: https://www.sqlite.org/fileformat2.html#walformat */
const [header, frame] = [32, 24 + 4096];
const writes = 12;

/** How far the history came: each write brings a tag, a version, a blob and, after it, a point. */
async function historyOf(stores: OpenStores): Promise<number> {
  const { store, metrics } = stores;
  const rows = rowsOf(stores);
  const n = Number((await rows.tags('job')).n ?? 0);
  const all = Array.from({ length: n }, (_, i) => i + 1);
  assert.deepEqual(
    (await rows.resources('models', 'm', 0, 1000)).map(({ version }) => Number(version)),
    [...all].reverse(),
  );
  assert.deepEqual(
    (await rows.blobs('c', '', true)).map(({ path }) => Number(path)).sort((a, b) => a - b),
    all,
  );
  const { steps } = await metrics.history('job', 'k', 0, 1000);
  assert.ok(steps.length === n || steps.length === n - 1, `${steps.length} points after ${n} writes`);
  assert.deepEqual([...steps], all.slice(0, steps.length));
  const told = (await store.changes(2, 1000)).map(({ kind, id }) => `${kind} ${id}`);
  const expected = all.flatMap((i) => ['job job', `model m:${i}`, `blob c/${i}`, 'metric job']);
  assert.deepEqual(told, expected.slice(0, expected.length - (n - steps.length)));
  return n + steps.length;
}

for (const implementation of implementations.filter(({ name }) => name === 'SQLite'))
  describe(`a write-ahead log that was cut: ${implementation.name}`, () => {
    it('opens at any byte, with all that was whole', async function () {
      this.timeout(60_000);
      const folder = new StoreFolder(implementation);
      const copy = new StoreFolder(implementation);
      try {
        const first = folder.open();
        await rowsOf(first).write((writer) => addJob(writer, 'job'));
        await first.store.close();
        const stores = folder.open();
        for (let i = 1; i <= writes; i++) {
          await rowsOf(stores).write(async (writer) => {
            await writer.setTag('job', 'n', String(i));
            await writer.putResource({
              kind: 'models',
              name: 'm',
              version: String(i),
              properties: { text: 'x'.repeat(i * 300) },
            });
            await writer.putBlob('c', String(i), 'sha', i);
          });
          await stores.metrics.append(asked, 'job', [{ key: 'k', step: i, at: i, value: i }]);
        }
        const file = (of: StoreFolder, end: string) => path.join(of.folder, `updraft.db${end}`);
        const log = readFileSync(file(folder, '-wal'));
        const frames = (log.length - header) / frame;
        assert.ok(Number.isInteger(frames) && frames > 4 * writes);
        // Bytes in the middle of frames, and every few frames their very ends and one byte before and after.
        const cuts = new Set([0, 1, header - 1, header, log.length]);
        for (let at = 0; at < log.length; at += 7 * 997) cuts.add(at);
        for (let i = 0; i < frames; i += 5) for (const off of [-1, 0, 1]) cuts.add(header + i * frame + off);
        let before = 0;
        for (const cut of [...cuts].sort((a, b) => a - b)) {
          for (const end of ['-shm', '-wal']) rmSync(file(copy, end), { force: true });
          copyFileSync(file(folder, ''), file(copy, ''));
          writeFileSync(file(copy, '-wal'), log.subarray(0, cut));
          const opened = copy.open();
          const found = await historyOf(opened);
          assert.ok(found >= before, 'a longer log has no less');
          before = found;
          if (cut % 5 === 0)
            assert.deepEqual(
              (await checkStore(copy.folder)).problems.filter((problem) => !problem.includes('content is missing')),
              [],
            );
          // What is written from here on is as safe.
          await rowsOf(opened).write((writer) => writer.setTag('job', 'after', 'x'));
          await opened.store.close();
        }
        assert.equal(before, 2 * writes);
      } finally {
        await folder.remove();
        await copy.remove();
      }
    });
  });
