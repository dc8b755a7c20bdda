import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ownerOf } from '../../../src/protocol/principal.ts';
import type {
  FoundGroups,
  GroupOrder,
  MetricColumn,
  RunField,
  RunGroupQuery,
  RunOrder,
  RunScopeQuery,
  RunTableQuery,
  RunTest,
} from '../../../src/store/runQuery.ts';
import type { WorkspaceStore } from '../../../src/store/store.ts';
import { asked, implementations } from './implementations.ts';
import { type NaiveRun, NaiveRuns } from './naiveRuns.ts';
import { addJob, newJob, rowsOf, StoreFolder } from './stores.ts';

const workspaces = ['ws', 'other'];
const statuses = ['Queued', 'Running', 'Completed'] as const;
const words = { Queued: 'SCHEDULED', Running: 'RUNNING', Completed: 'FINISHED' } as Record<string, string>;
const statusName = (status: string) => words[status]!;

const key = fc.constantFrom('a', 'b', 'ключ');
const number = fc.constantFrom(0, -0, 1, -2, 10, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const text = fc.constantFrom('1', '10', '9', '0.5', '-3', 'x', 'X', '', '\u0000\n"', 'ß\u{1F600}');
const run = fc.nat(40);
const store = fc.nat(1);
const oneOf = <T extends string>(...values: T[]) => fc.constantFrom(...values);

const change = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: oneOf('run'),
      store,
      workspace: fc.constantFrom(...workspaces),
      start: fc.integer({ min: 1, max: 4 }),
      experiment: fc.nat(1),
      parent: fc.option(run),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: oneOf('metric'), store, run, key, value: number }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('param'), store, run, key, value: text }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('tag'), store, run, key, value: fc.option(text) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: oneOf('status'), store, run, status: fc.constantFrom(...statuses), end: fc.integer({ min: 5, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: oneOf('delete'), store, run, for: oneOf('good', 'now', 'back') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: oneOf('rename'), store, workspace: fc.constantFrom(...workspaces), experiment: fc.nat(1), to: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ do: oneOf('undone'), store, run, key, value: text }) },
);

const scope = fc.record({
  workspace: fc.constantFrom(...workspaces),
  experiments: fc.option(fc.uniqueArray(fc.nat(1))),
  deleted: fc.constantFrom(undefined, false, true),
  parent: fc.constantFrom('all', 'all', 'none', 'one'),
  parentRun: run,
  ids: fc.option(fc.array(run, { maxLength: 8 }), { freq: 3 }),
});
const attribute = oneOf('status', 'experiment', 'parent', 'job_type', 'start_time', 'end_time', 'duration');
const field: fc.Arbitrary<RunField> = fc.oneof(
  fc.record({ of: oneOf('metric', 'param', 'tag'), key: fc.constantFrom('a', 'b', 'ключ', 'none') }),
  fc.record({ of: oneOf('attribute'), key: attribute }),
);
const test = fc.oneof(
  fc.record({ of: oneOf('metric'), key, operator: oneOf('=', '!=', '<', '>'), value: fc.constantFrom(0, 1) }),
  fc.record({ of: oneOf('param', 'tag'), key, operator: oneOf('=', '!='), value: text }),
  fc.record({ of: oneOf('param', 'tag'), key, operator: oneOf('IS NULL') }),
  fc.record({
    of: oneOf('attribute'),
    key: oneOf('status'),
    operator: oneOf('=', '!='),
    value: oneOf('FINISHED', 'Completed', 'Running', 'x'),
  }),
  fc.record({ of: oneOf('attribute'), key: oneOf('duration'), operator: oneOf('<', '>'), value: fc.constant(5) }),
) as fc.Arbitrary<RunTest>;
const order: fc.Arbitrary<RunOrder> = fc
  .record({ field, descending: fc.boolean(), asNumbers: fc.boolean() })
  .map(({ field, ...rest }) => ({ ...field, ...rest, asNumbers: rest.asNumbers && (field.of === 'param' || field.of === 'tag') }));
