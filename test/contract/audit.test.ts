import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'mocha';
import type { AuditLine, AuditPage } from '../../src/protocol/audit.ts';
import type { AddedMember } from '../../src/protocol/team.ts';
import { SetClock } from './setClock.ts';
import { type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';
import { updraft } from './updraft.ts';

const mlflow = '/api/2.0/mlflow';

describe('the audit log of a team', () => {
  let plane: TeamPlane;
  let folder: string;
  let owner: Send;
  let olga: Required<AddedMember>;
  let ann: Required<AddedMember>;
  const clock = new SetClock('2026-11-27T10:00:00Z');
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-audit-'));
    plane = await startTeam(undefined, clock);
    olga = (await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' })).body;
    owner = plane.as(olga.token.token);
    await plane.makeWorkspace('vision');
    await plane.makeWorkspace('speech');
    ann = await plane.add('ann@example.org', 'AzureML Data Scientist', 'vision');
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const lines = async (query = '', send: Send = owner): Promise<AuditLine[]> => {
    const answer = await send('GET', `/updraft/audit${query}`);
    assert.equal(answer.status, 200, answer.text);
    return (answer.body as AuditPage).value;
  };
  const cli = (...words: string[]) => updraft(folder, [...words, '--server', plane.url, '--token', olga.token.token]);
  async function ok(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await cli(...words);
    assert.equal(code, 0, `${stdout}${stderr}`);
    return stdout;
  }
  async function refused(why: RegExp, ...words: string[]): Promise<void> {
    const { code, stdout, stderr } = await cli(...words);
    assert.equal(code, 1, stdout);
    assert.match(`${stdout}${stderr}`, why);
  }

  it('notes who changed what, from where, and with what outcome', async () => {
    const made = await plane.as(ann.token.token)('PUT', `${workspaceAt('vision')}/environments/shell/versions/1`, {
      properties: { image: 'ubuntu:22.04' },
    });
    assert.equal(made.status, 201, made.text);
    const again = await plane.as(ann.token.token)('PUT', `${workspaceAt('vision')}/environments/shell/versions/1`, {
      properties: { image: 'ubuntu:24.04' },
    });
    assert.equal(again.status, 409, again.text);
    const [failed, done] = await lines('?limit=2');
    const { at, who, action, method, path: of, workspace, from, outcome, status } = done!;
    assert.deepEqual(
      { at, who, action, method, of, workspace, from, outcome, status },
      {
        at: '2026-11-27T10:00:00.000Z',
        who: { kind: 'user', id: ann.member.id, name: 'ann@example.org', token: ann.token.id },
        action: 'Microsoft.MachineLearningServices/workspaces/environments/write',
        method: 'PUT',
        of: `${workspaceAt('vision')}/environments/shell/versions/1`,
        workspace: 'vision',
        from: '127.0.0.1',
        outcome: 'done',
        status: 201,
      },
    );
    assert.deepEqual([failed!.outcome, failed!.status], ['failed', 409]);
    assert.match(failed!.reason!, /1/);
  });

  it('notes what a body names, and no secret of it', async () => {
    const before = (await lines('?limit=1'))[0]!.seq;
    await plane.as(ann.token.token)('POST', `${mlflow}/registered-models/create`, { name: 'digits' });
    await plane.add('bo@example.org', 'Reader', 'speech');
    const found = (await lines()).filter(({ seq }) => seq > before);
    assert.deepEqual(
      found.map(({ path: of, about }) => [of, about]),
      [
        ['/updraft/team/members', { name: 'bo@example.org', role: 'Reader', kind: 'user', workspace: 'speech' }],
        [`${mlflow}/registered-models/create`, { name: 'digits' }],
      ],
    );
    const all = JSON.stringify(await lines('?limit=1000'));
    for (const secret of [plane.token, olga.token.token, ann.token.token]) assert.ok(!all.includes(secret));
  });

  it('notes reads of secrets, and what was refused: to members, and to whoever is not known', async () => {
    const as = plane.as(ann.token.token);
    const before = (await lines('?limit=1'))[0]!.seq;
    assert.equal((await as('POST', `${workspaceAt('vision')}/datastores/workspaceblobstore/listSecrets`, {})).status, 200);
    assert.equal((await as('DELETE', workspaceAt('vision'))).status, 403);
    assert.equal((await as('GET', `${workspaceAt('speech')}/jobs`)).status, 404);
    assert.equal(
      (await plane.as('wrong')('GET', '/status', undefined, { 'user-agent': 'guesser', 'x-forwarded-for': '10.1.2.3' })).status,
      401,
    );
    const [unknown, elsewhere, refused, secret] = (await lines()).filter(({ seq }) => seq > before);
    assert.match(secret!.action, /listSecrets\/action$/);
    assert.deepEqual([refused!.outcome, refused!.status, refused!.who?.name], ['refused', 403, 'ann@example.org']);
    assert.match(refused!.reason!, /does not have authorization/);
    assert.deepEqual([elsewhere!.outcome, elsewhere!.status], ['refused', 404]);
    assert.deepEqual(
      [unknown!.outcome, unknown!.who, unknown!.client, unknown!.forwardedFor],
      ['refused', undefined, 'guesser', '10.1.2.3'],
    );
  });

  it('has no line of what is read, nor of what a run logs', async () => {
    const as = plane.as(ann.token.token);
    const run = (await as('POST', `${mlflow}/runs/create`, { experiment_id: '0' })).body.run.info.run_id;
    const before = (await lines('?limit=1'))[0]!;
    assert.equal(before.path, `${mlflow}/runs/create`);
    await as('POST', `${mlflow}/runs/log-metric`, { run_id: run, key: 'loss', value: 1, timestamp: 1, step: 0 });
    await as('POST', `${mlflow}/runs/log-batch`, { run_id: run, metrics: [], params: [], tags: [{ key: 'a', value: 'b' }] });
    await as('POST', `${mlflow}/runs/search`, { experiment_ids: ['0'] });
    await as('GET', `${workspaceAt('vision')}/jobs`);
    assert.equal((await lines('?limit=1'))[0]!.seq, before.seq);
  });

  it('does not let a stranger fill the disk', async () => {
    clock.set(clock.now() + 60_000);
    const before = (await lines('?limit=1'))[0]!.seq;
    for (let at = 0; at < 50; at++) await plane.as('wrong')('GET', '/status');
    assert.equal((await lines('?limit=1'))[0]!.seq, before + 30);
    clock.set(clock.now() + 60_000);
    await plane.as('wrong')('GET', '/status');
    assert.equal((await lines('?limit=1'))[0]!.missed, 20);
  });

  it('shows a member the lines of the own workspaces, if a role lets the member read them', async () => {
    const { token } = await plane.add('rita@example.org', 'Reader', 'vision');
    const rita = await lines('?limit=1000', plane.as(token.token));
    assert.ok(rita.length > 0);
    assert.ok(rita.every(({ workspace }) => workspace === 'vision'));
    assert.equal((await plane.as(token.token)('GET', '/updraft/audit/verify')).status, 403);
    // A data scientist's role has nothing but actions of workspaces.
    assert.equal((await plane.as(ann.token.token)('GET', '/updraft/audit')).status, 403);
  });

  it('says what is wrong with a query', async () => {
    for (const [query, what] of [
      ['since=soon', /no time for since/],
      ['outcome=maybe', /no outcome "maybe"/],
      ['limit=many', /limit must be a whole number/],
      ['before=1', /no place in the audit log/],
    ] as const) {
      const answer = await owner('GET', `/updraft/audit?${query}`);
      assert.equal(answer.status, 400, query);
      assert.match(answer.body.error.message, what);
    }
  });

  it('is listed, exported and verified by commands', async () => {
    assert.match(
      await ok('audit', 'list', '--who', 'ann', '--resource', 'digits'),
      /ann@example\.org +workspaces\/models\/write +vision: \/api\/2\.0\/mlflow\/registered-models\/create name=digits +127\.0\.0\.1 +done/,
    );
    const file = path.join(folder, 'audit.jsonl');
    await ok('audit', 'export', '--file', file);
    const all = await lines('?limit=1000');
    const exported = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as AuditLine);
    assert.deepEqual(exported, all);
    await refused(/There is a file .* already/, 'audit', 'export', '--file', file);
    const stdout = await ok('audit', 'verify');
    const head = /^Newest line: (\d+:[0-9a-f]{64})$/m.exec(stdout)![1]!;
    assert.match(stdout, new RegExp(`^Lines 1 to ${all[0]!.seq} are as they were written\\.`));
    assert.match(await ok('audit', 'verify', '--head', head), /are as they were written/);
    await refused(/is another one than it was/, 'audit', 'verify', '--head', `${all[0]!.seq}:${'0'.repeat(64)}`);
  });

  it('shows what somebody did to the database', async () => {
    const db = new DatabaseSync(path.join(plane.folder, 'updraft.db'));
    db.exec(`DELETE FROM entities WHERE kind = 'auditLine' AND id = (SELECT min(id) FROM entities WHERE kind = 'auditLine')`);
    db.close();
    await refused(/Line 1 is missing\./, 'audit', 'verify');
  });
});
