import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { DisposableStore } from '../../src/base/disposable.ts';
import { JobFeed } from '../../src/extension/state/jobFeed.ts';
import { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { SchedulesState } from '../../src/extension/state/schedules.ts';
import type { JobProperties } from '../../src/protocol/job.ts';
import { type Schedule, scheduleProperty } from '../../src/protocol/schedule.ts';
import { createSchedule } from '../../src/submit/createSchedule.ts';
import { first } from './first.ts';
import { shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';

describe('the schedules of the extension', () => {
  let plane: TestPlane;
  let clock: SetClock;
  let kept: DisposableStore;
  let schedules: SchedulesState;
  let jobDefinition: JobProperties;
  beforeEach(async () => {
    clock = new SetClock('2027-01-01T00:00:00Z');
    plane = await startPlane({ withRunner: false }, undefined, undefined, clock);
    jobDefinition = { jobType: 'Command', environmentId: await shellEnvironment(plane.client), command: 'true', displayName: 'night' };
    kept = new DisposableStore();
    const connection = kept.add(
      new PlaneConnection(async () => ({ ...plane, ...(await plane.client.health()), startedAt: '', program: '', onDemand: true })),
    );
    schedules = kept.add(new SchedulesState(connection, kept.add(new JobFeed(connection))));
  });
  afterEach(async () => {
    kept.dispose();
    await plane.remove();
  });

  const put = (name: string, more: Partial<Schedule['properties']> = {}) =>
    plane.client.putSchedule(name, {
      trigger: { triggerType: 'Cron', expression: '0 3 * * *' },
      action: { actionType: 'CreateJob', jobDefinition },
      ...more,
    });
  const next = ({ properties }: Schedule) => properties.properties?.[scheduleProperty.next];

  it('come by their names, with their next times, and anew when one is made, turned off or deleted', async () => {
    await put('b');
    await put('a', { isEnabled: false });
    const before = await schedules.roots();
    assert.deepEqual(
      before.map(({ name, schedule }) => [name, schedule.properties.isEnabled, next(schedule)]),
      [
        ['a', false, undefined],
        ['b', true, '2027-01-01T03:00:00.000Z'],
      ],
    );
    for (const act of [() => put('c'), () => put('b', { isEnabled: false }), () => plane.client.deleteSchedule('c')]) {
      const told = first(schedules.onDidChange, (node) => node === undefined);
      await act();
      await told;
    }
    const after = await schedules.roots();
    assert.deepEqual(after, before, 'the same nodes');
    assert.equal(next(after[1]!.schedule), undefined);
  });

  it('show the jobs that they started, which come and change by the feed', async () => {
    await put('nightly');
    const [node] = await schedules.roots();
    assert.deepEqual(await schedules.childrenOf(node!), []);
    const started = first(schedules.onDidChange, (each) => each === node);
    clock.set('2027-01-01T03:00:00Z');
    await started;
    const [run] = await schedules.childrenOf(node!);
    assert.deepEqual([run!.name, run!.job.properties.status, schedules.parentOf(run!)], ['nightly-20270101T030000Z', 'Queued', node]);
    const ended = first(schedules.onDidChange, (each) => each === run && run?.job.properties.status === 'Canceled');
    await plane.client.cancelJob(run!.name);
    await ended;
    const gone = first(schedules.onDidChange, (each) => each === node);
    await plane.client.deleteJob(run!.name);
    await gone;
    assert.deepEqual(await schedules.childrenOf(node!), []);
  });

  it('know the file that they were created from', async () => {
    const file = path.join(plane.folder, 'night.yml');
    await writeFile(path.join(plane.folder, 'job.yml'), 'type: command\ncommand: echo\nenvironment: {image: x}\nexperiment_name: e\n');
    await writeFile(file, 'name: night\ntrigger: {type: cron, expression: "0 3 * * *"}\ncreate_job: ./job.yml\n');
    await createSchedule(plane.client, file);
    await plane.client.putSchedule('night', { ...(await plane.client.getSchedule('night')).properties, isEnabled: false });
    const [node] = await schedules.roots();
    assert.equal(node?.schedule.properties.properties?.['updraft.file'], file);
  });
});
