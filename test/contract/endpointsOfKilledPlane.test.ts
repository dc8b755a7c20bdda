import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { type PlaneProcess, startPlaneProcess } from './planeProcess.ts';
import { writeIn } from './writeIn.ts';

describe('the deployments of a plane that is killed', () => {
  let folder: string;
  let plane: PlaneProcess;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-killed-'));
    plane = await startPlaneProcess(path.join(folder, 'data'));
    writeIn(folder, 'code/score.py', 'import os\ndef init(): pass\ndef run(data): return [os.getpid(), data]\n');
    await createResource(plane.client, 'onlineEndpoint', { file: writeIn(folder, 'endpoint.yml', 'name: scores\nauth_mode: key\n') });
    const text =
      'name: blue\nendpoint_name: scores\ninstance_type: Standard_DS3_v2\nenvironment: {image: python}\ncode_configuration: {code: ./code, scoring_script: score.py}\n';
    await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, 'blue.yml', text) });
    await deploymentWhen(plane.client, 'scores', 'blue');
    await plane.client.patchResource(['onlineEndpoints', 'scores'], { properties: { traffic: { blue: 100 } } });
  });
  afterEach(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const call = async (body: string) =>
    invoke(plane.client.http, 'scores', body, { key: (await keysOf(plane.client, 'scores')).primaryKey });
  const pidOf = (text: string): number => JSON.parse(text)[0];

  it('go on with the same processes, in the middle of a thousand requests', async () => {
    const first = pidOf((await call('1')).text);
    const { primaryKey } = await keysOf(plane.client, 'scores');
    let answered = 0;
    const cut: number[] = [];
    let killed: Promise<void> | undefined;
    const one = async (number: number): Promise<void> => {
      const { url } = plane.client.http;
      try {
        const { status, text } = await invoke({ url }, 'scores', String(number), { key: primaryKey });
        assert.equal(status, 200, text);
        assert.deepEqual(JSON.parse(text), [first, String(number)]);
        answered++;
        if (answered === 300) killed = plane.kill();
      } catch (error) {
        if ((error as Error).name === 'AssertionError') throw error;
        cut.push(number);
      }
    };
    // Never more at a time than the deployment takes.
    for (let number = 0; number < 1000; number += 2) {
      await Promise.all([one(number), one(number + 1)]);
      if (!killed) continue;
      await killed;
      killed = undefined;
      plane = await startPlaneProcess(path.join(folder, 'data'));
    }
    // Those that were under way when it was killed.
    assert.ok(cut.length <= 2, `${cut.length} were cut: ${cut.join(', ')}`);
    assert.equal(answered, 1000 - cut.length);
  });

  it('are started again when their processes have gone with it', async () => {
    const first = pidOf((await call('1')).text);
    await plane.kill();
    process.kill(first, 'SIGKILL');
    plane = await startPlaneProcess(path.join(folder, 'data'));
    const again = await call('2');
    assert.equal(again.status, 200, again.text);
    assert.notEqual(pidOf(again.text), first);
  });

  it('end with a plane that is stopped, and serve again with the next one', async () => {
    const first = pidOf((await call('1')).text);
    await plane.stop();
    assert.throws(() => process.kill(first, 0), /ESRCH/);
    plane = await startPlaneProcess(path.join(folder, 'data'));
    assert.equal((await call('2')).status, 200);
  });
});
