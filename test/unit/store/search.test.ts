import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import type { RunOrder, RunQuery, RunTest } from '../../../src/store/runQuery.ts';
import { isLike } from '../../../src/store/search/passes.ts';
import type { WorkspaceStore } from '../../../src/store/store.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';

type Value = number | string | undefined;
interface Run {
  id: string;
  start: number;
  experiment: string;
  deleted: boolean;
  metric: Record<string, number>;
  param: Record<string, string>;
  tag: Record<string, string>;
}

const key = fc.constantFrom('a', 'b');
const number = fc.constantFrom(0, 1, 2, 0.5, Number.NaN, Number.POSITIVE_INFINITY);
const text = fc.constantFrom('x', 'X', 'xy', '', 'ß%');
const change = fc.oneof(
  fc.record({ do: fc.constant('run' as const), start: fc.integer({ min: 1, max: 4 }), experiment: fc.constantFrom('e', 'f') }),
  fc.record({ do: fc.constant('metric' as const), run: fc.nat(30), key, value: number, step: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant('param' as const), run: fc.nat(30), key, value: text }),
  fc.record({ do: fc.constant('tag' as const), run: fc.nat(30), key, value: fc.oneof(text, fc.constant(null)) }),
  fc.record({ do: fc.constant('delete' as const), run: fc.nat(30), for: fc.constantFrom('good', 'now', 'back') }),
  fc.record({ do: fc.constant('undone' as const), run: fc.nat(30), key, value: text }),
);
const test: fc.Arbitrary<RunTest> = fc.oneof(
  fc.record({
    of: fc.constant('metric' as const),
    key,
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value: fc.constantFrom(0, 1),
  }),
  fc.record({ of: fc.constantFrom('param', 'tag'), key, operator: fc.constantFrom('=', '!='), value: text }),
  fc.record({
    of: fc.constantFrom('param', 'tag'),
    key,
    operator: fc.constantFrom('LIKE', 'ILIKE'),
    value: fc.constantFrom('x%', '_', '%Y', 'x'),
  }),
  fc.record({ of: fc.constantFrom('param', 'tag'), key, operator: fc.constantFrom('IS NULL', 'IS NOT NULL') }),
) as fc.Arbitrary<RunTest>;
const order: fc.Arbitrary<RunOrder> = fc.record({ of: fc.constantFrom('metric', 'param', 'tag'), key, descending: fc.boolean() });

const read = (run: Run, { of, key }: { of: string; key: string }): Value => run[of as 'metric'][key];

function passes(run: Run, test: RunTest): boolean {
  const value = read(run, test);
  if (test.operator === 'IS NULL') return value === undefined;
  if (value === undefined) return false;
  if (test.operator === 'IS NOT NULL') return true;
  const wanted = (test as { value: any }).value;
  if (test.operator === 'LIKE' || test.operator === 'ILIKE') {
    const pattern = wanted.replaceAll('%', '.*').replaceAll('_', '.');
    return new RegExp(`^${pattern}$`, test.operator === 'ILIKE' ? 'i' : '').test(value as string);
  }
  const answers = {
    '=': value === wanted,
    '!=': value !== wanted,
    '<': value < wanted,
    '<=': value <= wanted,
    '>': value > wanted,
    '>=': value >= wanted,
  };
  return answers[test.operator as '='];
}

function compare(a: Run, b: Run, orders: RunOrder[]): number {
  const rank = (value: Value) => (value === undefined ? 2 : Number.isNaN(value) ? 1 : 0);
  for (const each of orders) {
    const [x, y] = [read(a, each), read(b, each)];
    if (rank(x) !== rank(y)) return rank(x) - rank(y);
    if (rank(x) === 0 && x !== y) return x! < y! === each.descending ? 1 : -1;
  }
  return b.start - a.start || (a.id < b.id ? -1 : 1);
}

