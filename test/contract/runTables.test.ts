import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'mocha';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { ownerOf } from '../../src/protocol/principal.ts';
import { mostCellText, type RunTableRequest, type SeriesRequest } from '../../src/protocol/runTable.ts';
import type { SeriesPart } from '../../src/protocol/seriesParts.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import { addJob } from '../unit/store/stores.ts';
import { startPlane, type TestPlane } from './plane.ts';

describe('tables of runs', () => {
  let plane: TestPlane;
  const names: string[] = [];
  before(async () => {
    plane = await startPlane();
    const { experiment_id } = await plane.client.http.json<{ experiment_id: string }>('POST', '/api/2.0/mlflow/experiments/create', {
      name: 'digits',
    });
    for (let i = 0; i < 20; i++) {
      const { run } = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
        experiment_id: i === 19 ? '0' : experiment_id,
        run_name: `run ${i}`,
        start_time: 1_000_000 + i,
      });
      names.push(run.info.run_id);
      await plane.client.logBatch(run.info.run_id, {
        metrics: [0, 1, 2].map((step) => ({
          key: 'acc',
          value: i === 3 && step === 2 ? 'NaN' : i + step / 10,
          timestamp: 1000 + step,
          step,
        })),
        params: [{ key: 'lr', value: String(i % 3) }],
        tags: [{ key: 'team', value: i % 2 ? 'a' : 'b' }],
      });
    }
  });
  after(() => plane.remove());
  const ask = (request: Partial<RunTableRequest>) => plane.client.runTable({ columns: [], offset: 0, limit: 100, ...request });

  it('answer by columns, the newest run first', async () => {
    const table = await ask({
      experiments: ['digits'],
      limit: 2,
      columns: [
        { of: 'attribute', key: 'run_name' },
        { of: 'metric', key: 'acc' },
        { of: 'param', key: 'lr' },
        { of: 'tag', key: 'team' },
        { of: 'metric', key: 'none' },
        { of: 'attribute', key: 'experiment' },
      ],
    });
    assert.deepEqual(table, {
      total: 19,
      runs: [names[18], names[17]],
      columns: [
        ['run 18', 'run 17'],
        [18.2, 17.2],
        ['0', '2'],
        ['b', 'a'],
        [null, null],
        ['digits', 'digits'],
      ],
    });
  });

  it('are filtered, sorted by several fields and read in parts', async () => {
    const asked = {
      filter: "metrics.acc > 4 and tags.team = 'a'",
      orderBy: ['params.lr ASC', 'metrics.acc DESC'],
      columns: [{ of: 'attribute' as const, key: 'run_name' }],
    };
    const whole = await ask(asked);
    assert.equal(whole.total, 8);
    assert.deepEqual(whole.columns[0], ['run 15', 'run 9', 'run 19', 'run 13', 'run 7', 'run 17', 'run 11', 'run 5']);
    assert.deepEqual((await ask({ ...asked, offset: 3, limit: 2 })).columns[0], ['run 13', 'run 7']);
    assert.deepEqual(
      (await ask({ experiments: ['digits'], filter: 'metrics.acc != 1000', columns: [{ of: 'metric', key: 'acc' }] })).columns[0]!.filter(
        (value) => typeof value === 'string',
      ),
      ['NaN'],
    );
    assert.equal((await ask({ experiments: ['no such one'] })).total, 0);
  });

  it('say what can be asked for', async () => {
    assert.deepEqual((await plane.client.runKeys(['digits'])).metrics, ['acc']);
    assert.deepEqual((await plane.client.runKeys()).params, ['lr']);
    assert.ok((await plane.client.runKeys()).tags.includes('team'));
    assert.deepEqual(await plane.client.runKeys(['no such one']), { metrics: [], params: [], tags: [] });
  });

  it('refuse what can not be asked for', async () => {
    await assert.rejects(ask({ filter: 'metrics.acc >' }), { code: 'InvalidRequest' });
    await assert.rejects(ask({ columns: [{ of: 'attribute', key: 'colour' }] }), {
      code: 'InvalidRequest',
      message: /no attribute "colour"/,
    });
    await assert.rejects(ask({ limit: 1_000_000 }), { code: 'InvalidRequest' });
  });

  it('take a filter with OR and parentheses, our attributes, and statuses in both words', async () => {
    const count = async (filter: string) => (await ask({ filter })).total;
    assert.equal(await count("params.lr = '0' or params.lr = '1'"), 14);
    assert.equal(await count("(params.lr = '0' OR params.lr = '1') AND tags.team = 'a'"), 7);
    assert.equal(await count("params.lr = '0' or params.lr = '1' and tags.team = 'a'"), 7 + 4);
    assert.equal(await count("((metrics.acc > 4)) and (tags.team = 'or' or (tags.team = 'a' and params.lr = '2'))"), 3);
    assert.equal(await count("attributes.run_id IN ('x', 'y') or attributes.run_name = 'run 3'"), 1);
    assert.equal(await count("attributes.experiment = 'digits'"), 19);
    assert.equal(await count("attributes.job_type = 'Command'"), 20);
    const ended = names[7]!;
    await plane.client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: ended, status: 'FINISHED', end_time: 1_000_507 });
    assert.deepEqual((await ask({ filter: "status = 'Completed'" })).runs, [ended]);
    assert.deepEqual((await ask({ filter: "status = 'FINISHED'" })).runs, [ended]);
    assert.equal(await count("status != 'Completed'"), 19);
    const table = await ask({ filter: 'attributes.duration > 400', columns: [{ of: 'attribute', key: 'duration' }] });
    assert.deepEqual([table.runs, table.columns], [[ended], [[500]]]);
    assert.equal((await ask({ orderBy: ['attributes.duration DESC'] })).runs[0], ended);
    for (const filter of [
      'metrics.acc > 1 or',
      '(metrics.acc > 1',
      'metrics.acc > 1)',
      'or',
      '()',
      `${'('.repeat(1000)}metrics.acc > 1${')'.repeat(1000)}`,
      Array.from({ length: 20 }, () => "(params.lr = '1' or params.lr = '2')").join(' and '),
    ])
      await assert.rejects(ask({ filter }), { code: 'InvalidRequest' }, filter.slice(0, 50));
    // MLflow's own search stays as it is.
    const search = (filter: string) => plane.client.http.json('POST', '/api/2.0/mlflow/runs/search', { experiment_ids: ['0'], filter });
    await assert.rejects(search("params.lr = '0' or params.lr = '1'"), { code: 'InvalidRequest' });
    await assert.rejects(search('attributes.duration > 4'), { code: 'InvalidRequest' });
  });

  it('sort parameters that are numbers by the numbers', async () => {
    const runs = ['1e-5', '0.1', 'auto', '10', '9'];
    const made: string[] = [];
    for (const [i, value] of runs.entries()) {
      const { run } = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
        experiment_id: '0',
        start_time: i,
      });
      made.push(run.info.run_id);
      await plane.client.logBatch(run.info.run_id, { params: [{ key: 'rate', value }] });
    }
    const columns = [{ of: 'param' as const, key: 'rate' }];
    const sorted = await ask({ ids: made, orderBy: ['params.rate ASC'], columns });
    assert.deepEqual(sorted.columns[0], ['1e-5', '0.1', '9', '10', 'auto']);
    for (const run of made) await plane.client.http.json('POST', '/api/2.0/mlflow/runs/delete', { run_id: run });
    assert.equal((await ask({ ids: made })).total, 0);
    assert.deepEqual((await ask({ ids: made, view: 'ALL' })).runs, made);
    assert.ok(!(await plane.client.runKeys()).params.includes('rate'));
    assert.ok((await plane.client.runKeys(undefined, { view: 'DELETED_ONLY' })).params.includes('rate'));
  });

  it('are of the runs that are named, in their order', async () => {
    const ids = [names[4]!, 'nobody', names[2]!, names[9]!, names[2]!];
    const columns = [{ of: 'attribute' as const, key: 'run_name' }];
    const table = await ask({ ids, columns });
    assert.deepEqual([table.total, table.columns[0]], [3, ['run 4', 'run 2', 'run 9']]);
    assert.deepEqual((await ask({ ids, columns, offset: 1, limit: 1 })).columns[0], ['run 2']);
    assert.deepEqual((await ask({ ids, columns, orderBy: ['metrics.acc DESC'] })).columns[0], ['run 9', 'run 4', 'run 2']);
    assert.deepEqual((await ask({ ids, columns, filter: 'metrics.acc > 3' })).columns[0], ['run 4', 'run 9']);
    await assert.rejects(ask({ ids: Array.from({ length: 1001 }, String) }), { code: 'InvalidRequest' });
  });

  it('have the smallest and greatest value of a metric, and their steps', async () => {
    const values = ['last', 'min', 'max', 'minStep', 'maxStep'] as const;
    const columns = values.map((value) => ({ of: 'metric' as const, key: 'acc', value }));
    const table = await ask({ ids: [names[3]!, names[8]!], columns });
    assert.deepEqual(table.columns, [
      ['NaN', 8.2],
      [3, 8],
      [3.1, 8.2],
      [0, 0],
      [1, 2],
    ]);
    await plane.client.logBatch(names[8]!, { metrics: [{ key: 'acc', value: -1, timestamp: 2000, step: 7 }] });
    assert.deepEqual((await ask({ ids: [names[8]!], columns })).columns, [[-1], [-1], [8.2], [7], [2]]);
    await assert.rejects(ask({ columns: [{ of: 'param', key: 'lr', value: 'min' }] }), {
      code: 'InvalidRequest',
      message: /Only a metric/,
    });
  });

  it('are grouped, with the mean and the spread of metrics', async () => {
    const groups = await plane.client.runGroups({
      experiments: ['digits'],
      filter: 'metrics.acc < 100',
      by: [
        { of: 'tag', key: 'team' },
        { of: 'param', key: 'lr' },
      ],
      metrics: ['acc', 'none'],
      offset: 0,
      limit: 2,
    });
    assert.equal(groups.total, 6);
    assert.deepEqual(groups.by, [
      ['a', 'a'],
      ['0', '1'],
    ]);
    // The runs 9 and 15 (the metric of 3 is NaN, which is less than nothing), and 1, 7 and 13.
    assert.deepEqual(groups.runs, [2, 3]);
    const [acc, none] = groups.metrics;
    assert.deepEqual(
      [acc!.count, acc!.min, acc!.max],
      [
        [2, 3],
        [9.2, 1.2],
        [15.2, 13.2],
      ],
    );
    assert.ok(Math.abs(acc!.mean[1]! - 7.2) < 1e-9 && Math.abs(acc!.deviation[1]! - 6) < 1e-9);
    assert.deepEqual(none, {
      count: [0, 0],
      notFinite: [0, 0],
      mean: [null, null],
      deviation: [null, null],
      min: [null, null],
      max: [null, null],
    });
    const best = await plane.client.runGroups({
      by: [{ of: 'param', key: 'lr' }],
      metrics: ['acc'],
      order: [{ of: 'metric', index: 0, stat: 'max', descending: true }],
      offset: 1,
      limit: 100,
    });
    assert.deepEqual([best.total, best.by], [3, [['0', '2']]]);
    assert.equal(best.metrics[0]!.notFinite[0], 1);
    const refused = (more: object) =>
      assert.rejects(plane.client.runGroups({ by: [{ of: 'tag', key: 'a' }], metrics: [], offset: 0, limit: 1, ...more }), {
        code: 'InvalidRequest',
      });
    await refused({ by: [] });
    await refused({ by: [{ of: 'metric', key: 'acc', value: 'min' }] });
    await refused({ by: [{ of: 'attribute', key: 'colour' }] });
    await refused({ order: [{ of: 'metric', index: 3 }] });
    await refused({ order: [{ of: 'value' }] });
  });

  it('are bounded and whole, whatever is in names and values', async () => {
    const evil = '</script><img src=x onerror=alert(1)>\u0000\u001b[2J\u202e\u{1F600}\n`"';
    // As another program with the same data folder would write it.
    const other = openSqliteStore(plane.folder);
    const { workspace } = defaultWorkspace;
    const rows = other.store.in(workspace, ownerOf('u'));
    await rows.write(async (writer) => {
      await addJob(writer, 'evil', { properties: { jobType: 'Command', command: '', environmentId: '', displayName: evil } });
      await writer.setTag('evil', evil, evil);
      await writer.setTag('evil', 'long', 'x'.repeat(1_000_000));
      await writer.setTag('evil', 'k'.repeat(1_000_000), 'v');
      await writer.setParam('evil', evil, evil);
    });
    const tags = new DatabaseSync(path.join(plane.folder, 'updraft.db'));
    tags.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101000)
      INSERT INTO tags SELECT (SELECT serial FROM jobs WHERE name = 'evil'), 'tag ' || i, i FROM n`);
    tags.close();
    await other.metrics.append({ workspace, principal: ownerOf('u') }, 'evil', [
      { key: evil, value: Number.NEGATIVE_INFINITY, at: 1, step: -5 },
    ]);
    await other.store.close();
    const columns = [
      { of: 'tag' as const, key: evil },
      { of: 'param' as const, key: evil },
      { of: 'metric' as const, key: evil },
      { of: 'attribute' as const, key: 'run_name' },
      { of: 'tag' as const, key: 'long' },
    ];
    const asked = { experiments: ['e'], columns };
    const cells = [[evil], [evil], ['-Infinity'], [evil], [`${'x'.repeat(mostCellText - 1)}…`]];
    assert.deepEqual(await ask(asked), { total: 1, runs: ['evil'], columns: cells });
    const whole = await ask({ ...asked, whole: true });
    assert.deepEqual(whole.columns, [...cells.slice(0, 4), ['x'.repeat(1_000_000)]]);
    // The same from whole columns, which a filter or an order has read.
    assert.deepEqual(await ask({ ...asked, filter: "tags.long LIKE 'x%'", orderBy: ['tags.long', 'attributes.run_name'] }), {
      total: 1,
      runs: ['evil'],
      columns: cells,
    });
    const keys = await plane.client.runKeys(['e']);
    assert.deepEqual([keys.metrics, keys.params, keys.tags.length, keys.isCut], [[evil], [evil], 100_000, true]);
    const groups = await plane.client.runGroups({
      experiments: ['e'],
      by: [{ of: 'tag', key: evil }],
      metrics: [evil],
      offset: 0,
      limit: 9,
    });
    assert.deepEqual([groups.by, groups.metrics[0]!.notFinite], [[[evil]], [1]]);
    assert.deepEqual(await ask({ ...asked, offset: 1_000_000_000 }), { total: 1, runs: [], columns: [[], [], [], [], []] });
    const long = (count: number) => ask({ experiments: ['e'], filter: `tags.long = '${'y'.repeat(count)}'` });
    assert.equal((await long(90_000)).total, 0);
    await assert.rejects(long(1_000_000), { code: 'InvalidRequest' });
    await assert.rejects(ask({ filter: `tags.a = ${"'".repeat(90_001)}` }), { code: 'InvalidRequest' });
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{"columns":[],"offset":-1,"limit":1}',
      '{"columns":[],"offset":0.5,"limit":1}',
      '{"ids":[1]}',
      `"${'x'.repeat(1_100_000)}"`,
    ])
      for (const route of ['runs/table', 'runs/groups', 'series'])
        await assert.rejects(
          plane.client.http.send('POST', `/updraft/${route}`, { body, headers: { 'content-type': 'application/json' } }),
          { code: 'InvalidRequest' },
          `${route} ${body.slice(0, 50)}`,
        );
  });

  it('have the series of many runs in one answer', async () => {
    const parts: SeriesPart[] = [];
    for await (const part of plane.client.series({ jobs: [...names, 'nobody'], keys: ['acc', 'none'], points: 100 })) parts.push(part);
    assert.deepEqual(new Set(parts.map(({ job }) => job)), new Set(names));
    assert.equal(parts.length, 20);
    const one = parts.find(({ job }) => job === names[5])!;
    assert.deepEqual(
      [one.key, one.total, [...one.steps], [...one.times], [...one.values]],
      ['acc', 3, [0, 1, 2], [1000, 1001, 1002], [5, 5.1, 5.2]],
    );
    assert.ok(Number.isNaN(parts.find(({ job }) => job === names[3])!.values[2]));
  });

  it('have series in the order of the jobs, with the steps since the last one that a page has', async () => {
    await plane.client.logBatch(names[5]!, { metrics: [{ key: 'loss', value: 'Infinity', timestamp: 1, step: 1 }] });
    await plane.client.logBatch(names[5]!, { metrics: [{ key: 'loss', value: '-Infinity', timestamp: 2, step: 2 }] });
    await plane.client.logBatch(names[1]!, { metrics: [{ key: 'loss', value: 1, timestamp: 1, step: 1 }] });
    const read = async (request: Omit<SeriesRequest, 'points'>) => {
      const found: unknown[] = [];
      for await (const { job, key, total, steps, values } of plane.client.series({ points: 10, ...request }))
        found.push([names.indexOf(job), key, total, [...steps], [...values]]);
      return found;
    };
    const jobs = [names[5]!, 'nobody', names[1]!, names[5]!];
    assert.deepEqual(await read({ jobs, keys: ['loss', 'none', 'acc', 'loss'] }), [
      [5, 'loss', 2, [1, 2], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
      [1, 'loss', 1, [1], [1]],
      [5, 'acc', 3, [0, 1, 2], [5, 5.1, 5.2]],
      [1, 'acc', 3, [0, 1, 2], [1, 1.1, 1.2]],
    ]);
    assert.deepEqual(await read({ jobs, keys: ['acc'], from: 2 }), [
      [5, 'acc', 3, [2], [5.2]],
      [1, 'acc', 3, [2], [1.2]],
    ]);
    assert.deepEqual(await read({ jobs, keys: ['acc'], from: 100 }), [
      [5, 'acc', 3, [], []],
      [1, 'acc', 3, [], []],
    ]);
    assert.deepEqual(await read({ jobs: [], keys: ['acc'] }), []);
    assert.deepEqual(await read({ jobs, keys: [] }), []);
  });
});
