import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ownerOf } from '../../../src/protocol/principal.ts';
import { type Points, sortedSet } from '../../../src/store/metrics/points.ts';
import { DatabaseFile } from '../../../src/store/sqlite/databaseFile.ts';
import { Chunks } from '../../../src/store/sqlite/metrics/chunks.ts';
import { LoosePoints } from '../../../src/store/sqlite/metrics/loose.ts';
import { Pyramid } from '../../../src/store/sqlite/metrics/pyramid.ts';
import { formatVersion, migrate } from '../../../src/store/sqlite/migrations.ts';
import { Sql } from '../../../src/store/sqlite/sql.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';

/** The format that was the first to have a thing. */
const since = { chunks: 2, metadata: 4, entities: 5, tiles: 6, leases: 9 };

const at = Date.parse('2026-01-02T03:04:05Z');
const pipeline = { jobType: 'Pipeline', jobs: {} };
const command = { jobType: 'Command', command: 'python train.py', environmentId: 'e', computeId: 'azureml:gpu', displayName: 'été' };
/** A run of MLflow's, a command that runs and one that waits, a pipeline that runs, and a step that ended. */
const jobs: { name: string; status: string; properties: object; claimed_by?: string; parent?: string; reuse_key?: string }[] = [
  { name: 'run', status: 'Completed', properties: { jobType: 'Command', command: '', environmentId: '' } },
  { name: 'running', status: 'Running', claimed_by: 'a runner', properties: command },
  { name: 'queued', status: 'Queued', properties: command },
  { name: 'pipeline', status: 'Running', claimed_by: 'a runner', properties: pipeline },
  { name: 'step', status: 'Completed', claimed_by: 'a runner', parent: 'pipeline', reuse_key: 'reuse', properties: command },
];
/** Runs are rows by their place in `jobs`. */
const [run, step] = [1, 5];

const short = pointsOf(5, (i) => (i === 3 ? Number.NaN : i / 2));
/** More than is kept loosely. */
const long = pointsOf(3000, Math.sin);

function pointsOf(count: number, value: (i: number) => number): Points {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return sortedSet({
    steps: Float64Array.from(numbers),
    ats: Float64Array.from(numbers, (i) => at + i),
    values: Float64Array.from(numbers, value),
  });
}

/** Writes rows into a database of this format, as the Updraft of then did. */
function fill(db: DatabaseSync, format: number): void {
  /** Columns that the table does not have yet are left out. */
  const insert = (table: string, row: Record<string, SQLInputValue | object>): void => {
    const has = new Set(
      db
        .prepare(`SELECT name FROM pragma_table_info('${table}')`)
        .all()
        .map((column) => column.name as string),
    );
    const given = Object.entries(row).filter(([column]) => has.has(column));
    db.prepare(`INSERT INTO ${table} (${given.map(([column]) => column)}) VALUES (${given.map(() => '?')})`).run(
      ...given.map(([, value]) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value) as SQLInputValue),
    );
  };
  const times = { created_at: at, modified_at: at };
  const workspace = 'local';
  insert('changes', { kind: 'job', id: 'run', op: 'put', at: new Date(at).toISOString(), workspace, principal: 'user/me', keys: ['loss'] });
  insert('experiments', { id: 1, workspace, name: 'trials', ...times, tags: { team: 'speech' }, artifact_location: 's3://x' });
  for (const { name, properties, ...more } of jobs) {
    const [claimant, lease] = [name === 'pipeline' ? 'orchestrator' : name === 'run' ? null : 'runner', 'claimed_by' in more ? at : null];
    const fields = { claimant, compute: properties === command ? 'gpu' : '', lease_until: more.status === 'Running' ? lease : null };
    insert('jobs', { name, workspace, experiment_id: 1, ...times, started_at: at, user: 'me', properties, ...fields, ...more });
  }
  for (const [index, { name }] of jobs.entries()) {
    insert('tags', { job: name, run: index + 1, key: 'tag', value: `of ${name}` });
    insert('params', { job: name, run: index + 1, key: 'lr', value: `0.${index}` });
  }
  const resource = { workspace, kind: 'models', name: 'net', ...times, created_by: 'me', modified_by: 'me' };
  for (const [serial, version] of ['', '9', '10'].entries())
    insert('resources', { ...resource, version, serial, properties: { description: `version ${version}` } });
  insert('resources', { ...resource, kind: 'codes', version: '1', hash: 'sha', serial: 1, properties: { codeUri: 'x' } });
  const blob = { container: 'azureml', path: 'ExperimentRun/dcid.run/a.txt', sha256: 'sha', size: 7, modified_at: at };
  insert('blobs', { workspace, ...blob, metadata: { by: 'hand' } });
  fillMetrics(db, format, insert);
  if (format < since.entities) return;
  insert('entities', { workspace, kind: 'loggedModel', id: 'm-1', scope: '1', at, body: { model_id: 'm-1', name: 'net' } });
  insert('spans', { workspace, trace: 'tr-1', id: 'span', start: '0000000000000000001', body: { name: 'root' } });
  const dataset = { name: 'mnist', digest: 'd', sourceType: 'http', source: 'x', tags: { 'mlflow.data.context': 'training' } };
  insert('run_datasets', { job: 'run', name: 'mnist', digest: 'd', context: 'training', body: dataset, position: 0 });
  insert('run_models', { job: 'run', direction: 'output', model: 'm-1', step: 3, position: 0 });
  // Of another workspace, which the metrics of models did not always name.
  insert('experiments', { id: 2, workspace: 'other', name: 'trials', ...times });
  const elsewhere = { name: 'elsewhere', workspace: 'other', experiment_id: 2, status: 'Completed', properties: jobs[0]!.properties };
  insert('jobs', { ...elsewhere, ...times, user: 'me' });
  insert('model_metrics', { workspace: 'other', model: 'm-2', key: 'k', at, step: 1, run: 'elsewhere', value: 2, is_nan: 0, position: 0 });
  for (const [position, is_nan] of [0, 1].entries())
    insert('model_metrics', { workspace, model: 'm-1', key: `k${position}`, at, step: 1, run: 'run', value: 0.5, is_nan, position });
}

