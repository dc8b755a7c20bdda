import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { startOrchestrator } from '../../src/orchestrator/orchestrator.ts';
import type { PipelineNode } from '../../src/protocol/job.ts';
import { component, jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

describe('pipelines', () => {
  let plane: TestPlane;
  let jobs: Record<string, PipelineNode>;
  let marks: string;
  before(async () => {
    plane = await startPlane({ withOrchestrator: false });
    marks = path.join(plane.folder, 'marks');
    const environment = `azureml:${await shellEnvironment(plane.client)}`;
    const outputs = { out: { type: 'uri_folder' } };
    const command = `echo $AZUREML_RUN_ID >> ${marks}; echo 1 > \${{outputs.out}}/file`;
    const first = await component(plane.client, 'first', { environment, outputs, command, is_deterministic: false });
    const inputs = { before: { type: 'uri_folder' } };
    const next = await component(plane.client, 'next', { environment, outputs, inputs, command, is_deterministic: false });
    const before = { job_input_type: 'literal', value: '${{parent.jobs.a.outputs.out}}' };
    jobs = {
      a: { type: 'command', componentId: first },
      b: { type: 'command', componentId: next, inputs: { before } },
      c: { type: 'command', componentId: next, inputs: { before } },
    };
  });
  after(() => plane.remove());

  /** What happens to a request instead of reaching the plane; undefined lets it through. */
  type Trouble = (method: string, path: string, body: string) => Response | undefined;

  function orchestrator(id: string, trouble: Trouble = () => undefined) {
    const client = new PlaneClient({
      ...plane,
      fetch: async (input, init) =>
        trouble(init?.method ?? 'GET', new URL(input).pathname, typeof init?.body === 'string' ? init.body : '') ??
        globalThis.fetch(input, init),
    });
    const changes = new ChangeStream(plane.client.http);
    const started = startOrchestrator({ client, id, logger: silentLogger, changes });
    return {
      async dispose() {
        changes.dispose();
        await started.dispose();
      },
    };
  }
  const ran = (pipeline: string) =>
    readFileSync(marks, 'utf8')
      .split('\n')
      .filter((name) => name.startsWith(`${pipeline}-`))
      .sort();

  it('go on after any trouble of the plane: at every request of theirs, once', async () => {
    const troubled = new Set<string>();
    const one = orchestrator('one', (method, where) => {
      const request = `${method} ${where.replace(/.*\/workspaces\/[^/]+/, '')}`;
      if (where === '/changes' || troubled.has(request)) return undefined;
      troubled.add(request);
      // A full disk and a defect, in turn.
      const [status, code] = troubled.size % 2 ? [507, 'DiskFull'] : [500, 'InternalError'];
      return Response.json({ error: { code, message: 'trouble' } }, { status: Number(status) });
    });
    await plane.client.putJob('troubled', { jobType: 'Pipeline', jobs });
    const { properties } = await jobWhen(plane.client, 'troubled');
    assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
    assert.deepEqual(ran('troubled'), ['troubled-a', 'troubled-b', 'troubled-c']);
    const reached = [...troubled].filter((request) => /claims|steps|report|batchGet|updraft.jobs/.test(request));
    assert.deepEqual(reached.sort(), [
      'POST /components/batchGet',
      'POST /jobs/troubled/report',
      'POST /jobs/troubled/steps',
      'POST /updraft/claims',
      'POST /updraft/jobs',
    ]);
    await one.dispose();
  });

  it('end when they are canceled while a step is being made, whatever is heard first', async function () {
    this.timeout(30_000);
    const environment = `azureml:${await shellEnvironment(plane.client)}`;
    const sleeps = await component(plane.client, 'sleeps', { environment, command: 'sleep 60' });
    const changes = new ChangeStream(plane.client.http);
    const heard = new Promise<void>((resolve, reject) =>
      changes.onDidChange(({ id }) => {
        const look = async () => (await plane.client.getJob('late-a')).properties.status === 'Canceled' && resolve();
        if (id === 'late-a') look().catch(reject);
      }),
    );
    const client = new PlaneClient({
      ...plane,
      // The step is there, and is canceled with its pipeline before the orchestrator has the answer.
      fetch: async (input, init) => {
        const answer = await globalThis.fetch(input, init);
        if (new URL(input).pathname.endsWith('/jobs/late/steps')) {
          await plane.client.cancelJob('late');
          await heard;
        }
        return answer;
      },
    });
    const started = startOrchestrator({ client, id: 'late', logger: silentLogger, changes });
    await plane.client.putJob('late', { jobType: 'Pipeline', jobs: { a: { type: 'command', componentId: sleeps } } });
    assert.equal((await jobWhen(plane.client, 'late')).properties.status, 'Canceled');
    changes.dispose();
    await started.dispose();
  });

  it('fail when the plane says no', async () => {
    const one = orchestrator('one');
    await plane.client.putJob('wrong', { jobType: 'Pipeline', jobs: { ...jobs, d: { type: 'command', componentId: 'no id' } } });
    const { properties } = await jobWhen(plane.client, 'wrong');
    assert.equal(properties.status, 'Failed');
    assert.equal(properties.error!.code, 'InvalidReference');
    await one.dispose();
  });

  it('are orchestrated by one of two', async () => {
    const both = [orchestrator('one'), orchestrator('two')];
    await Promise.all(['x', 'y', 'z'].map((name) => plane.client.putJob(name, { jobType: 'Pipeline', jobs })));
    for (const name of ['x', 'y', 'z']) {
      const { properties } = await jobWhen(plane.client, name);
      assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
      assert.deepEqual(ran(name), [`${name}-a`, `${name}-b`, `${name}-c`]);
    }
    for (const each of both) await each.dispose();
  });
});
