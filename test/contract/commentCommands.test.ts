import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { type Finished, updraft } from './updraft.ts';

describe('the commands for comments', () => {
  let plane: TeamPlane;
  let home: string;
  let job: string;
  const tokens = new Map<string, string>();
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    plane = await startTeam();
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    await plane.makeWorkspace('vision');
    for (const [name, role] of [
      ['ann', 'AzureML Data Scientist'],
      ['rita', 'Reader'],
    ] as const)
      tokens.set(name, (await plane.add(`${name}@example.org`, role, 'vision')).token.token);
    const client = new PlaneClient({ url: plane.url, token: tokens.get('ann')! }, { ...defaultWorkspace, workspace: 'vision' });
    const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
    });
    job = run.info.run_id;
    await client.putAsset('models', 'digits', '3', { modelUri: 'azureml://datastores/workspaceblobstore/paths/model' });
  });
  after(async () => {
    await plane.remove();
    rmSync(home, { recursive: true, force: true });
  });
  const run = (as: string, ...args: string[]): Promise<Finished> =>
    updraft(home, [...args, '--server', plane.url, '--token', tokens.get(as)!]);
  async function ok(as: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(as, ...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }
  async function refused(why: RegExp, as: string, ...args: string[]): Promise<void> {
    const { code, stderr } = await run(as, ...args);
    assert.ok(code === 1 || code === 2, stderr);
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }

  it('write, list, change and delete them', async () => {
    const added = await ok(
      'ann',
      'comment',
      'add',
      '--job',
      job,
      '--text',
      'see \u001b[31mthis\u001b[0m, @rita@example.org and @eve@example.org',
    );
    assert.match(added, /^ann@example\.org {2}\S+ \S+ {2}[0-9a-f-]{36}\n {2}see {2}\[31mthis \[0m, @rita/);
    assert.ok(!added.includes('\u001b'));
    assert.match(added, /Not told: @eve@example\.org, who is nobody that may read this workspace\./);
    const file = path.join(home, 'text.md');
    writeFileSync(file, 'ready\nfor use\n');
    await ok('ann', 'comment', 'add', '--model', 'digits:3', '--file', file);
    await ok('ann', 'comment', 'add', '--model', 'digits', '--text', 'all of it');
    assert.match(
      await ok('rita', 'comment', 'list', '--model', 'digits'),
      /all of it\n\nann@example\.org.* version 3 .*\n {2}ready\n {2}for use/,
    );
    assert.doesNotMatch(await ok('rita', 'comment', 'list', '--model', 'digits:3'), /all of it/);
    const [{ id }] = JSON.parse(await ok('ann', 'comment', 'list', '--job', job, '--output', 'json'));
    await ok('ann', 'comment', 'update', '--job', job, '--id', id, '--text', 'look, @rita@example.org');
    assert.match(await ok('rita', 'mentions'), /job .* in vision\n {2}look, @rita@example\.org/);
    await ok('rita', 'mentions', '--mark-read');
    assert.match(await ok('rita', 'mentions'), /Nobody has mentioned you since you looked last\./);
    assert.match(await ok('rita', 'mentions', '--all'), /in vision, read/);
    await ok('ann', 'comment', 'delete', '--job', job, '--id', id);
    assert.match(await ok('ann', 'comment', 'list', '--job', job), /There are no comments\./);
  });

  it('say what is wrong', async () => {
    await refused(/Say what the comment is about/, 'ann', 'comment', 'list');
    await refused(/Say what the comment is about/, 'ann', 'comment', 'list', '--job', job, '--model', 'digits');
    await refused(/Say what the comment says/, 'ann', 'comment', 'add', '--job', job);
    await refused(/The file .* can't be read/, 'ann', 'comment', 'add', '--job', job, '--file', path.join(home, 'none'));
    await refused(/There is no job "none"/, 'ann', 'comment', 'add', '--job', 'none', '--text', 'x');
    await refused(/no model "digits" with the version 9/, 'ann', 'comment', 'list', '--model', 'digits:9');
    await refused(/does not have authorization to perform action/, 'rita', 'comment', 'add', '--job', job, '--text', 'x');
    await refused(/There is no such comment/, 'ann', 'comment', 'delete', '--job', job, '--id', 'x');
  });
});
