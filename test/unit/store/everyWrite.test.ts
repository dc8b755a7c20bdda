import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Change } from '../../../src/protocol/change.ts';
import { announcedAs, type EntityReader, type EntityWriter, entityKinds } from '../../../src/store/entities.ts';
import type { LineageReader, LineageWriter } from '../../../src/store/lineage.ts';
import type { SpanReader, SpanWriter } from '../../../src/store/spans.ts';
import type { StoreReader, StoreWriter } from '../../../src/store/store.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';
import { addJob, rowsOf, StoreFolder } from './stores.ts';

/** What every change must carry. */
const required: (keyof Change)[] = ['seq', 'kind', 'id', 'op', 'at', 'workspace', 'principal'];

/** What a write leaves: kind, id, what happened, and the parent where there is one. */
type Told = [Change['kind'], string, Change['op'], string?];
type Write = { does: (writer: StoreWriter) => Promise<unknown>; tells: Told[] };

const resource = (version: string) => ({ kind: 'models' as const, name: 'm', version, properties: {} });
const entity = { id: 'i', scope: 's', at: 1, body: {} };
const dataset = { name: 'd', digest: '1', sourceType: 's', source: '', tags: {} };
const metric = { key: 'k', value: 1, at: 1, step: 1, run: 'job' };

/** The methods that only a writer has: one that joins them can't be compiled without its row in the table. */
type Writing =
  | Exclude<keyof StoreWriter, keyof StoreReader>
  | `entities.${Exclude<keyof EntityWriter, keyof EntityReader>}`
  | `lineage.${Exclude<keyof LineageWriter, keyof LineageReader>}`
  | `spans.${Exclude<keyof SpanWriter, keyof SpanReader>}`;

