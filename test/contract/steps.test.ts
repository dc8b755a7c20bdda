import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { datastoreUri } from '../../src/protocol/asset.ts';
import { type CommandJobProperties, jobProperty } from '../../src/protocol/job.ts';
import { shellEnvironment, startPlane, type TestPlane } from './plane.ts';

const runnerId = 'a runner of the test';
const hash = `${jobProperty.contentHash}out`;

describe('steps that are created together', () => {
  let plane: TestPlane;
  let environmentId: string;
  before(async () => {
    plane = await startPlane({ withRunner: false, withOrchestrator: false });
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane.remove());

  const step = (pipeline: string, name: string, key: string, more: Partial<CommandJobProperties> = {}) => ({
    name: `${pipeline}-${name}`,
    properties: {
      jobType: 'Command' as const,
      command: 'true',
      environmentId,
      parentJobName: pipeline,
      nodeName: name,
      outputs: { out: { jobOutputType: 'uri_folder' as const } },
      ...more,
      properties: { [jobProperty.reuseKey]: key },
    },
  });

  async function pipeline(name: string): Promise<void> {
    await plane.client.putJob(name, { jobType: 'Pipeline', jobs: {} });
    const claim = { runnerId, computes: [], orchestrates: true, room: 10, holds: [] };
    const { jobs } = await plane.client.claimJobs(claim);
    assert.equal(jobs.find((job) => job.name === name)?.properties.status, 'Running');
  }

  const claimSteps = () => plane.client.claimJobs({ runnerId, computes: [], others: true, room: 10, holds: [] });

  /** A step of `key` that ran and left `out`. */
  async function ran(name: string, key: string): Promise<string> {
    await pipeline(name);
    const job = `${name}-only`;
    await plane.client.createSteps(name, { runnerId, reuse: false, steps: [step(name, 'only', key)] });
    await claimSteps();
    const uri = datastoreUri(`azureml/${job}/out/`);
    await plane.client.writeBlob('azureml-blobstore', `azureml/${job}/out/text.txt`, 'x');
    await plane.client.reportJob(job, {
      runnerId,
      status: 'Completed',
      outputs: { out: { jobOutputType: 'uri_folder', uri } },
      properties: { [hash]: 'h' },
    });
    return uri;
  }

  it('take over what a step of the same key left, say so, and leave the others waiting', async () => {
    const uri = await ran('original', 'same');
    await pipeline('again');
    const made = await plane.client.createSteps('again', {
      runnerId,
      reuse: true,
      steps: [step('again', 'known', 'same'), step('again', 'new', 'other')],
    });
    assert.deepEqual(
      made.map(({ status }) => status),
      ['Completed', 'Queued'],
    );
    const { properties: known } = await plane.client.getJob('again-known');
    assert.equal(known.status, 'Completed');
    assert.ok(known.startedAt && known.endedAt);
    assert.equal(known.outputs!.out!.uri, uri);
    assert.deepEqual(known.properties, { [hash]: 'h', [jobProperty.isReused]: 'true', [jobProperty.reusedFrom]: 'original-only' });
    const { properties: waiting } = await plane.client.getJob('again-new');
    assert.equal(waiting.status, 'Queued');
    assert.equal(waiting.properties![jobProperty.reuseKey], 'other');
  });

  it('run again when it is asked for, or when what was left is gone', async () => {
    await ran('kept', 'key');
    await pipeline('forced');
    const forced = await plane.client.createSteps('forced', { runnerId, reuse: false, steps: [step('forced', 'a', 'key')] });
    assert.equal(forced[0]!.status, 'Queued');
    const outputs = { out: { jobOutputType: 'uri_folder' as const, uri: datastoreUri('azureml/nothing/') } };
    await plane.client.createSteps('forced', { runnerId, reuse: false, steps: [step('forced', 'gone', 'gone', { outputs })] });
    await claimSteps();
    await plane.client.reportJob('forced-gone', { runnerId, status: 'Completed' });
    const made = await plane.client.createSteps('forced', { runnerId, reuse: true, steps: [step('forced', 'b', 'gone')] });
    assert.equal(made[0]!.status, 'Queued');
  });

  it('are created once, however often they are asked for, and all or none', async () => {
    await pipeline('twice');
    const steps = [step('twice', 'a', '1'), step('twice', 'b', '2')];
    await plane.client.createSteps('twice', { runnerId, reuse: true, steps: steps.slice(0, 1) });
    await claimSteps();
    await plane.client.reportJob('twice-a', { runnerId, status: 'Running' });
    const made = await plane.client.createSteps('twice', { runnerId, reuse: true, steps });
    assert.deepEqual(
      made.map(({ status }) => status),
      ['Running', 'Queued'],
    );
    await plane.client.putJob('twice-d', { jobType: 'Command', command: 'true', environmentId });
    const more = [step('twice', 'c', '3'), step('twice', 'd', '4')];
    await assert.rejects(plane.client.createSteps('twice', { runnerId, reuse: true, steps: more }), { code: 'Conflict' });
    await assert.rejects(plane.client.getJob('twice-c'), { code: 'NotFound' });
  });

  it('are for the runner that has the pipeline, and of kinds that run here', async () => {
    await pipeline('mine');
    const steps = [step('mine', 'a', '1')];
    await assert.rejects(plane.client.createSteps('mine', { runnerId: 'another', reuse: true, steps }), { code: 'Conflict' });
    const spark = [{ name: 'mine-spark', properties: { jobType: 'Spark' } as never }];
    await assert.rejects(plane.client.createSteps('mine', { runnerId, reuse: true, steps: spark }), { code: 'UnsupportedKind' });
  });
});
