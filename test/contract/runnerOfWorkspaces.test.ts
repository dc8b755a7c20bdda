import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from './plane.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { bundle, updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

describe('a runner of several workspaces', () => {
  let plane: TeamPlane;
  let work: string;
  let token: string;
  before(async () => {
    plane = await startTeam();
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    for (const name of ['vision', 'speech', 'secret']) await plane.makeWorkspace(name);
    const { member } = await plane.add('box', 'Contributor', 'vision', { kind: 'service' });
    // A token that is not for one workspace alone.
    token = (await plane.send('POST', '/updraft/team/tokens', { name: 'box', member: member.name })).body.token;
    const scope = `/subscriptions/${defaultWorkspace.subscription}/resourceGroups/${defaultWorkspace.resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/speech`;
    await plane.send('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`, {
      properties: {
        roleDefinitionId: `/subscriptions/${defaultWorkspace.subscription}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`,
        principalId: member.id,
      },
    });
    work = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    mkdirSync(path.join(work, 'home'));
  });
  after(async () => {
    await plane.remove();
    rmSync(work, { recursive: true, force: true, maxRetries: 10 });
  });
  const inWorkspace = (workspace: string) =>
    new PlaneClient({ url: plane.url, token: plane.token, workspace }, { ...defaultWorkspace, workspace });

  it('runs the jobs of each, and no more at a time than the machine has places for all of them', async () => {
    const { PATH, HOME } = process.env;
    const args = ['runner', '--server', plane.url, '--workspace', 'vision', '--workspace', 'speech', '--max-parallel', '1'];
    const runner = spawn(process.execPath, [bundle, ...args, '--data', path.join(work, 'home')], {
      env: { PATH, HOME, MLFLOW_TRACKING_TOKEN: token, UPDRAFT_CONFIG: path.join(work, 'config') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<void>((resolve) => runner.once('exit', () => resolve()));
    let said = '';
    runner.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    try {
      const [note, go] = ['note', 'go'].map((name) => path.join(work, name)) as [string, string];
      const file = path.join(work, 'job.yml');
      const command = `echo begins >> ${note}; while [ ! -e ${go} ]; do sleep 0.05; done; echo ends >> ${note}`;
      writeFileSync(file, `type: command\ncommand: '${command}'\nenvironment: { image: ubuntu }\n`);
      const clients = ['vision', 'speech'].map(inWorkspace);
      const [first, second] = clients as [PlaneClient, PlaneClient];
      const one = (await submitJob({ client: first, file })).job;
      await jobWhen(first, one.name, ({ properties }) => properties.status === 'Running');
      const other = (await submitJob({ client: second, file })).job;
      // It is made ready there, and waits for the only place.
      await jobWhen(second, other.name, ({ properties }) => /Waits for a slot: 1 job runs/.test(JSON.stringify(properties)));
      writeFileSync(go, '');
      for (const [client, { name }] of [
        [first, one],
        [second, other],
      ] as const) {
        const { properties } = await jobWhen(client, name);
        assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
      }
      assert.equal(readFileSync(note, 'utf8'), 'begins\nends\nbegins\nends\n');
      assert.match(said, /^Waiting for jobs of \S+ in vision, speech\./m);
    } finally {
      runner.kill('SIGTERM');
      await ended;
    }
  });

  it('that is in the control plane itself does so, too, also for workspaces that are made later', async () => {
    const own = await startTeam(undefined, undefined, { withRunner: true });
    try {
      await own.makeWorkspace('vision');
      const ref = { ...defaultWorkspace, workspace: 'vision' };
      const file = writeIn(work, 'own.yml', "type: command\ncommand: 'true'\nenvironment: { image: ubuntu }\n");
      for (const client of [own.client, new PlaneClient(own, ref)]) {
        const { name } = (await submitJob({ client, file })).job;
        const { properties } = await jobWhen(client, name);
        assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
      }
    } finally {
      await own.remove();
    }
  });

  it('says at once which workspace is not there for it', async () => {
    const { code, stderr } = await updraft(path.join(work, 'home'), [
      'runner',
      '--server',
      plane.url,
      '--token',
      token,
      '--workspace',
      'vision',
      '--workspace',
      'secret',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no workspace "secret" here/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
});