/** Every method that writes, with what must be told of it. Before each there are an experiment, a pipeline `job` with a step, a model, a blob and an entity of each kind. */
const writes: Record<Writing, Write[]> = {
  putResource: [
    { does: (writer) => writer.putResource(resource('')), tells: [['model', 'm', 'put']] },
    { does: (writer) => writer.putResource(resource('2')), tells: [['model', 'm:2', 'put']] },
  ],
  renameResource: [
    {
      does: (writer) => writer.renameResource('models', 'm', 'n'),
      tells: [
        ['model', 'm', 'delete'],
        ['model', 'n', 'put'],
      ],
    },
  ],
  deleteResource: [
    { does: (writer) => writer.deleteResource('models', 'm', '1'), tells: [['model', 'm:1', 'delete']] },
    { does: (writer) => writer.deleteResource('models', 'absent', ''), tells: [] },
  ],
  putJob: [
    { does: (writer) => addJob(writer, 'new'), tells: [['job', 'new', 'put']] },
    { does: (writer) => addJob(writer, 'new', { parent: 'job' }), tells: [['job', 'new', 'put', 'job']] },
  ],
  updateJob: [
    {
      does: async (writer) => writer.updateJob((await writer.job('step'))!, undefined, { status: 'Failed' }),
      tells: [['job', 'step', 'put', 'job']],
    },
  ],
  // The only write that leaves no change, by intention: who has a job, and until when, is shown to nobody.
  claimJobs: [
    {
      does: async (writer) => assert.deepEqual(await writer.claimJobs('me', ['job', 'absent'], Date.now()), new Map([['job', 1]])),
      tells: [],
    },
    { does: async (writer) => assert.deepEqual(await writer.claimJobs('me', ['absent'], Date.now()), new Map()), tells: [] },
  ],
  deleteJob: [
    {
      does: (writer) => writer.deleteJob('job'),
      tells: [
        ['job', 'step', 'delete', 'job'],
        ['artifact', 'job', 'put'],
        ['job', 'job', 'delete'],
      ],
    },
    { does: (writer) => writer.deleteJob('absent'), tells: [] },
  ],
  purgeJobs: [
    { does: (writer) => writer.purgeJobs(['job', 'absent']), tells: [['job', 'job', 'delete']] },
    { does: (writer) => writer.purgeJobs(['step']), tells: [['job', 'step', 'delete', 'job']] },
  ],
  purgeRows: [{ does: (writer) => writer.purgeRows(1000), tells: [['workspace', 'ws', 'delete']] }],
  setTag: [
    { does: (writer) => writer.setTag('job', 'k', 'v'), tells: [['job', 'job', 'put']] },
    { does: (writer) => writer.setTag('step', 'k', null), tells: [['job', 'step', 'put', 'job']] },
  ],
  setParam: [
    { does: (writer) => writer.setParam('step', 'k', '1'), tells: [['job', 'step', 'put', 'job']] },
    { does: (writer) => writer.setParam('job', 'k', '1'), tells: [] },
  ],
  createExperiment: [{ does: (writer) => writer.createExperiment('new'), tells: [['experiment', 'new', 'put']] }],
  updateExperiment: [
    { does: (writer) => writer.updateExperiment('0', { tags: { k: 'v' } }), tells: [['experiment', 'e', 'put']] },
    { does: (writer) => writer.updateExperiment('0', { isDeleted: true }), tells: [['experiment', 'e', 'delete']] },
    {
      does: (writer) => writer.updateExperiment('0', { name: 'f' }),
      tells: [
        ['experiment', 'e', 'delete'],
        ['experiment', 'f', 'put'],
      ],
    },
  ],
  putBlob: [
    { does: (writer) => writer.putBlob('c', 'new', 'sha', 1), tells: [['blob', 'c/new', 'put']] },
    { does: (writer) => writer.putBlob('azureml', 'ExperimentRun/dcid.step/a', 'sha', 1), tells: [['artifact', 'step', 'put', 'job']] },
  ],
  setBlobMetadata: [
    { does: (writer) => writer.setBlobMetadata('c', 'f/a', { k: 'v' }), tells: [['blob', 'c/f/a', 'put']] },
    { does: (writer) => writer.setBlobMetadata('c', 'absent', {}), tells: [] },
  ],
  deleteBlobs: [
    { does: (writer) => writer.deleteBlobs('c', 'f'), tells: [['blob', 'c/f', 'delete']] },
    { does: (writer) => writer.deleteBlobs('c', 'absent'), tells: [] },
    // Content that is put again after its folder went must be told again.
    {
      does: async (writer) => {
        await writer.putBlob('c', 'f/a', 'sha', 1);
        await writer.deleteBlobs('c', 'f');
        await writer.putBlob('c', 'f/a', 'sha', 1);
      },
      tells: [
        ['blob', 'c/f/a', 'put'],
        ['blob', 'c/f', 'delete'],
        ['blob', 'c/f/a', 'put'],
      ],
    },
  ],
  announce: [{ does: (writer) => writer.announce('log', 'step', 'put', { parent: 'job' }), tells: [['log', 'step', 'put', 'job']] }],
  'entities.put': entityKinds.map((kind) => ({
    does: (writer) => writer.entities.put({ kind, ...entity, id: 'new' }),
    tells: [[announcedAs[kind].kind, announcedAs[kind].by === 'id' ? 'new' : 's', 'put']],
  })),
  'entities.delete': entityKinds.map((kind) => ({
    does: (writer) => writer.entities.delete(kind, 'i'),
    tells: [announcedAs[kind].by === 'id' ? [announcedAs[kind].kind, 'i', 'delete'] : [announcedAs[kind].kind, 's', 'put']],
  })),
  'entities.deleteAll': entityKinds.map((kind) => ({
    does: (writer) => writer.entities.deleteAll(kind, 's'),
    tells: [announcedAs[kind].by === 'id' ? [announcedAs[kind].kind, 'i', 'delete'] : [announcedAs[kind].kind, 's', 'put']],
  })),
  'lineage.addDataset': [{ does: (writer) => writer.lineage.addDataset('step', dataset), tells: [['job', 'step', 'put', 'job']] }],
  'lineage.addModel': [
    { does: (writer) => writer.lineage.addModel('job', 'output', { id: 'm', step: 1 }), tells: [['job', 'job', 'put']] },
  ],
  'lineage.logModelMetric': [{ does: (writer) => writer.lineage.logModelMetric('m', metric), tells: [['loggedModel', 'm', 'put']] }],
  'spans.put': [
    { does: (writer) => writer.spans.put('t', [{ id: 's', start: '1', body: {} }]), tells: [['trace', 't', 'put']] },
    { does: (writer) => writer.spans.put('t', []), tells: [] },
  ],
  'spans.remove': [
    { does: (writer) => writer.spans.remove('t0'), tells: [['trace', 't0', 'put']] },
    { does: (writer) => writer.spans.remove('absent'), tells: [] },
  ],
};

