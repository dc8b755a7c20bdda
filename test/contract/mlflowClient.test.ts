import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowSkinny } from '../../scripts/pythonClients.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { root, runProcess, updraft } from './updraft.ts';

const script = (name: string) => path.join(root, 'test/fixtures/mlflow-client', name);

describe('the unmodified mlflow client', () => {
  let plane: TestPlane;
  let python: string;
  before(async function () {
    // The first run on a machine installs the client.
    this.timeout(600_000);
    python = await mlflowSkinny();
    plane = await startPlane();
  });
  after(() => plane.remove());

  it('works with nothing but the variables of "updraft env"', async () => {
    const env = await updraft(plane.folder, ['env']);
    assert.equal(env.code, 0, env.stderr);
    const variables = Object.fromEntries([...env.stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1]!, match[2]!]));
    assert.ok(variables.MLFLOW_TRACKING_URI && variables.MLFLOW_TRACKING_TOKEN, env.stdout);
    const { PATH, HOME } = process.env;
    const { code, stdout, stderr } = await runProcess(python, [script('client.py')], { env: { PATH, HOME, ...variables } });
    assert.equal(code, 0, stderr);
    const { run, model, ...seen } = JSON.parse(stdout.trim().split('\n').at(-1)!);
    assert.deepEqual(seen, {
      status: 'FINISHED',
      params: { rate: '0.1', depth: '3' },
      metrics: { loss: 0.2, accuracy: 0.9 },
      is_nan: true,
      tags: { kind: 'baseline', note: 'überraschend', 'mlflow.runName': 'first' },
      history: [
        [0, 1],
        [1, 1 / 2],
        [2, 1 / 3],
        [3, 1 / 4],
        [4, 1 / 5],
      ],
      artifacts: ['model', 'notes', 'table.json'],
      inside: [['notes/note.txt', 4]],
      downloaded: 'kept',
      found: ['first'],
      weights: 'whole',
    });
    assert.deepEqual(model.slice(1), ['1', run]);
    // The run is a job and the registered version a model, for everyone else.
    assert.equal((await plane.client.getJob(run)).properties.status, 'Completed');
    assert.equal((await plane.client.getAsset('models', 'from-client', '1')).properties.jobName, run);
  });

  it('logs into the job that its script runs in', async () => {
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('trained', { jobType: 'Command', command: `'${python}' '${script('job.py')}'`, environmentId });
    const job = await jobWhen(plane.client, 'trained');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(await logOf(plane.client, 'trained'), /^run trained$/m);
    const { run } = await plane.client.getRun('trained');
    assert.deepEqual(run.data.params, [{ key: 'rate', value: '0.1' }]);
    assert.equal(run.data.metrics?.[0]?.value, 1 / 3);
    assert.equal(run.data.tags?.find((tag) => tag.key === 'stage')?.value, 'trained');
    assert.deepEqual(
      (await plane.client.listArtifacts('trained', 'plots')).entries.map((entry) => entry.path),
      ['matrix.txt'],
    );
  });
});
