import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { resubmit } from '../../src/client/resubmit.ts';
import { workspacePath } from '../../src/protocol/arm.ts';
import { hasWork } from '../../src/protocol/job.ts';
import { startPlane, type TestPlane } from './plane.ts';

describe('a run that a script has made', () => {
  let plane: TestPlane;
  let run: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    const made = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      run_name: 'by a script',
    });
    run = made.run.info.run_id;
    await plane.client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: run, status: 'FINISHED' });
  });
  after(() => plane.remove());

  const refused = { code: 'InvalidRequest', message: /has no command, so there is nothing to run/ };

  it('is not run again: there is nothing to run', async () => {
    const job = await plane.client.getJob(run);
    assert.equal(hasWork(job), false);
    await assert.rejects(resubmit(plane.client, job), refused);
    assert.deepEqual(
      (await plane.client.listJobs({})).value.map(({ name }) => name),
      [run],
    );
  });

  it('is archived and brought back by a client that sends the whole of it', async () => {
    for (const isArchived of [true, false]) {
      const { properties } = await plane.client.getJob(run);
      const job = await plane.client.putJob(run, { ...properties, isArchived });
      assert.equal(job.properties.isArchived ?? false, isArchived);
    }
  });

  it('gives no schedule anything to run either', async () => {
    const definition = { jobType: 'Command', command: ' ', environmentId: '' };
    await assert.rejects(
      plane.client.http.json('PUT', `${workspacePath(plane.client.workspace)}/schedules/nightly?api-version=2024-10-01`, {
        properties: {
          trigger: { triggerType: 'Cron', expression: '0 3 * * *', timeZone: 'UTC' },
          action: { actionType: 'CreateJob', jobDefinition: definition },
        },
      }),
      refused,
    );
  });
});