for (const implementation of implementations)
  describe(`every write makes a change: ${implementation.name}`, () => {
    let folder: StoreFolder;
    let stores: OpenStores;
    const begin = async () => {
      folder = new StoreFolder(implementation);
      stores = folder.open();
      await rowsOf(stores).write(async (writer) => {
        await addJob(writer, 'job');
        await addJob(writer, 'step', { parent: 'job' });
        await writer.setParam('job', 'k', '0');
        for (const version of ['', '1']) await writer.putResource(resource(version));
        await writer.putBlob('c', 'f/a', 'sha', 1);
        await writer.putBlob('azureml', 'ExperimentRun/dcid.job/a', 'sha', 1);
        for (const kind of entityKinds) await writer.entities.put({ kind, ...entity });
        await writer.spans.put('t0', [{ id: 's', start: '1', body: {} }]);
      });
    };
    beforeEach(begin);
    afterEach(() => folder.remove());

    for (const [method, cases] of Object.entries(writes))
      it(`${method} is told`, async () => {
        for (const [i, { does, tells }] of cases.entries()) {
          // Each case from the same beginning; those of entities are each about another kind.
          if (i > 0 && !method.startsWith('entities.')) {
            await folder.remove();
            await begin();
          }
          const since = await stores.store.seq();
          const { seq } = await rowsOf(stores).writeAsOf(does);
          const changes = await stores.store.changes(since, 100);
          assert.deepEqual(
            changes.map(({ kind, id, op, parent }) => (parent === undefined ? [kind, id, op] : [kind, id, op, parent])),
            tells,
          );
          assert.deepEqual([seq, await stores.store.seq()], [changes.at(-1)?.seq ?? since, seq]);
          for (const change of changes) {
            for (const field of required) assert.ok(change[field] !== undefined, `${change.kind} without ${field}`);
            assert.ok(change.seq > since && Math.abs(Date.parse(change.at) - Date.now()) < 60_000);
            assert.deepEqual([change.workspace, change.principal], [asked.workspace, asked.principal.id], change.kind);
          }
        }
      });

    it('appended points are told, of a step with its pipeline; points that only move name no key', async () => {
      const since = await stores.store.seq();
      const points = (keys: string[]) => keys.map((key, i) => ({ key, value: i, at: i, step: i }));
      await stores.metrics.append(asked, 'step', points(['b', 'a', 'b']));
      await stores.metrics.append(asked, 'job', points(Array.from({ length: 41 }, (_, i) => `k${i}`)));
      await stores.metrics.append(asked, 'job', []);
      const byWhom = (await stores.store.changes(since, 100)).map(({ principal }) => principal);
      assert.deepEqual(byWhom, [asked.principal.id, asked.principal.id]);
      await stores.metrics.maintain('seal');
      const told = (await stores.store.changes(since, 100)).map(({ kind, id, op, workspace, parent, keys }) => [
        kind,
        id,
        op,
        workspace,
        parent,
        keys,
      ]);
      assert.deepEqual(told.slice(0, 2), [
        ['metric', 'step', 'put', 'ws', 'job', ['b', 'a']],
        ['metric', 'job', 'put', 'ws', undefined, undefined],
      ]);
      assert.ok(told.slice(2).every((each) => each[0] === 'metric' && (each[5] as string[]).length === 0));
      assert.equal(await stores.store.oldestSeq(), 1);
    });
  });
