import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';

describe('schedules', () => {
  let plane: TestPlane;
  let clock: SetClock;
  const open = async (time: string, folder?: string) => {
    clock = new SetClock(time);
    plane = await startPlane({ withRunner: false, withOrchestrator: false }, folder, undefined, clock);
  };
  beforeEach(() => open('2027-01-01T00:00:00Z'));
  afterEach(() => plane.remove());

  const ws =
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.MachineLearningServices/workspaces/local';
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${plane.url}${ws}/${path}?api-version=2023-06-01-preview`, {
      method,
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  };
  const jobDefinition = { jobType: 'Pipeline', displayName: 'night', experimentName: 'nightly', jobs: {}, inputs: {}, outputs: {} };
  const put = (name: string, trigger: object, more: object = {}) =>
    send('PUT', `schedules/${name}`, { properties: { trigger, action: { actionType: 'CreateJob', jobDefinition }, ...more } });
  const daily = { triggerType: 'Cron', expression: '0 3 * * *' };
  const factsOf = async (name: string) => (await send('GET', `schedules/${name}`)).body.properties.properties;
  /** The facts of a schedule once they pass; the feed tells of each of its changes. */
  const told = async (name: string, test: (facts: Record<string, string>) => boolean): Promise<Record<string, string>> => {
    const changes = new ChangeStream(plane.client.http);
    try {
      return await new Promise((resolve, reject) => {
        const look = () => factsOf(name).then((facts) => test(facts) && resolve(facts), reject);
        changes.onDidChangeState((state) => state === 'live' && look());
        changes.onDidChange((change) => change.kind === 'schedule' && change.id === name && look());
      });
    } finally {
      changes.dispose();
    }
  };
  const jobs = async () => (await send('GET', 'jobs')).body.value.map((job: any) => job.name).sort();

  it('start a job at each of their times, once', async () => {
    const made = await put('nightly', daily);
    assert.deepEqual([made.status, made.body.properties.properties], [201, { 'updraft.next': '2027-01-01T03:00:00.000Z' }]);
    clock.set('2027-01-01T02:59:59Z');
    clock.set('2027-01-01T03:00:00Z');
    const facts = await told('nightly', (each) => each['updraft.lastJob'] !== undefined);
    assert.deepEqual(facts, { 'updraft.next': '2027-01-02T03:00:00.000Z', 'updraft.lastJob': 'nightly-20270101T030000Z' });
    const job = await plane.client.getJob('nightly-20270101T030000Z');
    assert.deepEqual(
      [job.properties.status, job.properties.displayName, job.properties.experimentName, job.properties.properties],
      ['Queued', 'night', 'nightly', { 'updraft.schedule': 'nightly' }],
    );
    clock.set('2027-01-02T03:00:01Z');
    await told('nightly', (each) => each['updraft.next'] === '2027-01-03T03:00:00.000Z');
    assert.deepEqual(await jobs(), ['nightly-20270101T030000Z', 'nightly-20270102T030000Z']);
  });

  it('start nothing while they are disabled, or after they were deleted', async () => {
    await put('nightly', daily, { isEnabled: false });
    assert.deepEqual(await factsOf('nightly'), {});
    await put('gone', daily);
    await send('DELETE', 'schedules/gone');
    await put('witness', daily);
    clock.set('2027-01-01T03:00:00Z');
    await told('witness', (each) => each['updraft.lastJob'] !== undefined);
    assert.deepEqual(await jobs(), ['witness-20270101T030000Z']);
  });

  it('skip what was missed while the plane did not run, and say so', async () => {
    await put('nightly', daily);
    await plane.stop();
    const { folder } = plane;
    await open('2027-01-03T12:00:00Z', folder);
    clock.set('2027-01-03T12:00:00Z');
    const facts = await told('nightly', (each) => each['updraft.skipped'] !== undefined);
    assert.deepEqual(facts, {
      'updraft.next': '2027-01-04T03:00:00.000Z',
      'updraft.skipped': '3 from 2027-01-01T03:00:00.000Z to 2027-01-03T03:00:00.000Z: the control plane did not run.',
    });
    assert.deepEqual(await jobs(), []);
  });

  it('go on after a job that is refused, and tell why it was', async () => {
    const bad = { actionType: 'CreateJob', jobDefinition: { jobType: 'Spark' } };
    await send('PUT', 'schedules/spark', { properties: { trigger: daily, action: bad } });
    clock.set('2027-01-01T03:00:00Z');
    const facts = await told('spark', (each) => each['updraft.error'] !== undefined);
    assert.match(facts['updraft.error']!, /^2027-01-01T03:00:00\.000Z: A Spark job does not run on this machine yet/);
    assert.equal(facts['updraft.next'], '2027-01-02T03:00:00.000Z');
  });

  it('start their job at once when they are triggered', async () => {
    await put('nightly', daily, { isEnabled: false });
    const answer = await send('POST', 'schedules/nightly/trigger', {});
    assert.deepEqual(answer, { status: 200, body: { jobName: 'nightly-20270101T000000Z', scheduleActionType: 'CreateJob' } });
    assert.deepEqual(await jobs(), ['nightly-20270101T000000Z']);
  });

  it('list the jobs that each of them started, the newest first', async () => {
    await put('night', daily);
    await put('night-2', daily, { isEnabled: false });
    clock.set('2027-01-01T03:00:00Z');
    await told('night', (each) => each['updraft.lastJob'] !== undefined);
    await send('POST', 'schedules/night-2/trigger', {});
    // A job of nobody's, with a name that looks like one.
    await plane.client.putJob('night-20270101T040000Z', { ...jobDefinition, jobType: 'Pipeline' } as never);
    clock.set('2027-01-02T03:00:00Z');
    await told('night', (each) => each['updraft.lastJob'] === 'night-20270102T030000Z');
    const of = async (schedule: string) => (await plane.client.listJobs({ schedule })).value.map(({ name }) => name);
    assert.deepEqual(await of('night'), ['night-20270102T030000Z', 'night-20270101T030000Z']);
    assert.deepEqual(await of(`${ws}/schedules/night-2`), ['night-2-20270101T030000Z']);
    assert.deepEqual(await of('none'), []);
  });

  it('refuse a trigger that can not be read, take small letters, and keep what this plane does not run', async () => {
    assert.equal((await put('s', { triggerType: 'Cron', expression: '61 * * * *' })).status, 400);
    assert.equal((await put('s', { triggerType: 'Cron', expression: '* * * * *', timeZone: 'Mars' })).status, 400);
    assert.equal((await put('s', { triggerType: 'Recurrence', frequency: 'Week', interval: 0 })).status, 400);
    const weekly = {
      triggerType: 'Recurrence',
      frequency: 'week',
      interval: 1,
      schedule: { hours: [4], minutes: [0], weekDays: ['monday'] },
    };
    assert.equal((await put('weekly', weekly)).body.properties.properties['updraft.next'], '2027-01-04T04:00:00.000Z');
    const monitor = await send('PUT', 'schedules/monitor', { properties: { trigger: daily, action: { actionType: 'CreateMonitor' } } });
    assert.match(monitor.body.properties.properties['updraft.note'], /does not run CreateMonitor/);
  });
});
