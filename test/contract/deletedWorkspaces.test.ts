import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { deleteWorkspace, listDeletedWorkspaces, recoverWorkspace } from '../../src/client/workspaces.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import type { AddedMember } from '../../src/protocol/team.ts';
import { clientIn, fill } from './filledWorkspace.ts';
import { jobWhen } from './plane.ts';
import { allRows, ownedBy, rowsOf } from './rowsOfWorkspaces.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';
import { SetClock } from './setClock.ts';
import { type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';

const dayMs = 86_400_000;
const begin = Date.parse('2026-11-28T10:00:00Z');

describe('a workspace of a team that is deleted', () => {
  let plane: TeamPlane;
  let clock: SetClock;
  let olga: Send;
  let olgaToken: string;
  let ann: Required<AddedMember>;
  beforeEach(async () => {
    clock = new SetClock(new Date(begin).toISOString());
    plane = await startTeam(undefined, clock);
    olgaToken = (await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' })).body.token.token;
    olga = plane.as(olgaToken);
    await plane.makeWorkspace('vision');
    await plane.makeWorkspace('speech');
    ann = await plane.add('ann@example.org', 'AzureML Data Scientist', 'vision');
  });
  afterEach(() => plane.remove());

  const as = (token: string, workspace: string) => clientIn({ url: plane.url, token }, workspace);
  const submit = (workspace: string, name: string, command = 'true', more: object = {}) =>
    clientIn(plane, workspace).putJob(name, {
      jobType: 'Command',
      environmentId: assetId({ ...defaultWorkspace, workspace }, 'environments', 'shell', '1'),
      command,
      ...more,
    });
  const names = async (send: Send) =>
    (await send('GET', '/subscriptions/x/providers/Microsoft.MachineLearningServices/workspaces')).body.value.map(
      ({ name }: { name: string }) => name,
    );
  const purge = async (name: string) => (await deleteWorkspace(plane.client, name, { isForGood: true })).done();

  it('is in no list and on no route any more, and its feeds end', async () => {
    await fill(plane, 'vision');
    const annsFeed = new ChangeStream(as(ann.token.token, 'vision').http);
    const ownFeed = new ChangeStream(clientIn(plane, 'vision').http);
    await Promise.all([annsFeed.settled, ownFeed.settled]);
    const ended = [annsFeed, ownFeed].map((feed) => new Promise((resolve) => feed.onDidChangeState(resolve)));
    await (await deleteWorkspace(as(olgaToken, 'local'), 'vision')).done();
    assert.deepEqual(await Promise.all(ended), ['disconnected', 'disconnected']);
    annsFeed.dispose();
    ownFeed.dispose();
    assert.deepEqual((await names(olga)).sort(), ['local', 'speech']);
    assert.deepEqual(await names(plane.as(ann.token.token)), []);
    for (const send of [olga, plane.send, plane.as(ann.token.token)])
      for (const to of [`${workspaceAt('vision')}/jobs`, workspaceAt('vision')]) {
        const answer = await send('GET', to);
        assert.equal(answer.status, 404, answer.text);
      }
    const search = await olga('POST', '/api/2.0/mlflow/runs/search', { experiment_ids: ['1', '2'] }, { 'x-mlflow-workspace': 'vision' });
    assert.equal(search.status, 404, search.text);
  });

  it('keeps its name until it is purged, and who may delete it is told how to get it back', async () => {
    await (await deleteWorkspace(plane.client, 'vision')).done();
    const refused = await olga('PUT', workspaceAt('Vision'), {});
    assert.equal(refused.status, 409);
    assert.match(refused.text, /was deleted on 2026-11-28 and can be recovered until 2026-12-12/);
    assert.match(refused.text, /updraft workspace recover --name vision/);
    const [shown] = await listDeletedWorkspaces(as(olgaToken, 'local'));
    assert.deepEqual(shown, {
      name: 'vision',
      resourceGroup: 'local',
      deletedAt: '2026-11-28T10:00:00.000Z',
      deletedBy: shown!.deletedBy,
      purgeAt: '2026-12-12T10:00:00.000Z',
      state: 'Deleted',
    });
  });

  it('comes back as it was, with who may what', async () => {
    await fill(plane, 'vision');
    const before = await allRows(plane.folder);
    await (await deleteWorkspace(plane.client, 'vision')).done();
    await recoverWorkspace(as(olgaToken, 'local'), 'vision');
    const now = await allRows(plane.folder);
    assert.deepEqual(rowsOf(now, ownedBy(now, 'vision')), rowsOf(before, ownedBy(before, 'vision')));
    assert.equal((await as(ann.token.token, 'vision').listJobs({ listViewType: 'All' })).value.length, 3);
    assert.deepEqual(await listDeletedWorkspaces(plane.client), []);
    assert.equal((await submit('vision', 'later')).name, 'later');
  });

  it('is deleted, recovered and purged by those alone who may delete it', async () => {
    const contributor = await plane.add('carl@example.org', 'Contributor', 'vision');
    const reader = await plane.add('rita@example.org', 'Owner', 'speech');
    const by = (token: string) => as(token, 'vision');
    await assert.rejects(deleteWorkspace(by(ann.token.token), 'vision'), { code: 'AuthorizationFailed' });
    await assert.rejects(deleteWorkspace(by(reader.token.token), 'vision'), { code: 'NotFound' });
    await (await deleteWorkspace(by(contributor.token.token), 'vision')).done();
    await assert.rejects(listDeletedWorkspaces(by(ann.token.token)), { code: 'AuthorizationFailed' });
    assert.deepEqual(await listDeletedWorkspaces(by(reader.token.token)), []);
    await assert.rejects(recoverWorkspace(by(reader.token.token), 'vision'), { code: 'NotFound' });
    assert.equal((await plane.as(reader.token.token)('DELETE', `${workspaceAt('vision')}?forceToPurge=true`)).status, 404);
    assert.equal((await plane.as(reader.token.token)('PUT', workspaceAt('vision'), {})).status, 403);
    await recoverWorkspace(by(contributor.token.token), 'vision');
    const lines = (await olga('GET', '/updraft/audit')).body.value as { path: string; method: string; outcome: string }[];
    const ofDeletion = lines.filter(({ method, path: at }) => method === 'DELETE' && at === workspaceAt('vision'));
    assert.deepEqual(ofDeletion.map(({ outcome }) => outcome).sort(), ['done', 'refused', 'refused', 'refused']);
    await (await deleteWorkspace(by(contributor.token.token), 'vision')).done();
    await (await deleteWorkspace(by(contributor.token.token), 'vision', { isForGood: true })).done();
    assert.deepEqual(await listDeletedWorkspaces(plane.client), []);
    await plane.makeWorkspace('vision');
  });

  it("is not this machine's own", async () => {
    const refused = await plane.send('DELETE', workspaceAt('local'));
    assert.equal(refused.status, 400);
    assert.match(refused.text, /belongs to the control plane/);
  });

  it('is not deleted while jobs go on, unless it is said that they end', async () => {
    await fill(plane, 'vision');
    await submit('vision', 'waits');
    const refused = await olga('DELETE', workspaceAt('vision'));
    assert.equal(refused.status, 409);
    assert.match(refused.text, /1 job \(waits: Queued\)/);
    assert.match(refused.text, /updraft job cancel --name NAME/);
    assert.deepEqual((await names(olga)).sort(), ['local', 'speech', 'vision']);
    await (await deleteWorkspace(plane.client, 'vision', { endsJobs: true })).done();
    await recoverWorkspace(plane.client, 'vision');
    assert.equal((await clientIn(plane, 'vision').getJob('waits')).properties.status, 'Canceled');
  });

  it('ends the commands of its jobs', async () => {
    await fill(plane, 'vision');
    const note = path.join(plane.folder, 'pid');
    const runner = runnerElsewhere(plane, 'elsewhere', { client: clientIn(plane, 'vision') });
    try {
      await submit('vision', 'long', `echo $$ > ${note}; sleep 1000`);
      await jobWhen(
        clientIn(plane, 'vision'),
        'long',
        ({ properties }) => properties.status === 'Running' && existsSync(note) && readFileSync(note, 'utf8') !== '',
      );
      await (await deleteWorkspace(plane.client, 'vision', { endsJobs: true })).done();
      assert.throws(() => process.kill(Number(readFileSync(note, 'utf8')), 0), { code: 'ESRCH' });
      await recoverWorkspace(plane.client, 'vision');
      assert.equal((await clientIn(plane, 'vision').getJob('long')).properties.status, 'Canceled');
    } finally {
      await runner.dispose();
    }
  });

  it('goes on with its schedules when it is recovered', async () => {
    const client = await fill(plane, 'vision');
    await submit('vision', 'source');
    await client.cancelJob('source');
    await client.putSchedule('nightly', {
      trigger: { triggerType: 'Cron', expression: '0 3 * * *' },
      action: { actionType: 'CreateJob', jobDefinition: { jobType: 'Command', sourceJobId: 'source' } },
    } as Parameters<typeof client.putSchedule>[1]);
    await (await deleteWorkspace(plane.client, 'vision')).done();
    // Nothing else is that far ahead.
    const planned = clock.nextAsked(60_000_000);
    await recoverWorkspace(plane.client, 'vision');
    await planned;
    const feed = new ChangeStream(client.http, { kinds: ['job'] });
    await feed.settled;
    const started = new Promise<string>((resolve) => feed.onDidChange(({ id }) => resolve(id)));
    clock.set('2026-11-29T03:00:01Z');
    assert.equal(await started, 'nightly-20261129T030000Z');
    feed.dispose();
  });

  it('is gone for good when it is purged, and nothing else is', async () => {
    await Promise.all([fill(plane, 'vision'), fill(plane, 'speech')]);
    const own = await plane.as(ann.token.token)('POST', '/updraft/team/tokens', { name: 'script', workspace: 'vision' });
    assert.equal(own.status, 201);
    const everywhere = await plane.add('tom@example.org', 'Reader', 'speech');
    await plane.assign(everywhere.member.id, 'Contributor', workspaceAt('vision'));
    const [both, one] = await Promise.all(
      [['vision', 'speech'], ['vision']].map(async (workspaces) =>
        olga('POST', '/updraft/team/runner-tokens', { name: workspaces.join('-'), workspaces, computes: [] }),
      ),
    );
    const before = await allRows(plane.folder);
    const [vision, speech] = [ownedBy(before, 'vision'), ownedBy(before, 'speech')];
    assert.ok(Object.keys(rowsOf(before, vision)).length >= 8, Object.keys(rowsOf(before, vision)).join());
    await purge('vision');
    const now = await allRows(plane.folder);
    assert.deepEqual(rowsOf(now, vision), {});
    assert.deepEqual(rowsOf(now, speech), rowsOf(before, speech));
    const list = now.get('resources')!.filter(({ workspace }) => workspace === '');
    const text = JSON.stringify(list, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    assert.doesNotMatch(text, /vision"(?!-)|workspaces\/vision/);
    assert.equal((await plane.as(own.body.token)('GET', '/updraft/who')).status, 401);
    assert.equal((await plane.as(one!.body.token)('GET', '/updraft/who')).status, 401);
    assert.equal((await plane.as(both!.body.token)('GET', '/updraft/who')).status, 200);
    for (const job of vision.jobs) assert.equal(existsSync(path.join(plane.folder, 'logs', job)), false, job);
    // Who had a role there has none in another one of its name.
    await plane.makeWorkspace('vision');
    assert.deepEqual(await names(plane.as(everywhere.token.token)), ['speech']);
    assert.equal((await clientIn(plane, 'vision').listJobs({ listViewType: 'All' })).value.length, 0);
  });

  it('is purged by itself after 14 days', async () => {
    await fill(plane, 'vision');
    await (await deleteWorkspace(plane.client, 'vision')).done();
    const purged = new Promise<void>((resolve) => {
      const feed = new ChangeStream(plane.client.http, { kinds: ['workspace'] });
      feed.onDidChange(async () => {
        if ((await listDeletedWorkspaces(plane.client)).length > 0) return;
        feed.dispose();
        resolve();
      });
      feed.onDidChangeState((state) => state === 'live' && clock.set(begin + 14 * dayMs));
    });
    await purged;
    const now = await allRows(plane.folder);
    assert.deepEqual(rowsOf(now, ownedBy(now, 'vision')), {});
  });

  it('leaves nothing to a reader who comes again to another one of its name', async () => {
    await fill(plane, 'vision');
    const feed = new ChangeStream(clientIn(plane, 'vision').http);
    await feed.settled;
    const since = feed.place!;
    feed.dispose();
    await purge('vision');
    await plane.makeWorkspace('vision');
    const again = new ChangeStream(clientIn(plane, 'vision').http, { since });
    await new Promise<void>((resolve) => again.onDidReset(resolve));
    again.dispose();
  });
});
