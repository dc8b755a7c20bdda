import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { isTerminal, type Job, jobProperty, type PipelineJobProperties, type PipelineNode } from '../../src/protocol/job.ts';
import { component, jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

const literal = (value: string) => ({ job_input_type: 'literal', value });

describe('a pipeline', () => {
  let plane: TestPlane;
  let write: string;
  let read: string;
  let fails: string;
  let sleeps: string;
  let environment: string;
  before(async () => {
    plane = await startPlane();
    environment = `azureml:${await shellEnvironment(plane.client)}`;
    write = await component(plane.client, 'write', {
      command: 'echo ${{inputs.text}} > ${{outputs.out}}/text.txt',
      environment,
      inputs: { text: { type: 'string' } },
      outputs: { out: { type: 'uri_folder' } },
    });
    read = await component(plane.client, 'read', {
      command: 'cat ${{inputs.data}}/text.txt',
      environment,
      inputs: { data: { type: 'uri_folder' } },
    });
    fails = await component(plane.client, 'fails', {
      command: 'echo because >&2; exit 3',
      environment,
      outputs: { out: { type: 'uri_folder' } },
    });
    sleeps = await component(plane.client, 'sleeps', { command: 'sleep 300', environment });
  });
  after(() => plane.remove());

  const steps = async (pipeline: string): Promise<Map<string, Job>> =>
    new Map((await plane.client.listJobs({ parent: pipeline })).value.map((job) => [job.properties.nodeName!, job]));
  async function run(name: string, jobs: Record<string, PipelineNode>, more: Partial<PipelineJobProperties> = {}): Promise<Job> {
    await plane.client.putJob(name, { jobType: 'Pipeline', jobs, ...more });
    return jobWhen(plane.client, name);
  }
  const chain: Record<string, PipelineNode> = {
    first: {
      type: 'command',
      componentId: '',
      inputs: { text: literal('${{parent.inputs.greeting}}') },
      outputs: { out: { type: 'literal', value: '${{parent.outputs.result}}' } },
    },
    second: { type: 'command', componentId: '', inputs: { data: literal('${{parent.jobs.first.outputs.out}}') } },
  };
  const greeting = (value: string) => ({
    inputs: { greeting: { jobInputType: 'literal' as const, value } },
    outputs: { result: { jobOutputType: 'uri_folder' as const, assetName: 'greeting' } },
  });
  const bound = () => ({ first: { ...chain.first!, componentId: write }, second: { ...chain.second!, componentId: read } });

  it('spreads a step as its component says, unless the step itself says it, and does not reuse one that ran otherwise', async () => {
    const environment = `azureml:${await shellEnvironment(plane.client)}`;
    const ranks = await component(plane.client, 'ranks', {
      command: 'echo rank $RANK of $WORLD_SIZE',
      environment,
      distribution: { type: 'pytorch', process_count_per_instance: 2 },
    });
    const own = { distribution_type: 'PyTorch', process_count_per_instance: 3 };
    const job = await run('spread', {
      two: { type: 'command', componentId: ranks },
      three: { type: 'command', componentId: ranks, distribution: own },
    });
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const log = async (step: string, rank: number) =>
      Buffer.from(await plane.client.readLog(`spread-${step}`, `user_logs/std_log_process_${rank}.txt`)).toString();
    assert.match(await log('two', 1), /rank 1 of 2/);
    assert.match(await log('three', 2), /rank 2 of 3/);
  });

  it('hands outputs on, binds its own, and registers them', async () => {
    const job = await run('chain_1', bound(), greeting('hello'));
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(await logOf(plane.client, 'chain_1-second'), /^hello$/m);
    assert.match(job.properties.outputs!.result!.uri!, /chain_1-first\/out/);
    const data = await plane.client.getAsset('data', 'greeting', '1');
    assert.equal(data.properties.dataUri, job.properties.outputs!.result!.uri);
  });

  it('hands on a folder that stayed empty, also at an address of its own and into a pipeline within', async () => {
    const leaves = await component(plane.client, 'leaves', { command: 'true', environment, outputs: { out: { type: 'uri_folder' } } });
    const counts = await component(plane.client, 'counts', {
      command: 'test -d ${{inputs.data}} && ls -A ${{inputs.data}} | wc -l',
      environment,
      inputs: { data: { type: 'uri_folder' } },
    });
    const inner = await component(plane.client, 'counts_inside', {
      type: 'pipeline',
      inputs: { data: { type: 'uri_folder' } },
      jobs: { counts: { type: 'command', componentId: counts, inputs: { data: literal('${{parent.inputs.data}}') } } },
    });
    const uri = 'azureml://datastores/workspaceblobstore/paths/mine/${{name}}/';
    const reads = { data: literal('${{parent.jobs.first.outputs.out}}') };
    const job = await run('hollow', {
      first: { type: 'command', componentId: leaves, outputs: { out: { job_output_type: 'uri_folder', uri } } },
      second: { type: 'command', componentId: counts, inputs: reads },
      third: { type: 'pipeline', componentId: inner, inputs: reads },
    });
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(await logOf(plane.client, 'hollow-second'), /^0$/m);
    assert.match(await logOf(plane.client, 'hollow-third-counts'), /^0$/m);
  });

  it('reuses steps of the same code, inputs and environment, and says so', async () => {
    const job = await run('chain_2', bound(), greeting('hello'));
    assert.equal(job.properties.status, 'Completed');
    const again = await steps('chain_2');
    assert.deepEqual(
      [...again.values()].map((step) => step.properties.properties![jobProperty.isReused]),
      ['true', 'true'],
    );
    assert.equal(again.get('first')!.properties.properties![jobProperty.reusedFrom], 'chain_1-first');
    assert.equal((await plane.client.listVersions('data', 'greeting')).value.length, 1);
  });

  it('runs again what has another input, and all of it with force_rerun', async () => {
    await run('chain_3', bound(), greeting('other'));
    assert.match(await logOf(plane.client, 'chain_3-second'), /other/);
    await run('chain_4', bound(), { ...greeting('hello'), settings: { force_rerun: true } });
    assert.ok([...(await steps('chain_4')).values()].every((step) => step.properties.properties![jobProperty.isReused] === undefined));
  });

  it('names the step that failed and what was not started', async () => {
    const job = await run('broken', {
      bad: { type: 'command', componentId: fails },
      next: { type: 'command', componentId: read, inputs: { data: literal('${{parent.jobs.bad.outputs.out}}') } },
    });
    assert.equal(job.properties.error?.code, 'StepFailed');
    assert.equal(job.properties.error?.step, 'bad');
    assert.match(job.properties.error!.message, /exit code 3.*Not started: next/);
    assert.deepEqual([...(await steps('broken')).keys()], ['bad']);
  });

  it('goes on with what does not depend on the failure when told so', async () => {
    const jobs = { bad: { type: 'command', componentId: fails }, ...bound() };
    const job = await run('tolerant', jobs, { ...greeting('go on'), settings: { continue_on_step_failure: true } });
    assert.equal(job.properties.status, 'Failed');
    assert.equal((await steps('tolerant')).get('second')?.properties.status, 'Completed');
  });

  it('runs on_init first and on_finalize last, also after a failure', async () => {
    const settings = { on_init: 'begin', on_finalize: 'end', force_rerun: true };
    const text = (value: string): PipelineNode => ({ type: 'command', componentId: write, inputs: { text: literal(value) } });
    const job = await run('ends', { end: text('e'), middle: { type: 'command', componentId: fails }, begin: text('b') }, { settings });
    assert.equal(job.properties.status, 'Failed');
    assert.equal(job.properties.error?.step, 'middle');
    const ran = await steps('ends');
    const time = (step: string, which: 'startedAt' | 'endedAt') => Date.parse((ran.get(step)!.properties as Record<string, any>)[which]);
    assert.equal(ran.get('end')!.properties.status, 'Completed');
    assert.ok(time('begin', 'endedAt') <= time('middle', 'startedAt'));
    assert.ok(time('middle', 'endedAt') <= time('end', 'startedAt'));
  });

  it('cancels every step', async () => {
    await plane.client.putJob('long', { jobType: 'Pipeline', jobs: { a: { type: 'command', componentId: sleeps } } });
    await jobWhen(plane.client, 'long', (job) => job.properties.status === 'Running');
    await plane.client.cancelJob('long');
    const ended = await jobWhen(plane.client, 'long');
    assert.equal(ended.properties.status, 'Canceled', JSON.stringify(ended.properties));
    assert.ok([...(await steps('long')).values()].every((step) => isTerminal(step.properties.status!)));
  });

  it('runs a pipeline component as a step', async () => {
    const inner = await component(plane.client, 'inner', {
      type: 'pipeline',
      inputs: { greeting: { type: 'string' } },
      outputs: { result: { type: 'uri_folder' } },
      jobs: bound(),
    });
    const job = await run(
      'outer',
      {
        nested: {
          type: 'pipeline',
          componentId: inner,
          inputs: { greeting: literal('deep') },
          outputs: { result: { type: 'literal', value: '${{parent.outputs.result}}' } },
        },
        after: { type: 'command', componentId: read, inputs: { data: literal('${{parent.jobs.nested.outputs.result}}') } },
      },
      { outputs: { result: { jobOutputType: 'uri_folder' } } },
    );
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    // The same reading of the same content happened inside already, so the last step is that one's result.
    assert.match(await logOf(plane.client, 'outer-nested-second'), /deep/);
    const last = (await steps('outer')).get('after')!;
    assert.equal(last.properties.properties![jobProperty.reusedFrom], 'outer-nested-second');
    assert.equal(last.properties.inputs!.data!.uri, job.properties.outputs!.result!.uri);
  });

  it('runs the steps of the component that it is', async () => {
    const whole = await component(plane.client, 'whole', {
      type: 'pipeline',
      jobs: { only: { type: 'command', componentId: write, inputs: { text: literal('alone') } } },
    });
    const job = await run('of_a_component', {}, { componentId: whole });
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.deepEqual([...(await steps('of_a_component')).keys()], ['only']);
  });
});
