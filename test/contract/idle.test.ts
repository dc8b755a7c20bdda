import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen } from './onlineDeployments.ts';
import { shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';
import { writeIn } from './writeIn.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('a plane that ends when nobody needs it', () => {
  let plane: TestPlane;
  let clock: SetClock;
  let hasEnded: boolean;
  afterEach(() => plane.remove());

  async function open(ahead = 0): Promise<void> {
    clock = new SetClock(new Date(Date.now() + ahead).toISOString());
    hasEnded = false;
    plane = await startPlane({ withRunner: false, idleMinutes: 30 }, undefined, undefined, clock);
    plane.ended.then(() => {
      hasEnded = true;
    }, assert.fail);
  }
  /** Lets time pass, as the plane looks at it, and what it does then. */
  async function pass(ms: number): Promise<void> {
    clock.set(new Date(clock.now() + ms).toISOString());
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  const mlflow = async (method: string, body: object) => {
    const response = await fetch(`${plane.url}/api/2.0/mlflow/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200);
    return response.json() as Promise<{ run: { info: { run_id: string } } }>;
  };

  it('waits half an hour from the last request', async () => {
    await open();
    await pass(29 * minute);
    await plane.client.status();
    await pass(29 * minute);
    assert.ok(!hasEnded);
    await pass(2 * minute);
    await plane.ended;
  });

  it('waits for a job that a runner has still to run', async () => {
    await open();
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('waits', { jobType: 'Command', command: 'true', environmentId });
    for (let days = 0; days < 20; days++) await pass(day);
    assert.ok(!hasEnded);
    await plane.client.cancelJob('waits');
    await pass(31 * minute);
    await plane.ended;
  });

  it('does not end while it has a deployment that should answer', async () => {
    clock = new SetClock(new Date().toISOString());
    hasEnded = false;
    plane = await startPlane({ idleMinutes: 30 }, undefined, undefined, clock);
    plane.ended.then(() => {
      hasEnded = true;
    }, assert.fail);
    const folder = path.join(plane.folder, 'files');
    writeIn(folder, 'code/score.py', 'def init(): pass\ndef run(data): return data\n');
    await createResource(plane.client, 'onlineEndpoint', { file: writeIn(folder, 'endpoint.yml', 'name: scores\nauth_mode: key\n') });
    const blue =
      'name: blue\nendpoint_name: scores\ninstance_type: small\nenvironment: {image: python}\ncode_configuration: {code: ./code, scoring_script: score.py}\n';
    await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, 'blue.yml', blue) });
    await deploymentWhen(plane.client, 'scores', 'blue');
    for (let days = 0; days < 5; days++) await pass(day);
    assert.ok(!hasEnded);
    await plane.client.patchResource(['onlineEndpoints', 'scores', 'deployments', 'blue'], { properties: {}, sku: { capacity: 0 } });
    await deploymentWhen(plane.client, 'scores', 'blue', ({ properties }) => properties.provisioningState === 'Succeeded');
    await pass(31 * minute);
    await pass(31 * minute);
    await plane.ended;
  });

  it('waits some hours for the script of a run that a client opened, from the last request', async () => {
    await open();
    const { run } = await mlflow('runs/create', { experiment_id: '0' });
    await pass(11 * hour);
    await mlflow('runs/log-metric', { run_id: run.info.run_id, key: 'loss', value: 1, timestamp: 1, step: 0 });
    await pass(11 * hour);
    assert.ok(!hasEnded);
    await pass(2 * hour);
    await plane.ended;
  });

  it('does not wait for a run that has ended', async () => {
    await open();
    const { run } = await mlflow('runs/create', { experiment_id: '0' });
    await mlflow('runs/update', { run_id: run.info.run_id, status: 'FINISHED' });
    await pass(31 * minute);
    await plane.ended;
  });

  it('does not wait for the run of a script that died weeks ago', async () => {
    await open(15 * day);
    await mlflow('runs/create', { experiment_id: '0' });
    await pass(31 * minute);
    await plane.ended;
  });
});
