import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { RunTableRequest } from '../../src/protocol/runTable.ts';
import type { SeriesPart } from '../../src/protocol/seriesParts.ts';
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
});