const column: fc.Arbitrary<MetricColumn> = fc.oneof(
  field,
  fc.record({ of: oneOf('metric'), key, value: oneOf('last', 'min', 'max', 'minStep', 'maxStep') }),
);
const choice = {
  scope,
  tests: fc.array(test, { maxLength: 2 }),
  anyOf: fc.option(fc.array(fc.array(test, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 }),
  ownStatuses: fc.boolean(),
  offset: fc.constantFrom(0, 0, 1, 3, 100),
  limit: fc.constantFrom(0, 2, 100),
};
const question = fc.record({
  table: fc.record({
    ...choice,
    order: fc.uniqueArray(order, { maxLength: 3, selector: ({ of, key }) => of + key }),
    columns: fc.array(column, { maxLength: 5 }),
  }),
  groups: fc.record({
    ...choice,
    by: fc.array(field, { minLength: 1, maxLength: 2 }),
    metrics: fc.array(key, { maxLength: 2 }),
    order: fc.array(
      fc.oneof(
        fc.record({ of: oneOf('runs'), descending: fc.boolean() }),
        fc.record({ of: oneOf('value'), index: fc.constant(0), descending: fc.boolean() }),
      ) as fc.Arbitrary<GroupOrder>,
      { maxLength: 2 },
    ),
  }),
  keys: scope,
});

/** Sums of the same numbers in another order differ in their last digits. */
const rounded = ({ total, groups }: FoundGroups) => ({
  total,
  groups: groups.map(({ metrics, ...group }) => ({
    ...group,
    values: group.values.map((value) => (Object.is(value, -0) ? 0 : value)),
    metrics: metrics.map((each) => ({
      ...each,
      mean: each.mean?.toFixed(9),
      deviation: each.deviation?.toFixed(9),
      min: each.min && each.min + 0,
      max: each.max && each.max + 0,
    })),
  })),
});

for (const implementation of implementations)
  describe(`tables of runs: ${implementation.name}`, () => {
    it('say what a walk over all runs would, whatever two stores of one folder wrote between the questions', async function () {
      this.timeout(120_000);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(change, { minLength: 1, maxLength: 12 }), { minLength: 3, maxLength: 8 }),
          fc.array(question, { minLength: 3, maxLength: 3 }),
          async (rounds, questions) => {
            const folder = new StoreFolder(implementation);
            try {
              const stores = [folder.open('tiny'), folder.open('tiny')];
              const model = new NaiveRuns();
              const of = (at: number, workspace: string): WorkspaceStore => stores[at]!.store.in(workspace, ownerOf('u'));
              const experiments: Record<string, string[]> = {};
              for (const workspace of workspaces)
                experiments[workspace] = await of(0, workspace).write(async (writer) => {
                  const made = [await writer.createExperiment('e'), await writer.createExperiment('f')];
                  for (const { id, name } of made) model.experiments.set(id, name);
                  return made.map(({ id }) => id);
                });
              const nameOf = (at: number) => model.runs[at % Math.max(1, model.runs.length)]?.id ?? 'nobody';
              const scopeOf = ({
                workspace,
                experiments: some,
                deleted,
                parent,
                parentRun,
                ids,
              }: (typeof questions)[number]['keys']): RunScopeQuery => ({
                experimentIds: some?.map((at) => experiments[workspace]![at]!),
                deleted,
                parent: parent === 'all' ? undefined : parent === 'none' ? null : nameOf(parentRun),
                ids: ids?.map(nameOf),
              });
              const ask = async (at: number) => {
                for (const { table, groups, keys } of questions) {
                  const asked: RunTableQuery = { ...table, ...scopeOf(table.scope), statusName };
                  assert.deepEqual(await of(at, table.scope.workspace).runTable(asked), model.table(table.scope.workspace, asked));
                  const grouped: RunGroupQuery = { ...groups, ...scopeOf(groups.scope), statusName };
                  assert.deepEqual(
                    rounded(await of(at, groups.scope.workspace).runGroups(grouped)),
                    rounded(model.groups(groups.scope.workspace, grouped)),
                  );
                  assert.deepEqual(await of(at, keys.workspace).runKeys(scopeOf(keys)), model.keys(keys.workspace, scopeOf(keys)));
                }
              };
              let serial = 0;
              for (const [round, changes] of rounds.entries()) {
                for (const each of changes) {
                  if (each.do === 'run') {
                    const { workspace, start } = each;
                    const made: NaiveRun = {
                      id: `r${(serial++ * 7) % 31}-${serial}`,
                      workspace,
                      experiment: experiments[workspace]![each.experiment]!,
                      parent: each.parent === null ? null : nameOf(each.parent),
                      status: 'Running',
                      start,
                      end: null,
                      deleted: false,
                      metric: {},
                      param: {},
                      tag: {},
                    };
                    await of(each.store, workspace).write((writer) =>
                      writer.putJob(newJob(made.id, made.experiment, { startedAt: start, parent: made.parent })),
                    );
                    model.runs.push(made);
                    continue;
                  }
                  if (each.do === 'rename') {
                    const id = experiments[each.workspace]![each.experiment]!;
                    const name = `${each.experiment} ${each.to}`;
                    await of(each.store, each.workspace).write((writer) => writer.updateExperiment(id, { name }));
                    model.experiments.set(id, name);
                    continue;
                  }
                  const present = model.runs[each.run % Math.max(1, model.runs.length)];
                  if (!present) continue;
                  const rows = of(each.store, present.workspace);
                  if (each.do === 'metric') {
                    if (present.deleted) continue;
                    const points = (present.metric[each.key] ??= []);
                    const step = points.length;
                    const asked = { workspace: present.workspace, principal: ownerOf('u') };
                    await stores[each.store]!.metrics.append(asked, present.id, [{ key: each.key, value: each.value, at: step, step }]);
                    points.push({ step, value: each.value + 0 });
                  } else if (each.do === 'param') {
                    if (await rows.write((writer) => writer.setParam(present.id, each.key, each.value)))
                      present.param[each.key] = each.value;
                  } else if (each.do === 'tag') {
                    await rows.write((writer) => writer.setTag(present.id, each.key, each.value));
                    if (each.value === null) delete present.tag[each.key];
                    else present.tag[each.key] = each.value;
                  } else if (each.do === 'status') {
                    const endedAt = each.status === 'Completed' ? each.end : undefined;
                    await rows.write(async (writer) =>
                      writer.updateJob((await writer.job(present.id))!, undefined, {
                        status: each.status,
                        ...(endedAt ? { endedAt } : {}),
                      }),
                    );
                    Object.assign(present, { status: each.status, ...(endedAt ? { end: endedAt } : {}) });
                  } else if (each.do === 'undone') {
                    const undone = rows.write(async (writer) => {
                      await writer.setTag(present.id, each.key, each.value);
                      throw new Error('undone');
                    });
                    await assert.rejects(undone, /undone/);
                  } else if (each.for === 'good') {
                    const gone = await rows.write((writer) => writer.deleteJob(present.id));
                    model.runs = model.runs.filter(({ id }) => !gone.includes(id));
                  } else {
                    present.deleted = each.for === 'now';
                    await rows.write(async (writer) =>
                      writer.updateJob((await writer.job(present.id))!, undefined, { isDeleted: present.deleted }),
                    );
                  }
                }
                if (round % 3 === 2) await stores[0]!.metrics.maintain('seal');
                await ask(round % 2);
              }
              await ask(0);
              await ask(1);
            } finally {
              await folder.remove();
            }
          },
        ),
        { numRuns: 25, endOnFailure: true },
      );
    });

    it('find the extremes of a long series, in whatever order its points came and however they are kept', async () => {
      const folder = new StoreFolder(implementation);
      try {
        const stores = folder.open('tiny');
        const rows = rowsOf(stores);
        await rows.write((writer) => addJob(writer, 'r'));
        // The same numbers each time; every tenth is none.
        const values = Array.from({ length: 4000 }, (_, i) =>
          i % 10 === 0 ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][i % 3]! : (i * 7919) % 4001,
        );
        const ask = async () => {
          const query: RunTableQuery = {
            experimentIds: undefined,
            deleted: false,
            tests: [],
            statusName,
            order: [],
            offset: 0,
            limit: 1,
            columns: (['min', 'minStep', 'max', 'maxStep'] as const).map((value) => ({ of: 'metric', key: 'k', value })),
          };
          return (await rows.runTable(query)).columns.map(([cell]) => cell);
        };
        const logged: { step: number; value: number }[] = [];
        for (let batch = 0; batch < 8; batch++) {
          const points = Array.from({ length: 500 }, (_, i) => {
            const step = ((batch * 500 + i) * 3) % 4000;
            return { step, value: values[step]! };
          });
          logged.push(...points);
          await stores.metrics.append(
            asked,
            'r',
            points.map(({ step, value }) => ({ key: 'k', value, at: step, step })),
          );
          if (batch % 3 === 1) await stores.metrics.maintain('seal');
          const finite = logged.filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.step - b.step);
          const [min, max] = [Math.min(...finite.map(({ value }) => value)), Math.max(...finite.map(({ value }) => value))];
          const stepOf = (wanted: number) => finite.find(({ value }) => value === wanted)!.step;
          assert.deepEqual(await ask(), [min, stepOf(min), max, stepOf(max)]);
        }
        await stores.metrics.maintain('compact');
        assert.deepEqual((await ask())[0], Math.min(...values.filter(Number.isFinite)));
        const kept = (await stores.metrics.reduced('r', 'k', 40)).points.values;
        assert.ok(kept.includes(Number.POSITIVE_INFINITY) && kept.includes(Number.NEGATIVE_INFINITY) && kept.some(Number.isNaN));
      } finally {
        await folder.remove();
      }
    });
  });
