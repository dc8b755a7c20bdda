import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { MetricStore, Point, SeriesRange } from '../../../src/store/metrics/metricStore.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';
import { addJob, rowsOf } from './stores.ts';

const whole = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -3, max: 40 }) }, fc.constantFrom(2 ** 53, 2 ** 53 - 1, -(2 ** 53)));
const pointOf = fc.record({
  key: fc.constantFrom('loss', 'acc', 'µ/x'),
  step: whole,
  at: fc.integer({ min: 0, max: 20 }),
  value: fc.oneof(
    fc.constantFrom(
      0,
      1,
      -1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.MIN_VALUE,
      1.7976931348623157e308,
    ),
    fc.double(),
  ),
});
/**
 * What happens to the store: points of one request, the same request again, some beside a write that is undone or one that stays open for a while, a long stretch of points, a
 * search, the job deleted and made anew, sealing, compaction, a restart.
 */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(pointOf, { minLength: 1, maxLength: 60 }).map((points) => ({ do: 'log' as const, points })) },
  { weight: 2, arbitrary: fc.constant({ do: 'again' as const }) },
  { weight: 2, arbitrary: fc.array(pointOf, { minLength: 1, maxLength: 60 }).map((points) => ({ do: 'undone' as const, points })) },
  { weight: 2, arbitrary: fc.array(pointOf, { minLength: 1, maxLength: 60 }).map((points) => ({ do: 'open' as const, points })) },
  { weight: 2, arbitrary: fc.constant({ do: 'search' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'anew' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('stretch' as const),
      key: fc.constantFrom('loss', 'acc'),
      from: fc.integer({ min: -500, max: 3000 }),
      by: fc.integer({ min: 1, max: 3 }),
      at: fc.integer({ min: 0, max: 5000 }),
      count: fc.integer({ min: 200, max: 1500 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'seal' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'compact' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);

/** The store as MLflow's table has it: a set of rows. */
class Naive {
  readonly rows = new Map<string, Point>();
  readonly latest = new Map<string, Point>();

  add(point: Point): void {
    const value = point.value === 0 ? 0 : point.value;
    this.rows.set(JSON.stringify([point.key, point.step, point.at, String(value)]), { ...point, value });
    const before = this.latest.get(point.key);
    const rank = ({ step, at, value }: Point) => [step, at, Number.isNaN(value) ? 0 : value] as const;
    const [a, b] = [rank(point), before && rank(before)];
    if (!b || a[0] > b[0] || (a[0] === b[0] && (a[1] > b[1] || (a[1] === b[1] && a[2] > b[2]))))
      this.latest.set(point.key, { ...point, value });
  }

  of(key: string): Point[] {
    return [...this.rows.values()].filter((row) => row.key === key);
  }

  history(key: string): Point[] {
    const value = (point: Point) => (Number.isNaN(point.value) ? 0 : point.value);
    return this.of(key).sort(
      (a, b) =>
        a.at - b.at ||
        a.step - b.step ||
        (value(a) === value(b) ? Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) : value(a) < value(b) ? -1 : 1),
    );
  }
}

const historyOf = async (metrics: MetricStore, job: string, key: string, page: number): Promise<Point[]> => {
  const found: Point[] = [];
  for (;;) {
    const { steps, ats, values } = await metrics.history(job, key, found.length, page);
    for (let i = 0; i < steps.length; i++) found.push({ key, step: steps[i]!, at: ats[i]!, value: values[i]! });
    if (steps.length < page) return found;
  }
};

/** The jobs of that name whose loss a search finds to be this one. */
const foundBy = async (stores: OpenStores, job: string, loss: Point | undefined): Promise<string[]> => {
  const { jobs } = await rowsOf(stores).searchRuns({
    experimentIds: [(await rowsOf(stores).job(job))!.experimentId],
    deleted: false,
    tests: [
      { of: 'attribute', key: 'run_id', operator: '=', value: job },
      { of: 'metric', key: 'loss', operator: '=', value: loss?.value ?? 0 },
    ],
    order: [],
    limit: 10,
    statusName: (status) => status,
  });
  return jobs.map(({ name }) => name);
};

/** Every reading of the store against the same of the naive rows. */
async function compare({ metrics }: OpenStores, job: string, naive: Naive): Promise<void> {
  const byKey = (a: Point, b: Point) => (a.key < b.key ? -1 : 1);
  assert.deepEqual((await metrics.latest(job)).sort(byKey), [...naive.latest.values()].sort(byKey));
  for (const key of ['loss', 'acc', 'µ/x', 'never']) {
    const rows = naive.history(key);
    assert.deepEqual(await historyOf(metrics, job, key, 777), rows);
    const steps = rows.map((row) => row.step).sort((a, b) => a - b);
    assert.deepEqual([...(await metrics.sample(job, key, 1_000_000)).steps], steps);
    const some = steps.filter((step) => step >= 0 && step <= 700);
    const sample = [...(await metrics.sample(job, key, 10, { from: 0, to: 700 })).steps];
    assert.deepEqual([sample.length, sample.at(-1)], [Math.min(10, some.length), some.at(-1)]);
    // The last two are what a page asks for that has all but the newest.
    const last = Math.max(...rows.map(({ step }) => step));
    const ranges = [{}, { from: 3, to: 900 }, { axis: 'time' as const, from: 2, to: 2500 }, { from: last }, { from: last - 20 }];
    for (const range of ranges as SeriesRange[]) {
      const axis = (row: Point) => ('axis' in range ? row.at : row.step);
      const inside = rows.filter((row) => axis(row) >= (range.from ?? -Infinity) && axis(row) <= (range.to ?? Infinity));
      const all = await metrics.series(job, key, 1_000_000, range);
      assert.equal(all.total, rows.length);
      assert.equal(all.steps.length, inside.length);
      const few = await metrics.series(job, key, 40, range);
      const finite = inside.map((row) => row.value).filter(Number.isFinite);
      if (inside.length <= 40) assert.deepEqual(few, all);
      else if (finite.length) {
        assert.ok(
          few.values.includes(finite.reduce((a, b) => Math.min(a, b))) && few.values.includes(finite.reduce((a, b) => Math.max(a, b))),
        );
        assert.ok(few.steps.length <= 50);
        const axes = 'axis' in range ? few.times : few.steps;
        assert.ok(axes.every((each, i) => i === 0 || axes[i - 1]! <= each));
      }
    }
  }
}

for (const { name, open, check } of implementations)
  describe(`metric store: ${name}`, () => {
    let folder: string;
    let stores: OpenStores;
    let job: string;
    let jobs = 0;

    const newJob = async () => {
      job = `job${++jobs}`;
      await rowsOf(stores).write((writer) => addJob(writer, job));
    };
    beforeEach(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-metrics-'));
      stores = open(folder);
      await newJob();
    });

    afterEach(async () => {
      await stores.store.close();
      rmSync(folder, { recursive: true, force: true });
    });

    for (const count of [1, 2])
      it(`answers as a table of rows would, whatever is logged in whatever order by ${count === 1 ? 'one store' : 'two stores of one folder'}, over restarts`, async function () {
        this.timeout(60_000);
        await stores.store.close();
        const all = Array.from({ length: count }, () => open(folder, 'tiny'));
        try {
          await fc.assert(
            fc.asyncProperty(fc.array(fc.tuple(fc.nat(1), step), { minLength: 1, maxLength: 14 }), async (steps) => {
              stores = all[0]!;
              await newJob();
              let naive = new Naive();
              let before: Point[] = [];
              const log = async (points: Point[]) => {
                before = points;
                for (const point of points) naive.add(point);
                await stores.metrics.append(asked, job, [...points]);
              };
              for (const [by, each] of steps) {
                stores = all[by % count]!;
                if (each.do === 'log') await log(each.points);
                else if (each.do === 'again') await log(before);
                else if (each.do === 'undone') {
                  // Points that arrive in the same moment as a write that is undone are kept all the same.
                  const undone = rowsOf(stores).write(async (writer) => {
                    await writer.setTag(job, 'undone', 'x');
                    throw new Error('undone');
                  });
                  await Promise.all([assert.rejects(undone, /undone/), log(each.points)]);
                } else if (each.do === 'open') {
                  // While a write is open, nobody sees points that came after it began.
                  let release = () => {};
                  const released = new Promise<void>((resolve) => {
                    release = resolve;
                  });
                  let written: Promise<void> | undefined;
                  await new Promise<void>((begun) => {
                    written = rowsOf(stores).write(async (writer) => {
                      await writer.setTag(job, 'open', 'x');
                      begun();
                      await released;
                    });
                  });
                  const logged = stores.metrics.append(asked, job, [...each.points]);
                  for (const reading of all) await compare(reading, job, naive);
                  release();
                  await Promise.all([written, logged]);
                  for (const point of each.points) naive.add(point);
                } else if (each.do === 'anew') {
                  await rowsOf(stores).write((writer) => writer.deleteJob(job));
                  for (const reading of all) await compare(reading, job, new Naive());
                  await rowsOf(stores).write((writer) => addJob(writer, job));
                  naive = new Naive();
                } else if (each.do === 'search') {
                  for (const reading of all)
                    assert.deepEqual(
                      await foundBy(reading, job, naive.latest.get('loss')),
                      naive.latest.has('loss') && !Number.isNaN(naive.latest.get('loss')!.value) ? [job] : [],
                    );
                } else if (each.do === 'stretch')
                  await log(
                    Array.from({ length: each.count }, (_, i) => ({
                      key: each.key,
                      step: each.from + i * each.by,
                      at: each.at + i,
                      value: Math.sin(i) * (i % 97 === 0 ? 100 : 1),
                    })),
                  );
                else if (each.do === 'restart') {
                  await stores.store.close();
                  stores = all[by % count] = open(folder, 'tiny');
                } else await stores.metrics.maintain(each.do);
                if (each.do !== 'log') for (const reading of all) await compare(reading, job, naive);
              }
              for (const reading of all) await compare(reading, job, naive);
              assert.deepEqual(await check(folder), []);
            }),
            { numRuns: count === 1 ? 15 : 10, endOnFailure: true },
          );
        } finally {
          await Promise.all(all.map(({ store }) => store.close()));
        }
      });

    it('never takes one key for another, whoever removed the points that had it', async () => {
      const other = open(folder);
      try {
        const append = (key: string) => stores.metrics.append(asked, job, [{ key, step: 1, at: 1, value: 1 }]);
        await append('gone');
        assert.deepEqual(await other.metrics.keys(job), ['gone']);
        await rowsOf(stores).write((writer) => writer.deleteJob(job));
        await stores.metrics.maintain('compact');
        await newJob();
        await append('new');
        assert.deepEqual(await other.metrics.keys(job), ['new']);
        assert.equal((await other.metrics.series(job, 'gone', 10)).total, 0);
        await append('gone');
        assert.equal((await other.metrics.series(job, 'gone', 10)).total, 1);
        await other.metrics.append(asked, job, [{ key: 'gone', step: 2, at: 2, value: 2 }]);
        assert.equal((await stores.metrics.series(job, 'gone', 10)).total, 2);
      } finally {
        await other.store.close();
      }
    });

    it('keeps each identical point once', async () => {
      const points = Array.from({ length: 1000 }, (_, i) => ({ key: 'k', step: i, at: i, value: i }));
      for (let round = 0; round < 30; round++) await stores.metrics.append(asked, job, [...points]);
      assert.equal((await stores.metrics.history(job, 'k', 0, 5000)).steps.length, 1000);
      await stores.metrics.maintain('compact');
      assert.equal((await stores.metrics.series(job, 'k', 10)).total, 1000);
    });

    it('keeps every planted extreme of a long series at any zoom', async function () {
      this.timeout(30_000);
      const total = 300_000;
      const spikes = new Map([...Array(60).keys()].map((i) => [i * 4999 + 17, i % 2 ? 1000 + i : -1000 - i]));
      for (let start = 0; start < total; start += 10_000)
        await stores.metrics.append(
          asked,
          job,
          Array.from({ length: 10_000 }, (_, i) => ({
            key: 'k',
            step: start + i,
            at: 1e12 + (start + i) * 20,
            value: spikes.get(start + i) ?? Math.sin((start + i) / 1000),
          })),
        );
      for (const points of [100, 400, 2000, 100_000]) {
        for (const range of [{}, { from: 1, to: 250_000 }, { axis: 'time' as const, from: 1e12 + 20_000, to: 1e12 + 299_000 * 20 }]) {
          const { steps, values } = await stores.metrics.series(job, 'k', points, range);
          const [from, to] = [steps[0]!, steps.at(-1)!];
          for (const [step, value] of spikes) {
            // Of neighbouring spikes of one sign in a bucket only the greatest can stay.
            if (step < from || step > to || (points < 400 && Math.abs(value) < 1050)) continue;
            if (points >= 400 || value === Math.max(...spikes.values())) assert.ok(values.includes(value), `${value} of ${points}`);
          }
          assert.ok(steps.length <= points * 1.25 + 8);
        }
      }
    });

    it('shows few points that lie far from many', async () => {
      const dense = Array.from({ length: 60_000 }, (_, i) => ({ key: 'k', step: i, at: i, value: 0 }));
      const sparse = Array.from({ length: 50 }, (_, i) => ({ key: 'k', step: 60_000 + i * 10_000, at: 60_000 + i, value: i }));
      for (let start = 0; start < dense.length; start += 20_000)
        await stores.metrics.append(asked, job, dense.slice(start, start + 20_000));
      await stores.metrics.append(asked, job, sparse);
      await stores.metrics.maintain('seal');
      const { values } = await stores.metrics.series(job, 'k', 400);
      for (const { value } of sparse) assert.ok(values.includes(value));
    });

    it('frees what a deleted job had', async () => {
      const empty = await stores.size();
      for (let start = 0; start < 200_000; start += 20_000)
        await stores.metrics.append(
          asked,
          job,
          Array.from({ length: 20_000 }, (_, i) => ({ key: 'k', step: start + i, at: start + i, value: Math.random() })),
        );
      await stores.metrics.maintain('compact');
      const full = await stores.size();
      await rowsOf(stores).write((writer) => writer.deleteJob(job));
      await stores.metrics.maintain('compact');
      const left = await stores.size();
      assert.ok(left - empty < (full - empty) / 4, `${left} of ${full} bytes are left, of which ${empty} are an empty store's`);
    });
  });