/** The short series and the long one of the run, and one of the step. */
function fillMetrics(db: DatabaseSync, format: number, insert: (table: string, row: Record<string, SQLInputValue>) => void): void {
  const series = [
    { job: 'run', run, key: 'loss', points: short },
    { job: 'run', run, key: 'wave', points: long },
    { job: 'step', run: step, key: 'loss', points: short },
  ];
  const sql = new Sql(db);
  const ids = new Map([
    ['loss', 1],
    ['wave', 2],
  ]);
  if (format >= since.chunks) for (const [name, id] of ids) insert('metric_keys', { id, name });
  for (const { job, run, key, points } of series) {
    const rows = Array.from(points.steps, (step, i) => {
      const nan = Number.isNaN(points.values[i]) ? 1 : 0;
      return { job, step, at: points.ats[i]!, value: nan ? 0 : points.values[i]!, is_nan: nan, nan, run };
    });
    const last = rows.at(-1)!;
    if (format < since.chunks) {
      for (const row of rows) insert('points', { ...row, key });
      insert('latest', { ...last, key });
    } else {
      const chunks = new Chunks(sql);
      const id = ids.get(key)!;
      if (points === long) chunks.seal(run, id, points);
      else new LoosePoints(sql).replace(run, new Map([[id, points]]));
      if (format >= since.tiles && points === long) new Pyramid(sql, chunks).raise(run, id);
      insert('latest', { ...last, key: id });
    }
  }
}

