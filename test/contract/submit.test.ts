import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { CommandJobProperties, PipelineJobProperties, SweepJobProperties } from '../../src/protocol/job.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

/** What a YAML file becomes on the plane: the body that Azure's client sends, with ids where files and names were. */
describe('submitting YAML', () => {
  let plane: TestPlane;
  let folder: string;
  const write = (name: string, text: string) => writeIn(folder, name, text);
  const submit = async <T>(name: string, text: string): Promise<{ job: string; properties: T }> => {
    const { job } = await submitJob({ client: plane.client, file: write(name, text) });
    return { job: job.name, properties: job.properties as T };
  };
  before(async () => {
    plane = await startPlane();
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-submit-'));
    await shellEnvironment(plane.client);
    write('src/run.sh', 'echo "$1"\n');
    write(
      'say.yml',
      'name: say\ntype: command\ninputs:\n  word: {type: string}\n  times: {type: number, default: 2}\ncommand: sh run.sh ${{inputs.word}}\ncode: ./src\nenvironment: azureml:shell:1\n',
    );
    write(
      'both.yml',
      'name: both\ntype: pipeline\ninputs:\n  word: {type: string, default: deep}\njobs:\n  say:\n    component: ./say.yml\n    inputs: {word: "${{parent.inputs.word}}"}\n',
    );
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sends a command with its machines, limits and inputs in the words of ARM', async () => {
    const { properties } = await submit<CommandJobProperties>(
      'job.yml',
      'type: command\ncommand: echo ${{inputs.flag}} ${{inputs.rate}}\nenvironment: azureml:shell@latest\ncode: ./src\ncompute: azureml:cluster\nexperiment_name: words\ninputs: {flag: true, rate: 1.0}\nresources: {instance_count: 2, shm_size: 4g}\ndistribution: {type: pytorch, process_count_per_instance: 2}\nlimits: {timeout: 900}\nenvironment_variables: {A: 1}\n',
    );
    assert.deepEqual(properties.resources, { properties: {}, instanceCount: 2, shmSize: '4g' });
    assert.deepEqual(properties.distribution, { distributionType: 'PyTorch', processCountPerInstance: 2 });
    assert.deepEqual(properties.limits, { jobLimitsType: 'Command', timeout: 'PT15M' });
    assert.deepEqual(properties.environmentVariables, { A: '1' });
    assert.deepEqual(properties.inputs, {
      flag: { jobInputType: 'literal', value: 'True' },
      rate: { jobInputType: 'literal', value: '1.0' },
    });
    assert.match(properties.codeId!, /\/codes\/[0-9a-f]{64}\/versions\/1$/);
    assert.match(properties.environmentId, /\/environments\/shell\/versions\/1$/);
    assert.match(properties.computeId!, /\/computes\/cluster$/);
  });

  it('sends a sweep with its trial', async () => {
    const { properties } = await submit<SweepJobProperties>(
      'sweep.yml',
      'type: sweep\ntrial:\n  command: echo ${{search_space.a}}\n  environment: azureml:shell:1\nsearch_space:\n  a: {type: uniform, min_value: 0.1, max_value: 1}\nobjective: {goal: minimize, primary_metric: loss}\nlimits: {max_total_trials: 1, timeout: 3600}\n',
    );
    assert.deepEqual(properties.searchSpace, { a: ['uniform', [0.1, 1]] });
    assert.equal(properties.limits?.timeout, 'PT1H');
    assert.match(properties.trial.environmentId, /\/environments\/shell\/versions\/1$/);
    assert.equal(properties.experimentName, path.basename(folder));
  });

  it('sends what is included where there is no code folder', async () => {
    write('shared/util/a.py', 'x = 1\n');
    write('parts/main.sh', 'cat util/a.py; ls; python3 -m zipfile -l packed.zip\n');
    write('parts/packed/b.py', 'y = 2\n');
    write(
      'parts/included.yml',
      'name: included\ntype: command\nadditional_includes: [./main.sh, ../shared/util, ./packed.zip]\ncommand: sh main.sh\nenvironment: azureml:shell:1\n',
    );
    const { job } = await submit('included.yml', 'type: pipeline\njobs:\n  a: {type: command, component: ./parts/included.yml}\n');
    assert.equal((await jobWhen(plane.client, job)).properties.status, 'Completed');
    const log = await logOf(plane.client, `${job}-a`);
    assert.match(log, /^x = 1$/m);
    assert.match(log, /^packed\/b\.py +2000-01-01 .* 6$/m);
  });

  it('fills in the addresses of outputs, so that jobs of one file write to places of their own', async () => {
    const text = (where: string) =>
      `type: command\ncommand: echo hi > \${{outputs.res}}/a.txt\nenvironment: azureml:shell:1\noutputs:\n  res: {type: uri_folder, path: "${where}"}\n`;
    const where = 'azureml://datastores/${{default_datastore}}/paths/exp/${{name}}/${{ output_name }}';
    for (const file of ['place.yml', 'place.yml']) {
      const { job, properties } = await submit<CommandJobProperties>(file, text(where));
      const uri = `azureml://datastores/workspaceblobstore/paths/exp/${job}/res`;
      assert.equal(properties.outputs?.res?.uri, uri);
      assert.equal((await jobWhen(plane.client, job)).properties.outputs?.res?.uri, uri);
      const { entries } = await plane.client.listBlobs('azureml-blobstore', `exp/${job}`, { recursive: true });
      assert.deepEqual(
        entries.map((entry) => entry.path),
        ['res/a.txt'],
      );
    }
  });

  it('writes the output of a step to the address that its pipeline gives to it', async () => {
    write(
      'out.yml',
      'name: out\ntype: command\noutputs: {o: {type: uri_folder}}\ncommand: echo hi > ${{outputs.o}}/a.txt\nenvironment: azureml:shell:1\n',
    );
    const { job } = await submit(
      'placed.yml',
      'type: pipeline\noutputs:\n  all: {type: uri_folder, path: "azureml://datastores/workspaceblobstore/paths/all/${{name}}"}\njobs:\n  a: {type: command, component: ./out.yml, outputs: {o: "${{parent.outputs.all}}"}}\n',
    );
    const uri = `azureml://datastores/workspaceblobstore/paths/all/${job}`;
    assert.equal((await jobWhen(plane.client, job)).properties.outputs?.all?.uri, uri);
    assert.equal((await plane.client.getJob(`${job}-a`)).properties.outputs?.o?.uri, uri);
  });

  it('puts components of every depth on the plane first, and runs them', async () => {
    const { job, properties } = await submit<PipelineJobProperties>(
      'pipeline.yml',
      'type: pipeline\njobs:\n  file: {component: ./both.yml}\n  place:\n    component:\n      type: command\n      inputs: {n: {type: number, default: 1.50}}\n      command: echo "n ${{inputs.n}}"\n      environment: azureml:shell:1\n  bare:\n    command: echo bare\n    environment: azureml:shell:1\n',
    );
    assert.deepEqual(
      Object.values(properties.jobs).map(({ type }) => type),
      ['pipeline', 'command', 'command'],
    );
    const done = await jobWhen(plane.client, job);
    assert.equal(done.properties.status, 'Completed', JSON.stringify(done.properties.error));
    assert.match(await logOf(plane.client, `${job}-file-say`), /^deep$/m);
    assert.match(await logOf(plane.client, `${job}-place`), /^n 1\.5$/m);
    assert.match(await logOf(plane.client, `${job}-bare`), /^bare$/m);
  });

  it('runs a pipeline that is a component', async () => {
    const { job } = await submit<PipelineJobProperties>('one.yml', 'type: pipeline\ncomponent: ./both.yml\ninputs: {word: whole}\n');
    const done = await jobWhen(plane.client, job);
    assert.equal(done.properties.status, 'Completed', JSON.stringify(done.properties.error));
    assert.match(await logOf(plane.client, `${job}-say`), /^whole$/m);
  });
});
