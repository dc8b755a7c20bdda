import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { implementations, type OpenStores } from '../../unit/store/implementations.ts';
import { addJob, rowsOf, StoreFolder } from '../../unit/store/stores.ts';
import { type Act, act, job, look } from './acts.ts';
import { StoreProcess } from './storeProcess.ts';

const key = fc.constantFrom('a', 'b');
const asked: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tag' as const), key, value: fc.option(fc.constantFrom('x', 'y')) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('param' as const), key, value: fc.constantFrom('x', 'y') }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('points' as const), key, steps: fc.uniqueArray(fc.nat(400), { minLength: 1, maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'anew' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'seal' as const }) },
);

/** The job as it must be seen by both. */
class Naive {
  tags: Record<string, string> = {};
  params: Record<string, string> = {};
  steps: Record<string, Set<number>> = {};

  act(done: Act): void {
    if (done.do === 'tag') {
      if (done.value === null) delete this.tags[done.key];
      else this.tags[done.key] = done.value;
    } else if (done.do === 'param') this.params[done.key] ??= done.value;
    else if (done.do === 'points') for (const step of done.steps) (this.steps[done.key] ??= new Set()).add(step);
    else if (done.do === 'anew') Object.assign(this, new Naive());
  }

  look(): unknown {
    const keys = Object.keys(this.steps).sort();
    const params = Object.entries(this.params).map(([key, value]) => ({ key, value }));
    return {
      tags: this.tags,
      params: params.sort((a, b) => (a.key < b.key ? -1 : 1)),
      latest: keys.map((key) => [key, Math.max(...this.steps[key]!)]),
      totals: keys.map((key) => this.steps[key]!.size),
      isFound: { metrics: keys.map(() => true), tags: Object.keys(this.tags).map(() => true), params: params.map(() => true) },
    };
  }
}

for (const implementation of implementations)
  describe(`two processes with one store: ${implementation.name}`, function () {
    this.timeout(120_000);
    let folder: StoreFolder;
    let here: OpenStores;
    let there: StoreProcess;

    beforeEach(async () => {
      folder = new StoreFolder(implementation);
      here = folder.open();
      await rowsOf(here).write((writer) => addJob(writer, job));
      there = await StoreProcess.start(implementation.name, folder.folder);
    });
    afterEach(async () => {
      await there.kill();
      await folder.remove();
    });

    it('each see what the other wrote when they read next', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), asked), { minLength: 1, maxLength: 20 }), async (acts) => {
          const naive = new Naive();
          await act(here, { do: 'anew' });
          for (const [isHere, each] of acts) {
            if (isHere) await act(here, each);
            else await there.act(each);
            naive.act(each);
            assert.deepEqual(await look(here), naive.look());
            assert.deepEqual(await there.act({ do: 'look' }), naive.look());
          }
        }),
        { numRuns: 15, endOnFailure: true },
      );
    });

    it('are told what the other wrote while they only listen, each commit once', async () => {
      const told: number[] = [];
      let hear = () => {};
      const listening = here.store.onDidCommit(({ seq }) => {
        told.push(seq);
        hear();
      });
      const heard = async (act: Promise<unknown>) => {
        const news = new Promise<void>((resolve) => {
          hear = resolve;
        });
        await act;
        await news;
        return here.store.seq();
      };
      const first = await heard(there.act({ do: 'tag', key: 'a', value: 'x' }));
      const second = await heard(act(here, { do: 'tag', key: 'b', value: 'x' }));
      const third = await heard(there.act({ do: 'tag', key: 'c', value: 'x' }));
      assert.deepEqual(told, [first, second, third]);
      listening.dispose();
    });

    it('wait for each other when both write', async () => {
      const times = 100;
      const answers = await Promise.all([
        act(here, { do: 'count', times }),
        there.act({ do: 'count', times }),
        act(here, { do: 'count', times }),
        there.act({ do: 'count', times }),
      ]);
      assert.deepEqual(
        answers.flat().sort((a, b) => a - b),
        Array.from({ length: 4 * times }, (_, i) => i + 1),
      );
      assert.equal((await rowsOf(here).tags(job)).n, String(4 * times));
    });

    it('wait for a write that stays open, reading meanwhile', async () => {
      let begin = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const open = rowsOf(here).write(async (writer) => {
        await writer.setTag(job, 'n', '10');
        begin();
        await released;
      });
      // From here on the other process finds the store being written.
      await begun;
      const other = await StoreProcess.start(implementation.name, folder.folder);
      try {
        const counted = there.act({ do: 'count', times: 3 });
        assert.deepEqual((await other.act({ do: 'look' })).tags, {});
        release();
        assert.deepEqual(await counted, [11, 12, 13]);
      } finally {
        await other.kill();
        release();
        await open;
      }
    });

    it('open a new folder at the same moment', async () => {
      const fresh = new StoreFolder(implementation);
      try {
        const started = await Promise.all([1, 2, 3].map(() => StoreProcess.start(implementation.name, fresh.folder)));
        const mine = fresh.open();
        await rowsOf(mine).write((writer) => addJob(writer, job));
        const seen = await Promise.all(started.map((each) => each.act({ do: 'look' })));
        assert.ok(seen.every((each) => each !== undefined));
        await Promise.all(started.map((each) => each.kill()));
      } finally {
        await fresh.remove();
      }
    });
  });
