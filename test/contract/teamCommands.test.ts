import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type PlaneProcess, startPlaneProcess } from './planeProcess.ts';
import { type Finished, updraft } from './updraft.ts';

describe('the commands for a team', () => {
  let home: string;
  let plane: PlaneProcess;
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    plane = await startPlaneProcess(home, ['--team']);
  });
  after(async () => {
    await plane?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });
  const run = (...args: string[]): Promise<Finished> => updraft(home, args);
  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }
  async function refused(why: RegExp, ...args: string[]): Promise<void> {
    const { code, stderr } = await run(...args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
  const tokenIn = (text: string): string => /MLFLOW_TRACKING_TOKEN='([^']+)'/.exec(text)![1]!;

  it('make the first Owner once, workspaces, members with roles, and tokens that are shown once', async () => {
    const link = await ok('team', 'init', 'olga@example.org');
    assert.match(link, /^olga@example\.org becomes the Owner of this control plane by this link\. It is good once, until /);
    assert.match(link, /^ {2}http:\/\/127\.0\.0\.1:\d+\/sign-in\/first#invitation_\w+/m);
    await refused(/Give the address of mail of the first Owner/, 'team', 'init');
    const init = await ok('team', 'init', 'olga@example.org', '--at-once');
    assert.match(init, /olga@example\.org is the Owner of this control plane\./);
    await refused(/Owner/, 'team', 'init', 'eve@example.org');
    assert.match(await ok('workspace', 'create', '--name', 'vision'), /^Created vision: a workspace of its own\.$/m);
    const ann = await ok('team', 'add', 'ann@example.org', '--role', 'AzureML Data Scientist', '--workspace', 'vision');
    assert.match(ann, /ann@example\.org is AzureML Data Scientist in vision\./);
    await refused(/There is no role "Boss"/, 'team', 'add', 'max@example.org', '--role', 'Boss');
    const members = await ok('team', 'list');
    assert.match(members, /ann@example\.org +person +AzureML Data Scientist \(vision\)/);
    assert.ok(!members.includes(tokenIn(ann)) && !(await ok('token', 'list', '--member', 'ann@example.org')).includes(tokenIn(ann)));

    // With her token, and nothing else, Ann does what her role lets her, from any machine.
    const server = plane.client.http.url;
    const as = { MLFLOW_TRACKING_TOKEN: tokenIn(ann) };
    const own = await updraft(home, ['token', 'create', '--name', 'ci', '--server', server], { env: as });
    assert.equal(own.code, 0, own.stderr);
    const other = await updraft(home, ['team', 'add', 'bob@example.org', '--role', 'Reader', '--server', server], { env: as });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /does not have authorization to perform action 'Microsoft\.Authorization\/roleAssignments\/write'/);
    assert.equal((await runsOf(server, tokenIn(own.stdout))).status, 200);
    const id = /^(\S+) +ci /m.exec(await ok('token', 'list', '--member', 'ann@example.org'))![1]!;
    await ok('token', 'revoke', id);
    assert.equal((await runsOf(server, tokenIn(own.stdout))).status, 401);
  });

  it('delete a workspace, list and recover what was deleted, and purge it', async () => {
    await ok('workspace', 'create', '--name', 'going');
    assert.match(
      await ok('workspace', 'delete', '--name', 'going'),
      /^Deleted the workspace going\. It can be recovered until \d{4}-\d\d-\d\d: updraft workspace recover --name going$/m,
    );
    assert.doesNotMatch(await ok('workspace', 'list'), /going/);
    assert.match(await ok('workspace', 'list', '--deleted'), /^going +\d{4}-\d\d-\d\d/m);
    await refused(/There is no workspace "going" here/, 'workspace', 'delete', '--name', 'going');
    await refused(/was deleted on .* and can be recovered until/, 'workspace', 'create', '--name', 'going');
    assert.match(await ok('workspace', 'recover', '--name', 'going'), /^Recovered the workspace going\./);
    assert.match(await ok('workspace', 'list'), /going/);
    assert.match(await ok('workspace', 'delete', '--name', 'going', '--permanently-delete', '--yes'), /^Purged the workspace going/);
    assert.match(await ok('workspace', 'list', '--deleted'), /There is no deleted workspace/);
    await refused(/There is no deleted workspace "going" here/, 'workspace', 'recover', '--name', 'going');
    await refused(/belongs to the control plane/, 'workspace', 'delete', '--name', 'local');
    await ok('workspace', 'create', '--name', 'going');
  });

  it('set quotas, show what is used of them, and take them away', async () => {
    await ok('workspace', 'create', '--name', 'quotas');
    const at = ['--workspace-name', 'quotas'];
    await ok('team', 'add', 'dan@example.org', '--role', 'AzureML Data Scientist', '--workspace', 'quotas');
    await ok('quota', 'set', 'workspace', '--storage-gb', '1.5', ...at);
    await ok('quota', 'set', 'default', '--jobs-at-once', '2', '--running-hours', '10', '--window-days', '7', ...at);
    assert.match(
      await ok('quota', 'set', 'dan@example.org', '--jobs-at-once', '3', ...at),
      /^dan@example\.org +0 of 3 +0 +0 of 10 +7 days$/m,
    );
    await ok('quota', 'set', 'default', '--running-hours', 'none', ...at);
    const listed = await ok('quota', 'list', ...at);
    assert.match(listed, /^workspace +0 +0 of 1\.5 +0 +30 days$/m);
    assert.match(listed, /^default \(each person\) +2 +no limit +no limit +7 days$/m);
    const [, , dan] = JSON.parse(await ok('quota', 'list', '--output', 'json', ...at));
    assert.deepEqual([dan.name, dan.jobs_at_once, dan.is_set], ['dan@example.org', { limit: 3, used: 0 }, true]);
    await refused(/Nobody here is called "nobody"/, 'quota', 'set', 'nobody', '--jobs-at-once', '1', ...at);
    for (const [why, ...args] of [
      [/must be a number of at least 0, or none, not "many"/, '--jobs-at-once', 'many'],
      [/Nothing is said to be set/],
    ] as const) {
      const { code, stderr } = await run('quota', 'set', 'default', ...args, ...at);
      assert.equal(code, 2, stderr);
      assert.match(stderr, why);
    }
    await ok('quota', 'delete', 'dan@example.org', ...at);
    assert.doesNotMatch(await ok('quota', 'list', ...at), /dan@/);
    await ok('team', 'remove', 'dan@example.org');
  });

  it('give roles and take them, as `az role assignment` does, but never the last Owner', async () => {
    await ok('role', 'assignment', 'create', '--assignee', 'ann@example.org', '--role', 'Reader');
    await ok('role', 'assignment', 'create', '--assignee', 'ann@example.org', '--role', 'Reader');
    const listed = await ok('role', 'assignment', 'list', '--all');
    assert.equal(listed.split('\n').filter((line) => /^ann@example\.org +Reader +the whole control plane$/.test(line)).length, 1, listed);
    await ok('role', 'assignment', 'delete', '--assignee', 'ann@example.org', '--role', 'Reader');
    assert.doesNotMatch(await ok('role', 'assignment', 'list', '--all'), /Reader/);
    await refused(/last Owner/, 'team', 'remove', 'olga@example.org');
    await ok('team', 'remove', 'ann@example.org');
    assert.doesNotMatch(await ok('team', 'list'), /ann@/);
  });

  it('make no workspace by a slip of the pen', async () => {
    await refused(
      /There is no workspace "visoin".*\n.*updraft workspace create --name visoin/,
      'job',
      'list',
      '--workspace-name',
      'visoin',
    );
    assert.doesNotMatch(await ok('workspace', 'list'), /visoin/);
    await ok('job', 'list', '--workspace-name', 'vision');
  });
});

const runsOf = (server: string, token: string): Promise<Response> =>
  fetch(`${server}/api/2.0/mlflow/runs/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"experiment_ids":["0"]}',
  });

describe('the commands for a team whose plane is published', () => {
  it('tell the address that members use, not the one of its machine', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const plane = await startPlaneProcess(home, ['--team', '--public-url', 'https://updraft.example.org']);
    try {
      const said = async (...args: string[]) => (await updraft(home, args)).stdout;
      assert.match(await said('team', 'init', 'olga@example.org'), /^ {2}https:\/\/updraft\.example\.org\/sign-in\/first#invitation_/m);
      assert.match(
        await said('team', 'add', 'nightly', '--service'),
        /nightly has no role yet\.\n.*\n\n {2}export MLFLOW_TRACKING_URI='https:\/\/updraft\.example\.org'/,
      );
      assert.match(
        await said('token', 'create', '--name', 'ci', '--member', 'nightly'),
        /MLFLOW_TRACKING_URI='https:\/\/updraft\.example\.org'/,
      );
      assert.match(await said('team', 'secret', 'create', 'nightly'), /AZURE_AUTHORITY_HOST='https:\/\/updraft\.example\.org'/);
    } finally {
      await plane.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
