import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type SshServer, startSshServer } from '../../scripts/sshServer.ts';
import { jobProperty } from '../../src/protocol/job.ts';
import { SshExecutor } from '../../src/runner/executors/ssh/sshExecutor.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { fewVariables, runnerElsewhere } from './runnerElsewhere.ts';

describe('jobs on a machine over SSH', () => {
  let plane: TestPlane;
  let server: SshServer;
  let runner: Runner;
  let environmentId: string;
  const start = () => {
    const environment = fewVariables();
    const folder = 'ssh-runner';
    return runnerElsewhere(plane, folder, {
      executor: new SshExecutor({
        host: server.host,
        options: server.options,
        environment,
        folder: path.join(plane.folder, folder, 'staged'),
        work: path.join(server.folder, 'remote'),
        lookEvery: 50,
      }),
    });
  };
  before(async () => {
    [plane, server] = await Promise.all([startPlane({ withRunner: false }), startSshServer()]);
    environmentId = await shellEnvironment(plane.client);
    runner = start();
  });
  after(async () => {
    await runner?.dispose();
    await server?.remove();
    await plane?.remove();
  });

  it('get their inputs there, and give back log, outputs and errors as everywhere', async () => {
    const file = path.join(plane.folder, 'elsewhere.txt');
    writeFileSync(file, 'from the other side\n');
    await plane.client.putJob('over_ssh', {
      jobType: 'Command',
      environmentId,
      command: 'pwd; cat ${{inputs.text}}; echo 42 >${{outputs.answer}}; echo "$MLFLOW_RUN_ID"',
      inputs: { text: { jobInputType: 'uri_file', uri: `file://${file}` } },
      outputs: { answer: { jobOutputType: 'uri_file' } },
    });
    const job = await jobWhen(plane.client, 'over_ssh');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(
      await logOf(plane.client, 'over_ssh'),
      new RegExp(`${server.folder}/remote/jobs/over_ssh/code\\nfrom the other side\\nover_ssh\\n$`),
    );
    await plane.client.putJob('over_ssh_2', {
      jobType: 'Command',
      environmentId,
      command: 'cat ${{inputs.answer}}; echo why >&2; exit 3',
      inputs: { answer: { jobInputType: 'uri_file', uri: job.properties.outputs!.answer!.uri! } },
    });
    const failed = await jobWhen(plane.client, 'over_ssh_2');
    assert.equal(failed.properties.error?.exitCode, 3);
    assert.deepEqual(failed.properties.error?.stderrTail, ['42', 'why']);
    assert.ok(!existsSync(path.join(server.folder, 'remote/jobs/over_ssh')), 'nothing is left there');
  });

  it('install into a layer of their own there, and not into the Python of the machine', async () => {
    await plane.client.putJob('layered', {
      jobType: 'Command',
      environmentId,
      command: 'python -c "import sys; print(sys.prefix)"; env | grep PIP_REQUIRE_VIRTUALENV; cat /dev/null',
    });
    const job = await jobWhen(plane.client, 'layered');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(
      await logOf(plane.client, 'layered'),
      new RegExp(`${server.folder}/remote/jobs/layered/python\\nPIP_REQUIRE_VIRTUALENV=1\\n$`),
    );
  });

  it('go on while the line is cut and another runner comes, and are canceled', async () => {
    const [gate, marks] = [path.join(plane.folder, 'gate'), path.join(plane.folder, 'marks')];
    await plane.client.putJob('cut_off', {
      jobType: 'Command',
      environmentId,
      command: `echo x >>${marks}; echo before; until [ -e ${gate} ]; do sleep 0.05; done; echo after`,
    });
    const running = await jobWhen(plane.client, 'cut_off', ({ properties }) => properties.properties?.[jobProperty.handle] !== undefined);
    assert.equal(JSON.parse(running.properties.properties![jobProperty.handle]!).native.folder, `${server.folder}/remote/jobs/cut_off`);
    await server.cut();
    await runner.dispose();
    writeFileSync(gate, '');
    runner = start();
    await server.mend();
    const job = await jobWhen(plane.client, 'cut_off');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    assert.match(await logOf(plane.client, 'cut_off'), /(?:^|\n)before\nafter\n$/);
    await plane.client.putJob('to_cancel', { jobType: 'Command', environmentId, command: 'sleep 300' });
    await jobWhen(plane.client, 'to_cancel', ({ properties }) => properties.properties?.[jobProperty.handle] !== undefined);
    await plane.client.cancelJob('to_cancel');
    assert.equal((await jobWhen(plane.client, 'to_cancel')).properties.status, 'Canceled');
  });
});
