import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { dependenciesOf, nextActions } from '../../../src/orchestrator/pipeline/nextActions.ts';
import { isTerminal, type Job, type JobStatus, type PipelineJob } from '../../../src/protocol/job.ts';

const job = (status: JobStatus): Job => ({
  id: '',
  name: '',
  type: '',
  properties: { jobType: 'Command', command: 'x', environmentId: 'e', status },
});

describe('nextActions', () => {
  it('runs any graph to its end, whatever fails, and never a step before what it reads', () => {
    const graph = fc.array(
      fc.record({
        reads: fc.array(fc.nat(20), { maxLength: 3 }),
        end: fc.constantFrom<JobStatus>('Completed', 'Completed', 'Completed', 'Failed', 'Canceled'),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(graph, fc.boolean(), fc.infiniteStream(fc.nat(100)), (steps, goesOn, order) => {
        const jobs = Object.fromEntries(
          steps.map(({ reads }, index) => [
            `s${index}`,
            {
              type: 'command',
              inputs: Object.fromEntries(
                reads
                  .filter(() => index > 0)
                  .map((read, at) => [`i${at}`, { job_input_type: 'literal', value: `\${{parent.jobs.s${read % index}.outputs.o}}` }]),
              ),
            },
          ]),
        );
        const pipeline: PipelineJob = {
          id: '',
          name: 'p',
          type: '',
          properties: { jobType: 'Pipeline', jobs, settings: { continue_on_step_failure: goesOn }, status: 'Running' },
        };
        const children = new Map<string, Job>();
        for (let turn = 0; turn < 100; turn++) {
          const { create, finish } = nextActions(pipeline, children);
          for (const name of create) {
            assert.ok(!children.has(name));
            for (const read of dependenciesOf(jobs[name]!)) assert.equal(children.get(read)?.properties.status, 'Completed');
            children.set(name, job('Running'));
          }
          if (finish) {
            assert.ok([...children.values()].every((child) => isTerminal(child.properties.status!)));
            const all = steps.every((step) => step.end === 'Completed');
            assert.equal(finish.status, all ? 'Completed' : 'Failed');
            if (all) assert.equal(children.size, steps.length);
            return;
          }
          const running = [...children].filter(([, child]) => child.properties.status === 'Running');
          assert.ok(running.length > 0, 'nothing runs and nothing ends');
          const [name] = running[order.next().value! % running.length]!;
          children.set(name, job(steps[Number(name.slice(1))]!.end));
        }
        assert.fail('no end');
      }),
    );
  });

  it('runs the step of on_init before all others and that of on_finalize after them, also after a failure', () => {
    const step = { type: 'command' };
    const pipeline = (goesOn: boolean): PipelineJob => ({
      id: '',
      name: 'p',
      type: '',
      properties: {
        jobType: 'Pipeline',
        jobs: { last: step, a: step, first: step, b: step },
        settings: { on_init: 'first', on_finalize: 'last', continue_on_step_failure: goesOn },
        status: 'Running',
      },
    });
    const next = (children: Record<string, JobStatus>, goesOn = false) =>
      nextActions(pipeline(goesOn), new Map(Object.entries(children).map(([name, status]) => [name, job(status)])));
    assert.deepEqual(next({}).create, ['first']);
    assert.deepEqual(next({ first: 'Running' }), { create: [] });
    assert.deepEqual(next({ first: 'Completed' }).create, ['a', 'b']);
    assert.deepEqual(next({ first: 'Completed', a: 'Completed', b: 'Running' }), { create: [] });
    assert.deepEqual(next({ first: 'Completed', a: 'Completed', b: 'Completed' }), { create: ['last'] });
    assert.deepEqual(next({ first: 'Completed', a: 'Completed', b: 'Completed', last: 'Completed' }).finish, { status: 'Completed' });
    // After a failure.
    assert.deepEqual(next({ first: 'Completed', a: 'Failed', b: 'Running' }), { create: [] });
    assert.deepEqual(next({ first: 'Completed', a: 'Failed', b: 'Completed' }), { create: ['last'] });
    const { finish } = next({ first: 'Completed', a: 'Failed', b: 'Completed', last: 'Completed' });
    assert.equal(finish?.status, 'Failed');
    assert.equal(finish.error?.step, 'a');
    // One of on_init stops all but the last.
    for (const goesOn of [true, false]) {
      assert.deepEqual(next({ first: 'Failed' }, goesOn), { create: ['last'] });
      assert.match(next({ first: 'Failed', last: 'Completed' }, goesOn).finish!.error!.message, /"first" failed. Not started: a, b\.$/);
    }
    // A last step that fails is a failure of the pipeline.
    assert.equal(next({ first: 'Completed', a: 'Completed', b: 'Completed', last: 'Failed' }).finish?.error?.step, 'last');
  });

  it('creates nothing once a cancel was asked for, and ends when the steps have', () => {
    const pipeline: PipelineJob = {
      id: '',
      name: 'p',
      type: '',
      properties: { jobType: 'Pipeline', jobs: { a: { type: 'command' }, b: { type: 'command' } }, status: 'CancelRequested' },
    };
    assert.deepEqual(nextActions(pipeline, new Map([['a', job('Running')]])), { create: [] });
    assert.deepEqual(nextActions(pipeline, new Map([['a', job('Canceled')]])), { create: [], finish: { status: 'Canceled' } });
  });
});
