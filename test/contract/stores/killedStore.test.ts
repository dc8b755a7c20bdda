import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { implementations, type OpenStores } from '../../unit/store/implementations.ts';
import { addJob, rowsOf, StoreFolder } from '../../unit/store/stores.ts';
import { flooded, metricLanes, rowLanes } from './flood.ts';
import { StoreProcess } from './storeProcess.ts';

/** Reads how far each lane of the flood came, and that each of its writes is there whole, once, with its changes. */
async function lanesOf(stores: OpenStores): Promise<Record<string, number>> {
  const { store, metrics } = stores;
  const rows = rowsOf(stores);
  const changes = [];
  for (;;) {
    const page = await store.changes(changes.at(-1)?.seq ?? 0, 5000);
    if (page.length === 0) break;
    changes.push(...page);
  }
  const told = new Set(changes.map(({ kind, id, op }) => `${kind} ${id} ${op}`));
  assert.deepEqual(
    changes.map(({ seq }) => seq),
    changes.map((_, i) => i + 1),
    'no change is missing',
  );
  const lanes: Record<string, number> = {};
  const tags = await rows.tags(flooded);
  for (const lane of rowLanes) {
    const n = Number(tags[lane] ?? 0);
    lanes[lane] = n;
    const numbers = (names: string[]) => names.map((name) => Number(/\d+$/.exec(name)![0])).sort((a, b) => a - b);
    const all = Array.from({ length: n }, (_, i) => i + 1);
    assert.deepEqual(numbers((await rows.resources('models', lane, 0, 1e6)).map(({ version }) => version)), all);
    assert.deepEqual(numbers((await rows.blobsFrom('c', `${lane}/`, '', 1e6)).map(({ path }) => path)), all);
    assert.deepEqual(numbers((await rows.entities.list('trace', lane)).map(({ id }) => id)), all);
    assert.deepEqual(
      numbers((await rows.jobs({ search: lane }, 0, 1e6)).map(({ name }) => name).filter((name) => name.startsWith(lane))),
      all,
    );
    for (const i of all)
      for (const line of [`model ${lane}:${i} put`, `job ${lane}${i} put`, `blob c/${lane}/${i} put`, `trace ${lane}${i} put`])
        assert.ok(told.has(line), line);
    assert.ok(!told.has(`model ${lane}:${n + 1} put`));
  }
  const latest = await metrics.latest(flooded);
  for (const lane of metricLanes) {
    const { steps } = await metrics.history(flooded, lane, 0, 1e6);
    lanes[lane] = steps.length;
    assert.deepEqual(
      [...steps],
      Array.from({ length: steps.length }, (_, i) => i + 1),
    );
    assert.equal(latest.find(({ key }) => key === lane)?.value, steps.at(-1));
  }
  return lanes;
}

for (const implementation of implementations)
  describe(`a store whose process is killed: ${implementation.name}`, function () {
    this.timeout(120_000);

    it('keeps every write that it acknowledged, and of the others all or nothing', async () => {
      const folder = new StoreFolder(implementation);
      try {
        const first = folder.open();
        await rowsOf(first).write((writer) => addJob(writer, flooded));
        let lanes = await lanesOf(first);
        await first.store.close();
        // Killed upon an answer to one lane, wherever it then is in its work for the others.
        for (const enough of [0, ...fc.sample(fc.integer({ min: 1, max: 100 }), 5)]) {
          const child = await StoreProcess.start(implementation.name, folder.folder);
          const acknowledged = { ...lanes };
          let killed: Promise<void> | undefined;
          let count = 0;
          child.onAcknowledged = (lane, n) => {
            acknowledged[lane] = n;
            if (++count >= enough) killed ??= child.kill();
          };
          child.flood(lanes);
          await child.ended;
          await killed;

          const again = folder.open();
          lanes = await lanesOf(again);
          for (const [lane, n] of Object.entries(acknowledged))
            assert.ok(lanes[lane]! >= n, `${lane}: ${n} was acknowledged, ${lanes[lane]} is there`);
          await again.store.close();
        }
        const problems = await implementation.check(folder.folder);
        assert.deepEqual(
          problems.filter((problem) => !problem.includes('its content is missing')),
          [],
        );
      } finally {
        await folder.remove();
      }
    });
  });
