import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { StoreWriter } from '../../../src/store/store.ts';
import { implementations } from './implementations.ts';
import { NaiveRows } from './naiveRows.ts';
import { compareRows, doStep, type Filters, jobFilter, rowStep } from './rowSteps.ts';
import { StoreFolder } from './stores.ts';

/** A write of a few steps by one of the stores of a folder; perhaps it is undone, perhaps its store is closed and opened again afterwards. */
const write = fc.record({
  by: fc.nat(1),
  steps: fc.array(rowStep, { minLength: 1, maxLength: 12 }),
  fate: fc.constantFrom('kept', 'kept', 'kept', 'undone', 'opened'),
});

for (const implementation of implementations)
  describe(`rows: ${implementation.name}`, () => {
    for (const count of [1, 2])
      it(`are what plain lists would hold, whatever is written by ${count === 1 ? 'one store' : 'two stores of one folder'}`, async function () {
        this.timeout(60_000);
        await fc.assert(
          fc.asyncProperty(
            fc.array(write, { minLength: 1, maxLength: 12 }),
            fc.array(jobFilter, { minLength: 6, maxLength: 6 }),
            fc.integer({ min: 1, max: 4 }),
            async (writes, filters, size) => {
              const folder = new StoreFolder(implementation);
              try {
                const stores = Array.from({ length: count }, () => folder.open());
                let rows = new NaiveRows();
                for (const { by, steps, fate } of writes) {
                  const { store } = stores[by % count]!;
                  const before = rows.copy();
                  const work = async (writer: StoreWriter) => {
                    for (const step of steps) await doStep(writer, rows, step);
                    // The write sees itself; everyone else does not.
                    await compareRows(writer, rows, filters.slice(0, 2) as Filters, size);
                    await compareRows(stores.at(-1)!.store, before, filters.slice(0, 1) as Filters, size);
                    if (fate === 'undone') throw new Error('undone');
                  };
                  if (fate === 'undone') {
                    await assert.rejects(store.write(work), /^Error: undone$/);
                    rows = before;
                  } else await store.write(work);
                  if (fate === 'opened') {
                    await store.close();
                    stores[by % count] = folder.open();
                  }
                  for (const each of stores) await compareRows(each.store, rows, filters as Filters, size);
                }
              } finally {
                await folder.remove();
              }
            },
          ),
          // What failed is shown as it is: making it smaller takes minutes.
          { numRuns: count === 1 ? 10 : 6, endOnFailure: true },
        );
      });
  });
