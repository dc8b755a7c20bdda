import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { parseDatastoreUri } from '../../src/protocol/asset.ts';
import { type Job, jobProperty, type SweepJobProperties } from '../../src/protocol/job.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { component, jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

/** Logs the primary metric over MLflow's REST API, as `mlflow.log_metric` does. */
const report = `report() { curl -sS -o /dev/null -X POST "$MLFLOW_TRACKING_URI/api/2.0/mlflow/runs/log-metric" -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" -H 'content-type: application/json' -d "{\\"run_id\\":\\"$MLFLOW_RUN_ID\\",\\"key\\":\\"score\\",\\"value\\":$1,\\"timestamp\\":$2,\\"step\\":$2}"; }`;

describe('a sweep', () => {
  let plane: TestPlane;
  let environmentId: string;
  before(async () => {
    plane = await startPlane({ maxParallelJobs: 4 });
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane.remove());

  const sweep = (command: string, more: Partial<SweepJobProperties> = {}): SweepJobProperties => ({
    jobType: 'Sweep',
    trial: { command: `${report}; ${command}`, environmentId },
    searchSpace: { lr: ['choice', [[0.1, 0.3, 0.2]]] },
    samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
    objective: { goal: 'maximize', primaryMetric: 'score' },
    limits: { maxTotalTrials: 10, maxConcurrentTrials: 3 },
    ...more,
  });
  const run = async (name: string, properties: SweepJobProperties): Promise<Job> => {
    await plane.client.putJob(name, properties);
    return jobWhen(plane.client, name);
  };
  const trials = async (name: string): Promise<Job[]> =>
    (await plane.client.listJobs({ parent: name, top: 1000 })).value.sort(
      (a, b) => Number(a.name.split('_').pop()) - Number(b.name.split('_').pop()),
    );

  it('tries the whole grid, shows the best trial, and takes over its outputs', async () => {
    const job = await run(
      'grid',
      sweep('report ${{search_space.lr}} 1; echo ${{search_space.lr}} > ${{outputs.model}}/lr.txt', {
        outputs: { model: { jobOutputType: 'uri_folder', assetName: 'best-model' } },
      }),
    );
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(job.properties.properties![jobProperty.bestTrial], 'grid_1');
    assert.equal(job.properties.properties![jobProperty.bestScore], '0.3');
    assert.match(job.properties.outputs!.model!.uri!, /grid_1\/model/);
    assert.equal((await plane.client.getAsset('data', 'best-model', '1')).properties.dataUri, job.properties.outputs!.model!.uri);
    assert.deepEqual(
      (await trials('grid')).map((trial) => [trial.name, trial.properties.status, trial.properties.inputs!.lr!.value]),
      [
        ['grid_0', 'Completed', '0.1'],
        ['grid_1', 'Completed', '0.3'],
        ['grid_2', 'Completed', '0.2'],
      ],
    );
    const log = await logOf(plane.client, 'grid');
    assert.match(log, /^grid_1: lr = 0\.3$/m);
    assert.match(log, /The best trial is grid_1: score = 0\.3\n$/);
    assert.deepEqual((await plane.client.getRun('grid_1')).run.data.params, [{ key: 'lr', value: '0.3' }]);
    assert.ok(
      !(await plane.client.listJobs()).value.some((each) => each.name.startsWith('grid_')),
      'trials are not listed beside their sweep',
    );
  });

  it('draws the same values for the same seed and never more trials at once than allowed', async () => {
    const random: Partial<SweepJobProperties> = {
      searchSpace: { x: ['uniform', [0, 1]], kind: ['choice', [['a', 'b']]] },
      samplingAlgorithm: { samplingAlgorithmType: 'Random', seed: 7, rule: 'sobol' },
      limits: { maxTotalTrials: 4, maxConcurrentTrials: 1 },
    };
    await run('random_a', sweep('report ${{search_space.x}} 1', random));
    await run('random_b', sweep('report ${{search_space.x}} 1', random));
    const values = async (name: string) =>
      (await trials(name)).map((trial) => [trial.properties.inputs!.x!.value, trial.properties.inputs!.kind!.value]);
    assert.equal((await values('random_a')).length, 4);
    assert.deepEqual(await values('random_a'), await values('random_b'));
    const times = (await trials('random_a')).map(({ properties }) => [properties.startedAt!, properties.endedAt!]);
    for (let at = 1; at < times.length; at++) assert.ok(times[at]![0]! >= times[at - 1]![1]!, 'one after another');
  });

  it('finds better values as it learns', async () => {
    const job = await run(
      'learned',
      sweep('report $(python3 -c "print((${{search_space.x}} - 0.7) ** 2)") 1', {
        searchSpace: { x: ['uniform', [0, 1]] },
        samplingAlgorithm: { samplingAlgorithmType: 'Bayesian', seed: 1 },
        objective: { goal: 'minimize', primaryMetric: 'score' },
        limits: { maxTotalTrials: 12, maxConcurrentTrials: 2 },
      }),
    );
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.ok(Number(job.properties.properties![jobProperty.bestScore]) < 0.01, job.properties.properties![jobProperty.bestScore]);
  });

  it('ends a trial that falls behind, and says why', async () => {
    // The good trial reports at once; the bad one reports and then waits to be ended.
    const command = 'report ${{search_space.lr}} 1; if [ ${{search_space.lr}} = 0.9 ]; then exit 0; fi; sleep 300';
    const job = await run(
      'stopped',
      sweep(command, {
        searchSpace: { lr: ['choice', [[0.9, 0.1]]] },
        earlyTermination: { policyType: 'Bandit', slackFactor: 0.1, evaluationInterval: 1 },
      }),
    );
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const [good, bad] = await trials('stopped');
    assert.equal(good!.properties.status, 'Completed');
    assert.equal(bad!.properties.status, 'Canceled');
    assert.match(bad!.properties.tags!.early_termination!, /Bandit: 0\.1 after 1 reports, against 0\.9/);
  });

  it('ends it also when trials log more metrics at once than a change of the plane names', async () => {
    const many = Array.from({ length: 50 }, (_, i) => `{\\"key\\":\\"m${i}\\",\\"value\\":0,\\"timestamp\\":1,\\"step\\":1}`).join();
    const all = `curl -sS -o /dev/null -X POST "$MLFLOW_TRACKING_URI/api/2.0/mlflow/runs/log-batch" -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" -H 'content-type: application/json' -d "{\\"run_id\\":\\"$MLFLOW_RUN_ID\\",\\"metrics\\":[${many},{\\"key\\":\\"score\\",\\"value\\":\${{search_space.lr}},\\"timestamp\\":1,\\"step\\":1}]}"`;
    const job = await run(
      'stopped_by_many',
      sweep(`${all}; if [ \${{search_space.lr}} = 0.9 ]; then exit 0; fi; sleep 300`, {
        searchSpace: { lr: ['choice', [[0.9, 0.1]]] },
        earlyTermination: { policyType: 'Bandit', slackFactor: 0.1, evaluationInterval: 1 },
      }),
    );
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.deepEqual(
      (await trials('stopped_by_many')).map((trial) => trial.properties.status),
      ['Completed', 'Canceled'],
    );
  });

  it('ends at its timeout with what it has, and a trial at its own', async () => {
    const late = await run(
      'late',
      sweep('report ${{search_space.lr}} 1; if [ ${{search_space.lr}} = 0.1 ]; then exit 0; fi; sleep 300', {
        limits: { maxTotalTrials: 3, maxConcurrentTrials: 3, timeout: 'PT1S' },
      }),
    );
    assert.equal(late.properties.status, 'Canceled');
    assert.equal(late.properties.error?.code, 'TimedOut');
    assert.equal(late.properties.properties![jobProperty.bestTrial], 'late_0');
    const slow = await run(
      'slow',
      sweep('sleep 300', { searchSpace: { lr: ['choice', [[1]]] }, limits: { maxTotalTrials: 1, trialTimeout: 'PT0.3S' } }),
    );
    assert.equal(slow.properties.status, 'Failed');
    assert.match(slow.properties.error!.message, /longer than limits\.trial_timeout/);
  });

  it('gives up when every trial fails, and says when nobody logged the metric', async () => {
    const broken = await run(
      'broken_sweep',
      sweep('exit 5', {
        searchSpace: { n: ['randint', [100]] },
        samplingAlgorithm: { samplingAlgorithmType: 'Random' },
        limits: { maxTotalTrials: 50, maxConcurrentTrials: 1 },
      }),
    );
    assert.equal(broken.properties.status, 'Failed');
    assert.match(broken.properties.error!.message, /All 3 trials that ran failed.*exit code 5/s);
    const silent = await run('silent', sweep('true', { searchSpace: { lr: ['choice', [[1]]] } }));
    assert.match(silent.properties.error!.message, /primary metric "score"/);
  });

  it('cancels its trials with itself', async () => {
    await plane.client.putJob('unwanted', sweep('sleep 300'));
    await jobWhen(plane.client, 'unwanted', (job) => job.properties.status === 'Running');
    await plane.client.cancelJob('unwanted');
    assert.equal((await jobWhen(plane.client, 'unwanted')).properties.status, 'Canceled');
    assert.ok((await trials('unwanted')).every((trial) => trial.properties.status === 'Canceled'));
  });

  it('is a step of a pipeline, whose next step gets the best output', async () => {
    const environment = `azureml:${environmentId}`;
    const train = await component(plane.client, 'train_trial', {
      command: `${report}; report \${{inputs.lr}} 1; echo \${{inputs.lr}} > \${{outputs.model}}/lr.txt`,
      environment,
      inputs: { lr: { type: 'number' }, rows: { type: 'string' } },
      outputs: { model: { type: 'uri_folder' } },
    });
    const show = await component(plane.client, 'show_model', {
      command: 'cat ${{inputs.model}}/lr.txt',
      environment,
      inputs: { model: { type: 'uri_folder' } },
    });
    await plane.client.putJob('swept', {
      jobType: 'Pipeline',
      jobs: {
        tune: {
          type: 'sweep',
          trial: { componentId: train },
          inputs: { rows: { job_input_type: 'literal', value: 'x' } },
          search_space: { lr: { type: 'choice', values: [0.1, 0.4, 0.2] } },
          sampling_algorithm: 'grid',
          objective: { goal: 'maximize', primary_metric: 'score' },
          limits: { max_total_trials: 3, max_concurrent_trials: 3 },
        } as never,
        show: {
          type: 'command',
          componentId: show,
          inputs: { model: { job_input_type: 'literal', value: '${{parent.jobs.tune.outputs.model}}' } },
        },
      },
    });
    const job = await jobWhen(plane.client, 'swept');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(await logOf(plane.client, 'swept-show'), /^0\.4$/m);
  });

  it('is submitted from YAML, as a job and as a step of a pipeline', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-sweep-'));
    try {
      await plane.client.putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
      writeFileSync(path.join(folder, 'report.sh'), `${report}\nreport "$1" 1\necho "$1" > "$2/value.txt"\n`);
      const settings = (space: string) =>
        `sampling_algorithm: random\nobjective: {goal: maximize, primary_metric: score}\nlimits: {max_total_trials: 3, max_concurrent_trials: 3, trial_timeout: 100}\nsearch_space: {${space}}\nearly_termination: {type: median_stopping, delay_evaluation: 5, evaluation_interval: 1}\n`;
      const command = (value: string) => `{command: 'bash report.sh ${value} \${{outputs.best}}', code: ., environment: azureml:shell:1`;
      writeFileSync(
        path.join(folder, 'sweep.yml'),
        `type: sweep\ntrial: ${command('${{search_space.x}}')}}\noutputs: {best: {type: uri_folder}}\n${settings('x: {type: choice, values: [1, 3, 2]}')}`,
      );
      const { job } = await submitJob({ client: plane.client, file: path.join(folder, 'sweep.yml') });
      const ended = await jobWhen(plane.client, job.name);
      assert.equal(ended.properties.status, 'Completed', JSON.stringify(ended.properties.error));
      assert.equal(ended.properties.properties![jobProperty.bestScore], '3');
      writeFileSync(
        path.join(folder, 'pipeline.yml'),
        `type: pipeline\noutputs: {best: {type: uri_folder}}\njobs:\n  tune:\n    type: sweep\n    trial: ${command('${{inputs.x}}')}, type: command, inputs: {x: {type: number}}, outputs: {best: {type: uri_folder}}}\n    outputs: {best: '\${{parent.outputs.best}}'}\n${settings('x: {type: choice, values: [1, 4, 2]}').replace(/^(?=.)/gm, '    ')}`,
      );
      const pipeline = await submitJob({ client: plane.client, file: path.join(folder, 'pipeline.yml') });
      const done = await jobWhen(plane.client, pipeline.job.name);
      assert.equal(done.properties.status, 'Completed', JSON.stringify(done.properties.error));
      const { path: blob } = parseDatastoreUri(done.properties.outputs!.best!.uri!)!;
      assert.equal(await (await plane.client.readBlob('azureml-blobstore', `${blob.replace(/\/$/, '')}/value.txt`)).text(), '4\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('goes on after a restart of the plane: the same trials, each once', async () => {
    const gate = path.join(plane.folder, 'gate');
    const marks = path.join(plane.folder, 'marks');
    const wait = `echo \${{search_space.x}} >> ${marks}; until [ -e ${gate} ]; do sleep 0.05; done; report 1 1`;
    const definition = sweep(wait, {
      searchSpace: { x: ['uniform', [0, 1]] },
      samplingAlgorithm: { samplingAlgorithmType: 'Random' },
      limits: { maxTotalTrials: 4, maxConcurrentTrials: 2 },
    });
    await plane.client.putJob('lasting', definition);
    await jobWhen(plane.client, 'lasting', (job) => job.properties.status === 'Running');
    await plane.stop();
    const before = plane.folder;
    plane = await startPlane({ maxParallelJobs: 4 }, before);
    writeFileSync(gate, '');
    const job = await jobWhen(plane.client, 'lasting');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const values = (await trials('lasting')).map((trial) => trial.properties.inputs!.x!.value);
    assert.equal(values.length, 4);
    assert.deepEqual(readFileSync(marks, 'utf8').trim().split('\n').sort(), [...values].sort());
  });

  it('refuses what is no sweep with the place that is wrong', async () => {
    const bad: [Partial<Record<keyof SweepJobProperties, unknown>>, RegExp][] = [
      [{ searchSpace: { lr: ['uniform', [0]] } }, /searchSpace/],
      [{ searchSpace: { lr: ['gauss', [0, 1]] } }, /searchSpace/],
      [{ objective: { goal: 'best', primaryMetric: 'x' } }, /objective/],
      [{ samplingAlgorithm: { samplingAlgorithmType: 'Guess' } }, /samplingAlgorithm/],
      [{ limits: { maxTotalTrials: 1001 } }, /maxTotalTrials/],
    ];
    for (const [more, message] of bad) await assert.rejects(plane.client.putJob('never', sweep('true', more as never)), message);
    const ranged = await run('ranged', sweep('true', { searchSpace: { x: ['uniform', [0, 1]] } }));
    assert.match(ranged.properties.error!.message, /Grid sampling needs a limited number of values, and "x" is a range/);
  });
});
