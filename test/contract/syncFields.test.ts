import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { copyJob } from '../../src/sync/jobs/copyJob.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { updraft } from './updraft.ts';

describe('what people write of a job that is on two planes', () => {
  let [here, there]: TestPlane[] = [];
  /** How far the clock of each plane is from the true one, in ms; of `there` it may be set. */
  let ahead = 0;
  let time = 1_800_000_000_000;
  const clock = (offset: () => number) => ({ now: () => ++time + offset(), at: () => () => {} });
  before(async () => {
    [here, there] = await Promise.all([
      startPlane(
        {},
        undefined,
        undefined,
        clock(() => 0),
      ),
      startPlane(
        {},
        undefined,
        undefined,
        clock(() => ahead),
      ),
    ]);
  });
  after(() => Promise.all([here!.remove(), there!.remove()]));

  async function ended(name: string): Promise<string> {
    const { run } = await here!.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      run_name: name,
      tags: [{ key: 'team', value: 'vision' }],
    });
    await here!.client.endRun(run.info.run_id, 'FINISHED');
    return run.info.run_id;
  }
  const sync = (job: string) => copyJob({ from: here!.client, to: there!.client }, job);
  const shown = async (client: PlaneClient, job: string) => {
    const { displayName, description, isArchived, tags } = (await client.getJob(job)).properties;
    return { displayName, description, isArchived, tags };
  };
  const both = async (job: string) => {
    const [a, b] = [await shown(here!.client, job), await shown(there!.client, job)];
    assert.deepEqual(b, a);
    return a;
  };

  it('goes both ways: tags set, changed and removed, names, descriptions, the archive', async () => {
    const job = await ended('first');
    await sync(job);
    assert.deepEqual(await both(job), { displayName: 'first', description: undefined, isArchived: false, tags: { team: 'vision' } });
    await there!.client.patchJob(job, { tags: { reviewed: 'yes', team: null }, description: 'good', isArchived: true });
    await here!.client.patchJob(job, { displayName: 'second', tags: { lr: '0.1' } });
    await sync(job);
    assert.deepEqual(await both(job), {
      displayName: 'second',
      description: 'good',
      isArchived: true,
      tags: { reviewed: 'yes', lr: '0.1' },
    });
    // By the words of MLflow.
    await here!.client.http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: job, key: 'mlflow.note.content', value: '' });
    await there!.client.http.json('POST', '/api/2.0/mlflow/runs/delete-tag', { run_id: job, key: 'lr' });
    await there!.client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: job, run_name: 'third' });
    await here!.client.patchJob(job, { isArchived: false });
    await sync(job);
    assert.deepEqual(await both(job), { displayName: 'third', description: undefined, isArchived: false, tags: { reviewed: 'yes' } });
    const { run } = await there!.client.getRun(job);
    assert.equal(run.data.tags?.find(({ key }) => key === 'mlflow.runName')?.value, 'third');
    assert.deepEqual(await here!.client.listConflicts(), []);
  });

  it('is in the report of both where neither knew of the other; the later one counts, and the other can be taken', async () => {
    const job = await ended('conflict');
    await sync(job);
    await here!.client.patchJob(job, { displayName: 'mine', tags: { same: 'x' } });
    await there!.client.patchJob(job, { displayName: 'theirs', tags: { same: 'x' } });
    await sync(job);
    assert.equal((await both(job)).displayName, 'theirs');
    const [conflict, ...more] = await there!.client.listConflicts();
    assert.deepEqual(await here!.client.listConflicts(), [conflict]);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [conflict!.job, conflict!.field, conflict!.won.value, conflict!.lost.value, conflict!.lost.plane],
      [job, 'displayName', 'theirs', 'mine', (await here!.client.health()).id],
    );
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const at = ['--server', here!.url, '--token', here!.token];
      const listed = await updraft(home, ['sync', 'conflicts', ...at]);
      assert.match(listed.stdout, /^displayName of .*\n {2}counts: "theirs", by .* it was written later\n {2}other: {2}"mine", by /);
      const none = await updraft(home, ['sync', 'conflicts', job, '--take-other', 'description', ...at]);
      assert.deepEqual([none.code, /There is no conflict over "description"/.test(none.stderr)], [1, true]);
      assert.equal((await updraft(home, ['sync', 'conflicts', job, '--take-other', 'displayName', ...at])).code, 0);
      assert.match((await updraft(home, ['sync', 'conflicts', ...at])).stdout, /There are no conflicts/);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    await sync(job);
    assert.equal((await both(job)).displayName, 'mine');
    assert.deepEqual(await there!.client.listConflicts(), []);
  });

  it('is not taken over from a clock that is far ahead, which is said; everything else is', async () => {
    const job = await ended('clocks');
    await sync(job);
    ahead = 10 * 60_000;
    await there!.client.patchJob(job, { tags: { future: 'yes' } });
    ahead = 0;
    await there!.client.patchJob(job, { tags: { now: 'yes' } });
    await here!.client.patchJob(job, { tags: { other: 'yes' } });
    await assert.rejects(sync(job), {
      code: 'Conflict',
      message: /clocks .* differ by more than 5 minutes, so not taken over: tags\/future of/,
    });
    assert.deepEqual((await shown(here!.client, job)).tags, { team: 'vision', now: 'yes', other: 'yes' });
    // Written anew with a clock that is right, it goes.
    await there!.client.patchJob(job, { tags: { future: 'no' } });
    await sync(job);
    assert.deepEqual((await both(job)).tags, { team: 'vision', now: 'yes', other: 'yes', future: 'no' });
  });

  it('is passed over where it is no field, or no value that its field can have', async () => {
    const job = await ended('hostile');
    await sync(job);
    const clock = '01a316dd15000000';
    const field = (value: string | boolean | null) => ({ value, clock, plane: 'zzz', by: 'mallory', knew: clock });
    const fields = Object.fromEntries(
      Object.entries({
        status: field('Completed'),
        'tags/': field('x'),
        displayName: field(null),
        'tags/n': field(true),
        isArchived: field('p'),
      }),
    );
    Object.defineProperty(fields, '__proto__', { value: field('x'), enumerable: true });
    await there!.client.share(job, { fields, conflicts: [] });
    assert.deepEqual((await shown(there!.client, job)).tags, { team: 'vision' });
    assert.deepEqual(Object.keys((await there!.client.getShared(job)).fields).sort(), ['displayName', 'isArchived', 'tags/n', 'tags/team']);
    for (const wrong of [{ fields: { displayName: { ...field('x'), clock: 'now' } }, conflicts: [] }, { fields: [] }, {}])
      await assert.rejects(there!.client.share(job, wrong as never), { code: 'InvalidRequest' });
    await assert.rejects(there!.client.share('nobody', { fields: {}, conflicts: [] }), { code: 'NotFound' });
    await sync(job);
    assert.equal((await both(job)).displayName, 'hostile');
  });

  it('goes from the third plane to the first by way of the second, and a conflict of two that never met is told', async () => {
    const job = await ended('three');
    const third = await startPlane(
      {},
      undefined,
      undefined,
      clock(() => 0),
    );
    try {
      await sync(job);
      // The second laptop of a person brings it down, and later tells its changes back by pulling again.
      const pull = () => copyJob({ from: here!.client, to: third.client }, job);
      await pull();
      await third.client.patchJob(job, { tags: { from: 'third' } });
      await there!.client.patchJob(job, { tags: { from: 'there' } });
      await pull();
      await sync(job);
      await pull();
      const values = await Promise.all([here!, there!, third].map(async ({ client }) => (await shown(client, job)).tags!.from));
      assert.equal(new Set(values).size, 1);
      const [conflict] = await here!.client.listConflicts();
      assert.deepEqual([conflict!.won.value, conflict!.lost.value].sort(), ['there', 'third']);
    } finally {
      await third.remove();
    }
  });
});
