import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Deployment, EndedServer, Server } from '../../../src/orchestrator/deployments/deployment.ts';
import { nextSteps, type Step, type Trouble, troubleAfter } from '../../../src/orchestrator/deployments/nextSteps.ts';

const deployment = (more: Partial<Deployment> = {}): Deployment => ({
  id: 'w/e/blue',
  state: 'Creating',
  generation: 'two',
  asked: 'now',
  served: undefined,
  instances: 1,
  ...more,
});
const server = (id: string, phase: Server['phase'], generation = 'two', owner = 'w/e/blue'): Server => ({
  id,
  deployment: owner,
  generation,
  asked: 'now',
  phase,
});
const why = { code: 'CommandFailed', message: 'gone' };
const trouble = (more: Partial<Trouble> = {}): Trouble => ({ asked: 'now', failures: 1, why, retryAt: 0, ...more });
const served = { state: 'Succeeded', served: 'two' } as const;

const text = (step: Step): string => (step.do === 'stop' ? `stop ${step.server}` : step.do === 'wait' ? `wait ${step.until}` : step.do);
const steps = (deployments: Deployment[], servers: Server[], troubled?: Trouble, now = 1000): string[] =>
  nextSteps(deployments, servers, new Map(troubled ? [['w/e/blue', troubled]] : []), now).map(text);

describe('what is next for deployments', () => {
  it('starts as many servers as are wanted, and says that it has succeeded when they are ready', () => {
    assert.deepEqual(steps([deployment({ instances: 2 })], []), ['start', 'start']);
    assert.deepEqual(steps([deployment({ instances: 2 })], [server('a', 'ready')]), ['start']);
    assert.deepEqual(steps([deployment()], [server('a', 'starting')]), []);
    assert.deepEqual(steps([deployment()], [server('a', 'ready')]), ['succeed']);
    assert.deepEqual(steps([deployment(served)], [server('a', 'ready')]), []);
    assert.deepEqual(steps([deployment({ instances: 0 })], []), ['succeed']);
  });

  it('stops what is too much: those first that are not ready', () => {
    assert.deepEqual(steps([deployment(served)], [server('a', 'starting'), server('b', 'ready'), server('c', 'ready')]), [
      'stop c',
      'stop a',
    ]);
  });

  it('keeps the servers of the generation before until the new ones are ready', () => {
    const changed = deployment({ state: 'Updating', served: 'one' });
    assert.deepEqual(steps([changed], [server('old', 'ready', 'one')]), ['start']);
    assert.deepEqual(steps([changed], [server('old', 'ready', 'one'), server('new', 'starting')]), []);
    assert.deepEqual(steps([changed], [server('old', 'ready', 'one'), server('new', 'ready')]), ['stop old', 'succeed']);
    assert.deepEqual(steps([changed], [server('old', 'ready', 'one')], trouble()), ['fail']);
    assert.deepEqual(steps([{ ...changed, state: 'Failed' }], [server('old', 'ready', 'one')]), []);
  });

  it('fails at the first end of what was never ready, and tries anew only when asked to', () => {
    assert.deepEqual(steps([deployment({ instances: 2 })], [server('b', 'starting')], trouble()), ['stop b', 'fail']);
    assert.deepEqual(steps([deployment({ state: 'Failed' })], [], trouble()), []);
    assert.deepEqual(steps([deployment({ state: 'Failed' })], []), []);
    assert.deepEqual(steps([deployment({ state: 'Updating', asked: 'later' })], [], trouble()), ['start']);
  });

  it('heals what was ready once, with longer and longer pauses', () => {
    const end: EndedServer = { ...server('a', 'ready'), why, readyFor: 10 };
    const first = troubleAfter(end, undefined, 1000);
    assert.deepEqual([first.failures, first.retryAt], [1, 1000]);
    assert.deepEqual(steps([deployment(served)], [], first), ['start']);
    const second = troubleAfter(end, first, 1000);
    assert.deepEqual([second.failures, second.retryAt], [2, 2000]);
    assert.deepEqual(steps([deployment(served)], [], second), ['wait 2000']);
    assert.deepEqual(steps([deployment(served)], [], second, 2000), ['start']);
    assert.equal(troubleAfter(end, trouble({ failures: 30 }), 1000).retryAt, 61_000);
    // One that was well for long has a new count.
    assert.equal(troubleAfter({ ...end, readyFor: 60_000 }, second, 1000).failures, 1);
  });

  it('says that it has failed when it can’t be healed, goes on trying, and says when it is well again', () => {
    const often = trouble({ failures: 5, retryAt: 5000 });
    assert.deepEqual(steps([deployment(served)], [], often), ['wait 5000', 'fail']);
    const failed = deployment({ ...served, state: 'Failed' });
    assert.deepEqual(steps([failed], [], often, 5000), ['start']);
    assert.deepEqual(steps([failed], [server('a', 'ready')], often), ['succeed']);
  });

  it('stops the servers of what is deleted, and removes it when they are gone', () => {
    const going = deployment({ state: 'Deleting' });
    assert.deepEqual(steps([going], [server('a', 'ready'), server('b', 'stopping')]), ['stop a']);
    assert.deepEqual(steps([going], [server('b', 'stopping')]), []);
    assert.deepEqual(steps([going], []), ['remove']);
    assert.deepEqual(steps([], [server('a', 'ready'), server('b', 'stopping')]), ['stop a']);
  });
});