describe('a data folder of an older Updraft', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-old-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (let format = 1; format < formatVersion; format++)
    it(`of format ${format} has all that it had, and goes on`, async () => {
      const db = new DatabaseSync(path.join(folder, 'updraft.db'));
      migrate(db, folder, format);
      db.exec('BEGIN');
      fill(db, format);
      db.exec('COMMIT');
      db.close();

      const { store, metrics } = openSqliteStore(folder);
      const rows = store.in('local', ownerOf('me'));
      try {
        for (const [index, { name, status, properties }] of jobs.entries()) {
          const job = (await rows.job(name))!;
          assert.deepEqual(
            [job.status, job.properties, job.experimentName, job.createdAt, job.startedAt, job.user],
            [status, properties, 'trials', at, at, 'me'],
          );
          assert.equal(job.artifactLocation, format >= since.entities ? 's3://x' : null);
          assert.deepEqual(await rows.tags(name), { tag: `of ${name}` });
          assert.deepEqual(await rows.params(name), [{ key: 'lr', value: `0.${index}` }]);
        }
        const experiment = (await rows.experiment({ name: 'trials' }))!;
        assert.deepEqual([experiment.id, experiment.tags, experiment.createdAt], ['1', { team: 'speech' }, at]);
        assert.deepEqual(
          (await rows.jobsByReuseKey(['reuse'])).map(({ name }) => name),
          ['step'],
        );
        assert.deepEqual(
          (await rows.jobs({ parent: 'pipeline' }, 0, 9)).map(({ name }) => name),
          ['step'],
        );

        // Who has what, and what waits for whom.
        assert.deepEqual(
          (await rows.claims('a runner')).map(({ name }) => name),
          format >= since.leases ? ['running', 'pipeline'] : ['running'],
        );
        const queued = await rows.queue.heads(
          (await rows.queue.places()).filter(({ compute }) => compute === 'gpu'),
          9,
        );
        assert.deepEqual(
          queued.map(({ name }) => name),
          ['queued'],
        );
        assert.deepEqual(
          (await rows.waitingOrchestrations(9)).map(({ name }) => name),
          format >= since.leases ? [] : ['pipeline'],
        );

        assert.deepEqual(
          (await rows.resources('models', 'net', 0, 9)).map(({ version }) => version),
          ['10', '9'],
        );
        assert.deepEqual((await rows.resource('models', 'net', '9'))!.properties, { description: 'version 9' });
        assert.equal(await rows.greatestVersion('models', 'net'), 10);
        assert.equal((await rows.codeByHash('sha'))!.name, 'net');
        assert.deepEqual(await rows.blob('azureml', 'ExperimentRun/dcid.run/a.txt'), {
          path: 'ExperimentRun/dcid.run/a.txt',
          sha256: 'sha',
          size: 7,
          modifiedAt: at,
          metadata: format >= since.metadata ? { by: 'hand' } : {},
        });
        assert.equal(await store.hasContent('sha'), true);

        for (const [job, key, points] of [
          ['run', 'loss', short],
          ['run', 'wave', long],
          ['step', 'loss', short],
        ] as const)
          assert.deepEqual(await metrics.history(job, key, 0, 9999), points);
        assert.deepEqual((await metrics.latest('run')).map(({ key, step }) => [key, step]).sort(), [
          ['loss', 4],
          ['wave', 2999],
        ]);
        const shown = await metrics.series('run', 'wave', 100);
        assert.ok(shown.total === 3000 && shown.steps.length > 10, JSON.stringify(shown));

        if (format >= since.entities) {
          assert.deepEqual((await rows.entities.get('loggedModel', 'm-1'))!.body, { model_id: 'm-1', name: 'net' });
          assert.deepEqual(
            (await rows.entities.list('loggedModel', '1')).map(({ id }) => id),
            ['m-1'],
          );
          assert.deepEqual(
            (await rows.spans.of('tr-1')).map(({ body }) => body),
            [{ name: 'root' }],
          );
          assert.deepEqual(
            (await rows.lineage.datasets('run')).map(({ name }) => name),
            ['mnist'],
          );
          assert.deepEqual(await rows.lineage.models('run', 'output'), [{ id: 'm-1', step: 3 }]);
          const measured = await rows.lineage.modelMetrics('m-1');
          assert.deepEqual(
            measured.map(({ key, value, run }) => [key, value, run]),
            [
              ['k0', 0.5, 'run'],
              ['k1', Number.NaN, 'run'],
            ],
          );
          const [metric] = await store.in('other', rows.principal).lineage.modelMetrics('m-2');
          assert.deepEqual([metric?.run, metric?.value], ['elsewhere', 2]);
        }
        assert.deepEqual(
          (await store.changes(0, 9)).map(({ seq, id, keys }) => [seq, id, keys]),
          [[1, 'run', ['loss']]],
        );

        // It goes on.
        await rows.write(async (writer) => {
          await writer.setTag('run', 'new', 'x');
          assert.deepEqual(await writer.claimJobs('next', ['queued', 'running'], at), new Map([['queued', 1]]));
        });
        await metrics.append({ workspace: 'local', principal: ownerOf('me') }, 'run', [{ key: 'loss', value: 1, at, step: 99 }]);
        assert.equal((await metrics.latest('run')).find(({ key }) => key === 'loss')!.step, 99);
        assert.equal(await store.seq(), 3);
      } finally {
        await store.close();
      }
      const file = DatabaseFile.open(folder);
      assert.deepEqual(file.check(), {
        problems: [],
        jobs: jobs.length + (format >= since.entities ? 1 : 0),
        series: 1,
        points: 2 * 5 + 3000 + 1,
      });
      file.close();
    });
});
