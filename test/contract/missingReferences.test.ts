import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { assetId, defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { component, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

const id = (kind: 'environments' | 'components' | 'data' | 'models' | 'codes', name: string, version = '1') =>
  assetId(defaultWorkspace, kind, name, version);

/** A job that names what is not there is refused when it is put, as Azure does. */
describe('a job that names what is not there', () => {
  let plane: TestPlane;
  let environmentId: string;
  let part: string;
  let count = 0;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    environmentId = await shellEnvironment(plane.client);
    part = await component(plane.client, 'part', { command: 'true', environment: environmentId });
    await plane.client.putJob('made', { ...command(), outputs: { model: { jobOutputType: 'uri_folder' } } } as never);
  });
  after(() => plane.remove());

  const command = (more: object = {}) => ({ jobType: 'Command', command: 'true', environmentId, ...more });
  const pipeline = (jobs: object, more: object = {}) => ({ jobType: 'Pipeline', jobs, ...more });
  const input = (uri: string) => ({ data: { jobInputType: 'uri_folder', uri } });
  const put = async (path: string, properties: object) => {
    const response = await fetch(`${plane.url}${workspacePath(defaultWorkspace)}/${path}?api-version=2024-10-01`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ properties }),
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  const putJob = (properties: object) => put(`jobs/job${count++}`, properties);
  const schedule = (jobDefinition: object) =>
    put('schedules/nightly', {
      trigger: { triggerType: 'Cron', expression: '0 3 * * *', timeZone: 'UTC' },
      action: { actionType: 'CreateJob', jobDefinition },
      isEnabled: false,
    });

  it('is refused by the kind, the name and the place of it, also by a schedule', async () => {
    const refusals: [RegExp, object][] = [
      [/^The job names the environment "none:1"/, command({ environmentId: id('environments', 'none') })],
      [/^The job names the code "none:1"/, command({ codeId: id('codes', 'none') })],
      [/^The input "data" of the job names the data asset "none:1"/, command({ inputs: input(id('data', 'none')) })],
      [/^The input "data" of the job names the model "none:2"/, command({ inputs: input(id('models', 'none', '2')) })],
      [/names an output of the job "none"/, command({ inputs: input('azureml://jobs/none/outputs/model') })],
      [/names the output "nope" of the job "made"/, command({ inputs: input('azureml://jobs/made/outputs/nope/paths/x') })],
      [
        /^The step "train" names the component "none:1"/,
        pipeline({ ok: { type: 'command', componentId: part }, train: { type: 'command', componentId: id('components', 'none') } }),
      ],
      [
        /^The input "x" of the step "train" names the data asset "none:1"/,
        pipeline({
          train: { type: 'command', componentId: part, inputs: { x: { job_input_type: 'uri_folder', uri: id('data', 'none') } } },
        }),
      ],
      [
        /^The step "search" names the component "none:1"/,
        pipeline({ search: { type: 'sweep', trial: { componentId: id('components', 'none') } } }),
      ],
      [
        /^The job names the environment "none:1"/,
        {
          jobType: 'Sweep',
          trial: { command: 'true', environmentId: id('environments', 'none') },
          searchSpace: { x: ['choice', [[1, 2]]] },
          samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
          objective: { goal: 'Maximize', primaryMetric: 'm' },
        },
      ],
    ];
    for (const [expected, properties] of refusals)
      for (const sent of [putJob, schedule]) {
        const { status, body } = await sent(properties);
        assert.deepEqual([status, body.error?.code], [404, 'AssetNotFound'], `${expected} ${JSON.stringify(body)}`);
        assert.match(body.error.message, expected);
      }
    assert.equal((await plane.client.listJobs({ listViewType: 'All' })).value.length, 1);
  });

  it('is refused for what the components of its components name', async () => {
    const bad = await component(plane.client, 'bad', { command: 'true', environment: `azureml:${id('environments', 'none')}` });
    const outer = await component(plane.client, 'outer', { type: 'pipeline', jobs: { inner: { type: 'command', componentId: bad } } });
    const { status, body } = await putJob(pipeline({ all: { type: 'pipeline', componentId: outer } }));
    assert.deepEqual([status, body.error.code], [404, 'AssetNotFound']);
    assert.match(body.error.message, /^The component "bad:1" names the environment "none:1"/);
  });

  it('is refused when a pipeline component contains itself', async () => {
    const one = await component(plane.client, 'one', {
      type: 'pipeline',
      jobs: { back: { type: 'pipeline', componentId: id('components', 'two') } },
    });
    await component(plane.client, 'two', {
      type: 'pipeline',
      jobs: { forth: { type: 'pipeline', componentId: one }, ok: { type: 'command', componentId: part } },
    });
    const { status, body } = await putJob(pipeline({ all: { type: 'pipeline', componentId: one } }));
    assert.deepEqual([status, body.error.code], [400, 'InvalidReference']);
    assert.match(body.error.message, /"one:1" contains itself: one:1 → two:1 → one:1/);
  });

  it('is refused when a step reads what no step writes', async () => {
    const writer = await component(plane.client, 'writer', { command: 'true', outputs: { model: { type: 'uri_folder' } } });
    const reader = { type: 'command', componentId: part };
    const reads = (from: string) => ({ data: { job_input_type: 'literal', value: `\${{parent.jobs.${from}}}` } });
    const steps = (from: string) => pipeline({ first: { type: 'command', componentId: writer }, next: { ...reader, inputs: reads(from) } });
    for (const [from, expected] of [
      ['none.outputs.model', /^The input "data" of the step "next" reads an output of the step "none", which the pipeline does not have/],
      [
        'first.outputs.modle',
        /^The input "data" of the step "next" reads the output "modle" of the step "first", whose component has no such output/,
      ],
    ] as const) {
      const { status, body } = await putJob(steps(from));
      assert.deepEqual([status, body.error.code], [400, 'InvalidReference'], JSON.stringify(body));
      assert.match(body.error.message, expected);
    }
    assert.equal((await putJob(steps('first.outputs.model'))).status, 201);
  });

  it('is taken with what is there, with registries, and again after that is gone', async () => {
    await plane.client.putAsset('data', 'set', '1', {
      dataUri: 'azureml://datastores/workspaceblobstore/paths/set',
      dataType: 'uri_folder',
    });
    const diamond = await component(plane.client, 'diamond', {
      type: 'pipeline',
      jobs: { a: { type: 'command', componentId: part }, b: { type: 'command', componentId: part } },
    });
    const taken: object[] = [
      command({ inputs: input(id('data', 'set')) }),
      command({ inputs: input('azureml://jobs/made/outputs/model') }),
      command({ inputs: input('azureml://jobs/made/outputs/artifacts/paths/logs') }),
      command({ environmentId: 'azureml://registries/azureml/environments/sklearn-1.5/labels/latest' }),
      command({ environmentId: 'azureml://registries/azureml/environments/sklearn-1.5/versions/3' }),
      pipeline({ x: { type: 'pipeline', componentId: diamond }, y: { type: 'pipeline', componentId: diamond } }),
    ];
    for (const properties of taken) {
      const { status, body } = await putJob(properties);
      assert.equal(status, 201, JSON.stringify(body));
    }
    await plane.client.putAsset('environments', 'short', '1', { image: 'ubuntu:22.04' });
    const short = command({ environmentId: id('environments', 'short') });
    assert.equal((await put('jobs/kept', short)).status, 201);
    await plane.client.deleteAsset('environments', 'short', '1');
    assert.equal((await put('jobs/kept', short)).status, 200);
  });
});
