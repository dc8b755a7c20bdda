import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { shellEnvironment, startPlane, type TestPlane } from './plane.ts';

describe('the description of a job', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startPlane({ withRunner: false });
  });
  after(() => plane.remove());

  const mlflow = (path: string, body: object) => plane.client.http.json<any>('POST', `/api/2.0/mlflow/${path}`, body);
  const told = async (name: string) => {
    const { run } = await plane.client.getRun(name);
    return [
      (await plane.client.getJob(name)).properties.description,
      run.data.tags?.find(({ key }) => key === 'mlflow.note.content')?.value,
    ];
  };

  it("is its run's note, whoever writes it", async () => {
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('job', { jobType: 'Command', command: 'true', environmentId, description: 'first' });
    assert.deepEqual(await told('job'), ['first', 'first']);
    await mlflow('runs/set-tag', { run_id: 'job', key: 'mlflow.note.content', value: 'second' });
    assert.deepEqual(await told('job'), ['second', 'second']);
    await plane.client.patchJob('job', { description: 'third' });
    assert.deepEqual(await told('job'), ['third', 'third']);
    await mlflow('runs/delete-tag', { run_id: 'job', key: 'mlflow.note.content' });
    assert.deepEqual(await told('job'), [undefined, undefined]);
    await mlflow('runs/log-batch', { run_id: 'job', tags: [{ key: 'mlflow.note.content', value: 'fourth' }] });
    assert.deepEqual(await told('job'), ['fourth', 'fourth']);
  });

  it('is in a run that begins with a note', async () => {
    const { run } = await mlflow('runs/create', { experiment_id: '0', tags: [{ key: 'mlflow.note.content', value: 'noted' }] });
    assert.deepEqual(await told(run.info.run_id), ['noted', 'noted']);
  });
});