for (const { name, open } of implementations)
  describe(`search over runs: ${name}`, () => {
    let folder: string;
    let stores: OpenStores;
    let store: WorkspaceStore;
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-search-'));
      stores = open(folder);
      store = stores.store.in(asked.workspace, asked.principal);
    });
    after(async () => {
      await stores.store.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('finds, sorts and pages as a walk over all runs would, whatever was written before', async function () {
      this.timeout(60_000);
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 5, maxLength: 60 }),
          fc.array(
            fc.record({
              tests: fc.array(test, { maxLength: 2 }),
              order: fc.uniqueArray(order, { maxLength: 2, selector: (o) => o.of + o.key }),
            }),
            {
              minLength: 3,
              maxLength: 3,
            },
          ),
          fc.integer({ min: 1, max: 7 }),
          async (changes, queries, limit) => {
            round++;
            const experiments = new Map<string, string>();
            for (const name of ['e', 'f']) {
              const made = await store.write(async (writer) => writer.createExperiment(`${name}${round}`));
              experiments.set(name, made.id);
            }
            const runs: Run[] = [];
            const ask = async (at: number) => {
              const { tests, order } = queries[at]!;
              for (const deleted of [false, undefined]) {
                const query: RunQuery = { experimentIds: [...experiments.values()], deleted, tests, order, limit, statusName: String };
                const expected = runs
                  .filter((run) => (deleted === undefined || run.deleted === deleted) && tests.every((each) => passes(run, each)))
                  .sort((a, b) => compare(a, b, order));
                const found: string[] = [];
                let after: RunQuery['after'];
                do {
                  const page = await store.searchRuns({ ...query, after });
                  found.push(...page.jobs.map(({ name }) => name));
                  after = page.next && JSON.parse(JSON.stringify(page.next));
                } while (after);
                assert.deepEqual(
                  found,
                  expected.map(({ id }) => id),
                );
              }
            };
            for (const [index, each] of changes.entries()) {
              if (index === 3) await ask(0);
              if (each.do === 'run') {
                const run: Run = {
                  id: `r${round}-${(runs.length * 7) % 31}-${index}`,
                  start: each.start,
                  experiment: each.experiment,
                  deleted: false,
                  metric: {},
                  param: {},
                  tag: {},
                };
                runs.push(run);
                await store.write(async (writer) =>
                  writer.putJob({
                    name: run.id,
                    experimentId: experiments.get(each.experiment)!,
                    properties: { jobType: 'Command', command: '', environmentId: '' },
                    status: 'Running',
                    parent: null,
                    claimedBy: null,
                    startedAt: each.start,
                    endedAt: null,
                    user: 'u',
                    isDeleted: false,
                  }),
                );
                continue;
              }
              const run = runs[each.run % Math.max(1, runs.length)];
              if (!run) continue;
              if (each.do === 'metric') {
                if (run.deleted) continue;
                const at = Object.values(run.metric).length + index;
                await stores.metrics.append(asked, run.id, [{ key: each.key, value: each.value, at, step: index }]);
                run.metric[each.key] = each.value;
              } else if (each.do === 'param') {
                if (await store.write(async (writer) => writer.setParam(run.id, each.key, each.value))) run.param[each.key] = each.value;
              } else if (each.do === 'tag') {
                await store.write(async (writer) => writer.setTag(run.id, each.key, each.value));
                if (each.value === null) delete run.tag[each.key];
                else run.tag[each.key] = each.value;
              } else if (each.do === 'undone') {
                const undone = store.write(async (writer) => {
                  await writer.setTag(run.id, each.key, each.value);
                  await writer.setParam(run.id, `${each.key}`, each.value);
                  throw new Error('undone');
                });
                await assert.rejects(undone, /undone/);
              } else if (each.for === 'good') {
                await store.write(async (writer) => writer.deleteJob(run.id));
                runs.splice(runs.indexOf(run), 1);
              } else {
                run.deleted = each.for === 'now';
                await store.write(async (writer) => writer.updateJob((await writer.job(run.id))!, undefined, { isDeleted: run.deleted }));
              }
            }
            await ask(1);
            await ask(2);
          },
        ),
        { numRuns: 40 },
      );
    });

    it("takes LIKE's patterns, in a time that no pattern can blow up", () => {
      assert.ok(isLike('abc', 'a%') && isLike('abc', '%b%') && isLike('abc', '_b_') && isLike('', '%') && isLike('a%b', 'a%b'));
      assert.ok(!isLike('abc', 'a') && !isLike('abc', '_') && !isLike('abc', 'A%') && !isLike('', '_'));
      assert.ok(!isLike('a'.repeat(8000), `${'%a'.repeat(200)}b`));
    });
  });
