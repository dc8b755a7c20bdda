import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { CommandJobProperties, Job } from '../../src/protocol/job.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

describe('a command job', () => {
  let plane: TestPlane;
  let environmentId: string;
  let count = 0;
  before(async () => {
    plane = await startPlane();
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane.remove());

  async function run(command: string, more: Partial<CommandJobProperties> = {}): Promise<Job> {
    const name = `job_${++count}`;
    await plane.client.putJob(name, { jobType: 'Command', command, environmentId, ...more });
    return jobWhen(plane.client, name);
  }

  it('runs, logs and completes', async () => {
    const job = await run('echo out; echo err >&2');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const log = await logOf(plane.client, job.name);
    assert.match(log, /^out$/m);
    assert.match(log, /^err$/m);
    assert.ok(job.properties.startedAt && job.properties.endedAt);
  });

  it('gets inputs, optional ones too, and what scripts read from the environment', async () => {
    const job = await run(
      'echo "lr=${{inputs.lr}} $[[--no ${{inputs.missing}}]]$[[--with ${{inputs.lr}}]] $MLFLOW_RUN_ID $AZUREML_RUN_ID $GREETING"',
      {
        inputs: { lr: { jobInputType: 'literal', value: '0.1' } },
        environmentVariables: { GREETING: 'hello' },
      },
    );
    assert.match(await logOf(plane.client, job.name), new RegExp(`lr=0.1 --with 0.1 ${job.name} ${job.name} hello`));
  });

  it('keeps its outputs, which the next job reads', async () => {
    const first = await run('echo 42 > ${{outputs.answer}}; mkdir ${{outputs.folder}}/sub; echo deep > ${{outputs.folder}}/sub/file.txt', {
      outputs: { answer: { jobOutputType: 'uri_file' }, folder: { jobOutputType: 'uri_folder' } },
    });
    assert.equal(first.properties.status, 'Completed', JSON.stringify(first.properties.error));
    const { answer, folder } = first.properties.outputs!;
    const second = await run('cat ${{inputs.answer}} ${{inputs.folder}}/sub/file.txt', {
      inputs: { answer: { jobInputType: 'uri_file', uri: answer!.uri! }, folder: { jobInputType: 'uri_folder', uri: folder!.uri! } },
    });
    assert.match(await logOf(plane.client, second.name), /42\ndeep/);
  });

  it('fails with the exit code, the last lines of standard error and the frame to blame', async () => {
    const job = await run(`python3 - <<'E'\nprint("fine")\nE\nprintf 'raise ValueError("no data")' > train.py; python3 train.py`);
    assert.equal(job.properties.status, 'Failed');
    const { error } = job.properties;
    assert.equal(error?.code, 'CommandFailed');
    assert.equal(error?.exitCode, 1);
    assert.equal(error?.stderrTail?.at(-1), 'ValueError: no data');
    assert.deepEqual(error?.frame, { file: 'train.py', line: 1 });
    assert.match(await logOf(plane.client, job.name), /ValueError: no data\n\nThe command ended with exit code 1\.\n$/);
  });

  it('fails when a declared output was not written', async () => {
    const job = await run('true', { outputs: { model: { jobOutputType: 'uri_folder' } } });
    assert.equal(job.properties.error?.code, 'OutputMissing');
    assert.match(job.properties.error!.message, /"model"/);
  });

  it('ends at its timeout', async () => {
    const job = await run('sleep 60', { limits: { timeout: 'PT0.2S' } });
    assert.equal(job.properties.error?.code, 'TimedOut');
  });

  it('is canceled with everything it started', async () => {
    await plane.client.putJob('to_cancel', { jobType: 'Command', command: 'sleep 300 & echo started; wait', environmentId });
    await jobWhen(plane.client, 'to_cancel', (job) => job.properties.status === 'Running');
    await plane.client.cancelJob('to_cancel');
    assert.equal((await jobWhen(plane.client, 'to_cancel')).properties.status, 'Canceled');
  });

  it('says which environment is unknown', async () => {
    const job = await run('true', { environmentId: 'azureml://registries/azureml/environments/nothing-like-it/labels/latest' });
    assert.equal(job.properties.error?.code, 'AssetNotFound');
    assert.match(job.properties.error!.message, /nothing-like-it/);
  });
});
