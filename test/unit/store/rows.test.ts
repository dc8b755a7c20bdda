import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ownerOf } from '../../../src/protocol/principal.ts';
import type { Store, StoreWriter } from '../../../src/store/store.ts';
import { implementations } from './implementations.ts';
import { NaivePlane } from './naiveRows.ts';
import { comparePlane, compareRows, doStep, type Filters, jobFilter, rowStep, workspaces } from './rowSteps.ts';
import { StoreFolder } from './stores.ts';

/** A write of a few steps in a workspace by one of the stores of a folder; perhaps it is undone, perhaps its store is closed and opened again afterwards. */
const write = fc.record({
  by: fc.nat(1),
  workspace: fc.constantFrom(...workspaces),
  user: fc.constantFrom('u', 'v'),
  steps: fc.array(rowStep, { minLength: 1, maxLength: 12 }),
  fate: fc.constantFrom('kept', 'kept', 'kept', 'undone', 'opened'),
});

/** All that anyone can read of a store, in every workspace. */
async function compare(store: Store, plane: NaivePlane, filters: Filters, size: number): Promise<void> {
  for (const workspace of workspaces) await compareRows(store.in(workspace, ownerOf('reader')), plane, filters, size);
  await comparePlane(store, plane);
}

for (const implementation of implementations)
  describe(`rows: ${implementation.name}`, () => {
    for (const count of [1, 2])
      it(`are what plain lists of each workspace would hold, whatever is written by ${count === 1 ? 'one store' : 'two stores of one folder'}`, async function () {
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
                let plane = new NaivePlane();
                for (const { by, workspace, user, steps, fate } of writes) {
                  const { store } = stores[by % count]!;
                  const rows = store.in(workspace, ownerOf(user));
                  const before = plane.copy();
                  const work = async (writer: StoreWriter) => {
                    for (const step of steps) await doStep(writer, plane, step);
                    // The write sees itself; everyone else does not.
                    await compareRows(writer, plane, filters.slice(0, 2) as Filters, size);
                    await compare(stores.at(-1)!.store, before, filters.slice(0, 1) as Filters, size);
                    if (fate === 'undone') throw new Error('undone');
                  };
                  if (fate === 'undone') {
                    await assert.rejects(rows.write(work), /^Error: undone$/);
                    plane = before;
                  } else await rows.write(work);
                  if (fate === 'opened') {
                    await store.close();
                    stores[by % count] = folder.open();
                  }
                  for (const each of stores) await compare(each.store, plane, filters as Filters, size);
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
