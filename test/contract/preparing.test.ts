import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import type { Job } from '../../src/protocol/job.ts';
import type { Clock } from '../../src/server/schedules/clock.ts';
import { first } from './first.ts';
import { jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';

/** Makes the environment with Python's own venv, and waits before it gets the second of two packages until the pipe `go` is written to. */
const standIn = (folder: string) => `#!/bin/sh
case "$1" in
  --version) echo "uv 0.0" ;;
  venv) for place; do :; done; exec python3 -m venv --without-pip "$place" ;;
  pip)
    case "$*" in *requirements.txt*) ;; *) exit 0 ;; esac
    echo "Resolved 12 packages in 5ms" >&2
    echo "Downloading numpy (16.1MiB)" >&2
    echo "Downloading scipy (33.7MiB)" >&2
    echo " Downloaded numpy" >&2
    read word < ${folder}/go
    echo "Installed 12 packages in 1ms" >&2 ;;
esac
`;

describe('a job that prepares or waits', () => {
  let folder: string;
  let plane: TestPlane;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-preparing-'));
    execFileSync('mkfifo', [path.join(folder, 'go')]);
    writeFileSync(path.join(folder, 'uv'), standIn(folder));
    chmodSync(path.join(folder, 'uv'), 0o755);
  });
  afterEach(async () => {
    await plane?.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (clock?: Clock) => {
    const environment = { ...(process.env as Record<string, string>), PATH: `${folder}:${process.env.PATH}` };
    plane = await startPlane({ maxParallelJobs: 1 }, undefined, environment, clock);
  };
  const go = (pipe = 'go') => writeFile(path.join(folder, pipe), 'go\n');
  /** A command that waits until the pipe of its own is written to: of one that several share, the end of the writing would be the end of the next one's reading. */
  const waitsFor = (pipe: string) => {
    execFileSync('mkfifo', [path.join(folder, pipe)]);
    return `read word < ${folder}/${pipe}`;
  };
  const says = (text: string) => (job: Job) => job.properties.progress === text;
  const submit = (name: string, environmentId: string, command: string) =>
    plane.client.putJob(name, { jobType: 'Command', environmentId, command });

  it('says how far its installation is, and nothing any more when it runs', async () => {
    await start();
    await plane.client.putAsset('environments', 'science', '1', { condaFile: 'dependencies: [python, pip: [numpy, scipy]]\n' });
    await submit('fit', assetId(defaultWorkspace, 'environments', 'science', '1'), `read word < ${folder}/go`);
    const preparing = await jobWhen(plane.client, 'fit', says('Installing 12 packages: 1 of 2 downloads done, now scipy (33.7MiB)'));
    assert.equal(preparing.properties.status, 'Preparing');
    await go();
    const running = await jobWhen(plane.client, 'fit', ({ properties }) => properties.status === 'Running');
    assert.equal(running.properties.progress, undefined);
    await go();
    const ended = await jobWhen(plane.client, 'fit');
    assert.deepEqual([ended.properties.status, ended.properties.progress], ['Completed', undefined]);
  });

  it('says behind how many others it waits for a slot', async () => {
    await start();
    const shell = await shellEnvironment(plane.client);
    await submit('first', shell, waitsFor('first'));
    await jobWhen(plane.client, 'first', ({ properties }) => properties.status === 'Running');
    await submit('second', shell, waitsFor('second'));
    await jobWhen(plane.client, 'second', says('Waits for a slot: 1 job runs'));
    await submit('third', shell, 'true');
    await jobWhen(plane.client, 'third', says('Waits for a slot behind 1 job'));
    await go('first');
    await jobWhen(plane.client, 'third', says('Waits for a slot: 1 job runs'));
    await go('second');
    for (const name of ['first', 'second', 'third']) {
      const { properties } = await jobWhen(plane.client, name);
      assert.deepEqual([properties.status, properties.progress], ['Completed', undefined]);
    }
  });

  it('says behind how many others it waits before any runner has it, and is news again when they get fewer', async () => {
    const clock = new SetClock(new Date().toISOString());
    await start(clock);
    const shell = await shellEnvironment(plane.client);
    await submit('job_1', shell, waitsFor('first'));
    await jobWhen(plane.client, 'job_1', ({ properties }) => properties.status === 'Running');
    for (let n = 2; n <= 20; n++) await submit(`job_${n}`, shell, n === 5 ? waitsFor('fifth') : 'true');
    assert.equal((await plane.client.getJob('job_20')).properties.progress, 'Waits for room: 18 jobs are before it.');
    await go('first');
    await jobWhen(plane.client, 'job_5', ({ properties }) => properties.status === 'Running');
    const changes = new ChangeStream(plane.client.http);
    try {
      await changes.settled;
      const told = first(changes.onDidChange, ({ kind, id }) => kind === 'job' && id === 'job_20');
      clock.set(clock.now() + 3000);
      await told;
    } finally {
      changes.dispose();
    }
    assert.equal((await plane.client.getJob('job_20')).properties.progress, 'Waits for room: 14 jobs are before it.');
    await go('fifth');
    for (let n = 1; n <= 20; n++) assert.equal((await jobWhen(plane.client, `job_${n}`)).properties.status, 'Completed');
  });
});
