import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import type { Job } from '../../src/protocol/job.ts';
import { jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

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
  const start = async () => {
    plane = await startPlane({ maxParallelJobs: 1 }, undefined, {
      ...(process.env as Record<string, string>),
      PATH: `${folder}:${process.env.PATH}`,
    });
  };
  const go = () => writeFile(path.join(folder, 'go'), 'go\n');
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
    await submit('first', shell, `read word < ${folder}/go`);
    await jobWhen(plane.client, 'first', ({ properties }) => properties.status === 'Running');
    await submit('second', shell, `read word < ${folder}/go`);
    await jobWhen(plane.client, 'second', says('Waits for a slot: 1 job runs'));
    await submit('third', shell, 'true');
    await jobWhen(plane.client, 'third', says('Waits for a slot behind 1 job'));
    await go();
    await jobWhen(plane.client, 'third', says('Waits for a slot: 1 job runs'));
    await go();
    for (const name of ['first', 'second', 'third']) {
      const { properties } = await jobWhen(plane.client, name);
      assert.deepEqual([properties.status, properties.progress], ['Completed', undefined]);
    }
  });
});
