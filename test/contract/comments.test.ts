import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import {
  deleteComment,
  editComment,
  getComment,
  listComments,
  listMentions,
  listReaders,
  markMentions,
  writeComment,
} from '../../src/client/comments.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { allPages, PlaneClient } from '../../src/client/planeClient.ts';
import { whomToAsk } from '../../src/client/whomToAsk.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import type { Change } from '../../src/protocol/change.ts';
import { type CommentedOn, mostCommentText, mostMentioned } from '../../src/protocol/comment.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { startTeam, type TeamPlane, workspaceAt } from './team.ts';

const modelUri = 'azureml://datastores/workspaceblobstore/paths/model';

const authorization = `/subscriptions/${defaultWorkspace.subscription}/providers/Microsoft.Authorization`;
const readerRole = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

/** A run, which is a job, and a model of two versions. */
async function things(client: PlaneClient): Promise<{ job: CommentedOn; model: CommentedOn }> {
  const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
    experiment_id: '0',
    start_time: Date.now(),
    run_name: 'digits run',
  });
  for (const version of ['1', '2']) await client.putAsset('models', 'digits', version, { modelUri });
  return { job: { kind: 'jobs', name: run.info.run_id }, model: { kind: 'models', name: 'digits' } };
}

/** What the feed tells from now on. */
async function listen(
  client: PlaneClient,
): Promise<{ changes: Change[]; until(test: (all: Change[]) => boolean): Promise<void>; dispose(): void }> {
  const stream = new ChangeStream(client.http, { kinds: ['comment', 'mention', 'mentionRead', 'experiment'] });
  const changes: Change[] = [];
  let look = () => {};
  stream.onDidChange((change) => {
    changes.push(change);
    look();
  });
  await new Promise<void>((resolve) => stream.onDidChangeState((state) => state === 'live' && resolve()));
  return {
    changes,
    until: (test) =>
      new Promise((resolve) => {
        look = () => test(changes) && resolve();
        look();
      }),
    dispose: () => stream.dispose(),
  };
}

describe('comments on the plane of one person', () => {
  let plane: TestPlane;
  let job: CommentedOn;
  let model: CommentedOn;
  before(async () => {
    plane = await startPlane();
    ({ job, model } = await things(plane.client));
  });
  after(() => plane.remove());

  it('are notes: written, read by pages, changed and deleted, and the feed tells of each', async () => {
    const { http } = plane.client;
    const news = await listen(plane.client);
    const first = await writeComment(http, job, { text: '  The loss falls.\r\nTwice. ' });
    assert.equal(first.text, 'The loss falls.\nTwice.');
    assert.equal(first.editedAt, undefined);
    assert.deepEqual([first.mayEdit, first.mayDelete, first.mentions, first.notTold], [true, true, [], []]);
    const second = await writeComment(http, job, { text: 'No.' });
    const third = await writeComment(http, job, { text: 'Ask @ann@example.org.' });
    assert.deepEqual([third.mentions, third.notTold], [[], []]);
    const page = await listComments(http, job, undefined, 2);
    assert.deepEqual([page.value.map(({ id }) => id), page.mayWrite, page.hasMentions], [[third.id, second.id], true, false]);
    const all = await Array.fromAsync(allPages((next) => listComments(http, job, next, 2)));
    assert.deepEqual(
      all.map(({ id }) => id),
      [third.id, second.id, first.id],
    );
    const edited = await editComment(http, job, second.id, 'No!');
    assert.equal(edited.text, 'No!');
    assert.ok(edited.editedAt);
    assert.equal(edited.at, second.at);
    assert.deepEqual(await getComment(http, job, second.id), { ...all[1], text: 'No!', editedAt: edited.editedAt });
    await deleteComment(http, job, first.id);
    await assert.rejects(deleteComment(http, job, first.id), /There is no such comment/);
    assert.equal((await listComments(http, job)).value.length, 2);
    await news.until((told) => told.length >= 5);
    news.dispose();
    assert.deepEqual(
      news.changes.map(({ kind, id, op }) => `${kind} ${id} ${op}`),
      Array(5).fill(`comment jobs/${job.name} put`),
    );
    assert.deepEqual(await listMentions(http), { value: [], unread: 0 });
  });

  it('are the same one when they are sent twice', async () => {
    const { http } = plane.client;
    const id = randomUUID();
    const one = await writeComment(http, job, { text: 'once', id });
    const again = await writeComment(http, job, { text: 'once', id });
    assert.deepEqual(again, one);
    assert.equal((await listComments(http, job)).value.filter(({ text }) => text === 'once').length, 1);
    await assert.rejects(writeComment(http, model, { text: 'elsewhere', id }), /another comment with this id/);
    await assert.rejects(writeComment(http, job, { text: 'x', id: '../1' }), /is a UUID/);
  });

  it('are on a model, or on one of its versions, and go with them', async () => {
    const { client } = plane;
    const { http } = client;
    const one = { ...model, version: '1' };
    const [whole, first] = [await writeComment(http, model, { text: 'all' }), await writeComment(http, one, { text: 'one' })];
    assert.deepEqual([whole.on, first.on], [model, one]);
    await assert.rejects(writeComment(http, { ...model, version: '9' }, { text: 'x' }), /no model "digits" with the version 9/);
    await assert.rejects(writeComment(http, { kind: 'models', name: 'none' }, { text: 'x' }), /There is no model "none"/);
    await assert.rejects(listComments(http, { kind: 'jobs', name: 'none' }), /There is no job "none"/);
    const ids = async (on: CommentedOn) => (await listComments(http, on)).value.map(({ id }) => id);
    assert.deepEqual(await ids(model), [first.id, whole.id]);
    assert.deepEqual(await ids(one), [first.id]);
    await http.json('POST', '/api/2.0/mlflow/registered-models/rename', { name: 'digits', new_name: 'numbers' });
    const renamed: CommentedOn = { kind: 'models', name: 'numbers' };
    assert.deepEqual(
      (await listComments(http, renamed)).value.map(({ on }) => on),
      [{ ...renamed, version: '1' }, renamed],
    );
    await client.deleteAsset('models', 'numbers', '1');
    assert.deepEqual(await ids(renamed), [whole.id]);
    await client.deleteAsset('models', 'numbers', '2');
    await client.putAsset('models', 'numbers', '1', { modelUri });
    assert.deepEqual(await ids(renamed), []);
    // A job that is deleted takes its comments along, and one of the same name begins without.
    const run = await things(client);
    await writeComment(http, run.job, { text: 'gone' });
    await client.endRun(run.job.name, 'FINISHED');
    await client.deleteJob(run.job.name);
    await assert.rejects(listComments(http, run.job), /There is no job/);
  });

  it('are refused where they are none, and keep what is hostile as text', async () => {
    const { http } = plane.client;
    for (const [text, why] of [
      ['', /The comment is empty/],
      [' \n\t', /The comment is empty/],
      ['x'.repeat(mostCommentText + 1), /has 10001 characters, and may have 10000/],
      ['a\u0000b', /U\+0000/],
      [Array.from({ length: mostMentioned + 1 }, (_, at) => `@p${at}@example.org`).join(' '), /mentions 51 people/],
      ['@a@b.cd '.repeat(100_000), /has 799999 characters/],
    ] as const)
      await assert.rejects(writeComment(http, job, { text }), why);
    await assert.rejects(http.json('POST', `/updraft/comments/jobs/${job.name}`, { text: 7 }), /at \/text/);
    await assert.rejects(http.json('POST', `/updraft/comments/jobs/${job.name}`, { text: 'x', version: '1' }), /no versions/);
    const hostile = '<script>alert(1)</script> <img src=x onerror=alert(1)> \u202egnp.exe \ud83d\ude00 \u0001';
    const { text } = await writeComment(http, job, { text: hostile });
    assert.equal(text, hostile);
    const lone = await writeComment(http, job, { text: 'half \ud800' });
    assert.equal(lone.text, 'half \ufffd');
    // Texts made to be slow are not.
    await writeComment(http, job, { text: `@a@a${'.'.repeat(9000)}` });
    await writeComment(http, job, { text: '@'.repeat(mostCommentText) });
    await writeComment(http, job, { text: '`'.repeat(mostCommentText) });
  });
});

describe('comments of a team', () => {
  let plane: TeamPlane;
  let job: CommentedOn;
  let model: CommentedOn;
  const people = new Map<string, PlaneClient>();
  const ids = new Map<string, string>();
  const as = (name: string): PlaneClient => people.get(name)!;
  before(async () => {
    plane = await startTeam();
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    await plane.makeWorkspace('vision');
    await plane.makeWorkspace('speech');
    for (const [name, role, workspace] of [
      ['ann', 'AzureML Data Scientist', 'vision'],
      ['ben', 'AzureML Data Scientist', 'vision'],
      ['cora', 'Contributor', 'vision'],
      ['rita', 'Reader', 'vision'],
      ['sam', 'AzureML Data Scientist', 'speech'],
      ['kim', 'AzureML Compute Operator', 'vision'],
      ['nora', undefined, undefined],
    ] as const) {
      const { token, member } = await plane.add(`${name}@example.org`, role, workspace, { displayName: `${name} Example` });
      ids.set(name, member.id);
      people.set(name, new PlaneClient({ url: plane.url, token: token.token }, { ...defaultWorkspace, workspace: workspace ?? 'vision' }));
    }
    ({ job, model } = await things(as('ann')));
  });
  after(() => plane.remove());

  it('say who wrote them by the token, whatever the body says', async () => {
    const answer = await as('ann').http.json<{ by: { name: string; displayName: string; id: string } }>(
      'POST',
      `/updraft/comments/jobs/${job.name}`,
      { text: 'mine', by: { name: 'ben@example.org' }, user_id: 'ben', at: '1999-01-01T00:00:00Z' },
    );
    assert.deepEqual(answer.by, { id: ids.get('ann'), name: 'ann@example.org', displayName: 'ann Example' });
  });

  it('are read by who may read, written by who may write, and changed by who wrote them', async () => {
    const mine = await writeComment(as('ann').http, job, { text: 'ann says' });
    const read = (await listComments(as('rita').http, job)).value.find(({ id }) => id === mine.id)!;
    assert.deepEqual([read.text, read.mayEdit, read.mayDelete], ['ann says', false, false]);
    assert.equal((await listComments(as('rita').http, job)).mayWrite, false);
    await assert.rejects(writeComment(as('rita').http, job, { text: 'no' }), { code: 'AuthorizationFailed' });
    await assert.rejects(listComments(as('kim').http, job), { code: 'AuthorizationFailed' });
    await assert.rejects(editComment(as('ben').http, job, mine.id, 'ben says'), /ann@example.org wrote this comment/);
    await assert.rejects(editComment(as('cora').http, job, mine.id, 'cora says'), /ann@example.org wrote this comment/);
    await assert.rejects(deleteComment(as('ben').http, job, mine.id), { code: 'Forbidden', hint: /An Owner or a Contributor/ });
    await assert.rejects(deleteComment(as('rita').http, job, mine.id), { code: 'AuthorizationFailed' });
    const seen = (await listComments(as('cora').http, job)).value.find(({ id }) => id === mine.id)!;
    assert.deepEqual([seen.mayEdit, seen.mayDelete], [false, true]);
    await deleteComment(as('cora').http, job, mine.id);
    // The job, and each of its comments, is not there for another workspace.
    for (const ask of [
      () => listComments(as('sam').http, job),
      () => writeComment(as('sam').http, job, { text: 'x' }),
      () => getComment(as('sam').http, job, mine.id),
    ])
      await assert.rejects(ask, { code: 'NotFound' });
  });

  it('of an agent say so, and are changed by the person whom it acts for', async () => {
    const { token } = (await plane.add('agnes@example.org', 'AzureML Data Scientist', 'vision')).token;
    const workspace = { ...defaultWorkspace, workspace: 'vision' };
    const agnes = new PlaneClient({ url: plane.url, token }, workspace);
    const agent = (call?: string) =>
      new PlaneClient({ url: plane.url, token, agent: { name: 'copilot', ...(call ? { call } : {}) } }, workspace);
    await assert.rejects(writeComment(agent().http, job, { text: 'unrecorded' }), /has recorded/);
    const { id } = await agent().beginAgentCall({ tool: 'comment', input: '{}' });
    const written = await writeComment(agent(id).http, job, { text: 'by a program' });
    assert.deepEqual([written.by.name, written.by.agent], ['agnes@example.org', 'copilot']);
    const own = await writeComment(agnes.http, job, { text: 'by agnes' });
    await assert.rejects(editComment(agent(id).http, job, own.id, 'changed'), /nobody else changes it/);
    await assert.rejects(deleteComment(agent(id).http, job, written.id), /deletes nothing/);
    await editComment(agnes.http, job, written.id, 'checked');
    await deleteComment(agnes.http, job, written.id);
  });

  it('offer to mention whom may read', async () => {
    assert.deepEqual(
      (await listReaders(as('ann').http, 'jobs', 'EXAMPLE')).map(({ name }) => name.split('@')[0]),
      ['agnes', 'ann', 'ben', 'cora', 'olga', 'rita'],
    );
    assert.deepEqual(await listReaders(as('ann').http, 'models', 'ri'), [{ name: 'rita@example.org', displayName: 'rita Example' }]);
    await assert.rejects(listReaders(as('rita').http, 'jobs', ''), { code: 'AuthorizationFailed' });
  });

  it('tell whom they mention, once, and say who is not told', async () => {
    const [ritas, bens] = [await listen(as('rita')), await listen(as('ben'))];
    const text =
      'Look, @Rita@example.org and @sam@example.org, @nobody@example.org, @kim@example.org, @ann@example.org: `@ben@example.org`.';
    const written = await writeComment(as('ann').http, job, { text });
    assert.deepEqual(written.mentions, ['rita@example.org', 'ann@example.org']);
    // Members who may not read it, and who are none, are the same to who writes.
    assert.deepEqual(written.notTold, ['sam@example.org', 'nobody@example.org', 'kim@example.org']);
    const mention = `${ids.get('rita')}/${written.id}`;
    await ritas.until((all) => all.some(({ kind }) => kind === 'mention'));
    const told = ritas.changes.find(({ kind }) => kind === 'mention')!;
    assert.deepEqual([told.id, told.op, told.workspace, told.principal], [mention, 'put', 'vision', ids.get('ann')]);
    const inbox = await listMentions(as('rita').http);
    assert.deepEqual(
      [inbox.unread, inbox.value.map(({ workspace, title, comment, isRead }) => [workspace, title, comment.id, isRead])],
      [1, [['vision', 'digits run', written.id, false]]],
    );
    for (const name of ['ann', 'ben', 'sam', 'kim', 'nora', 'cora'])
      assert.deepEqual(await listMentions(as(name).http), { value: [], unread: 0 }, name);
    await markMentions(as('rita').http, { isRead: true, mentions: [{ workspace: 'vision', comment: written.id }] });
    assert.deepEqual(await listMentions(as('rita').http, { unread: true }), { value: [], unread: 0 });
    assert.equal((await listMentions(as('rita').http)).value[0]!.isRead, true);
    await ritas.until((all) => all.some(({ kind }) => kind === 'mentionRead'));
    // To read it is no mention anew.
    assert.equal(ritas.changes.filter(({ kind }) => kind === 'mention').length, 1);
    await markMentions(as('rita').http, { isRead: false });
    assert.equal((await listMentions(as('rita').http)).unread, 1);
    // Nobody marks what is another's.
    await markMentions(as('ben').http, { isRead: true, mentions: [{ workspace: 'vision', comment: written.id }] });
    assert.equal((await listMentions(as('rita').http)).unread, 1);
    await editComment(as('ann').http, job, written.id, 'Rather @ben@example.org.');
    await bens.until((all) => all.some(({ kind }) => kind === 'mention'));
    assert.equal((await listMentions(as('rita').http)).value.length, 0);
    assert.equal((await listMentions(as('ben').http)).unread, 1);
    await deleteComment(as('ann').http, job, written.id);
    assert.deepEqual(await listMentions(as('ben').http), { value: [], unread: 0 });
    await bens.until((all) => all.some(({ kind, op }) => kind === 'mention' && op === 'delete'));
    assert.deepEqual(
      bens.changes.filter(({ kind }) => kind.startsWith('mention')).map(({ id, op }) => `${op} ${id}`),
      [`put ${ids.get('ben')}/${written.id}`, `delete ${ids.get('ben')}/${written.id}`],
    );
    ritas.dispose();
    bens.dispose();
  });

  it('reach somebody in another workspace, and no more once that may not be read', async () => {
    const { token, member } = await plane.add('theo@example.org');
    const assign = async (workspace: string) => {
      const address = `${workspaceAt(workspace)}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`;
      const properties = { roleDefinitionId: `${authorization}/roleDefinitions/${readerRole}`, principalId: member.id };
      assert.equal((await plane.send('PUT', address, { properties })).status, 201);
      return address;
    };
    await assign('vision');
    const address = await assign('speech');
    const theo = new PlaneClient({ url: plane.url, token: token.token }, { ...defaultWorkspace, workspace: 'vision' });
    const within = (await theo.http.json<{ token: string }>('POST', '/updraft/team/tokens', { name: 'vision only', workspace: 'vision' }))
      .token;
    const limited = new PlaneClient({ url: plane.url, token: within }, { ...defaultWorkspace, workspace: 'vision' });
    const [news, limitedNews] = [await listen(theo), await listen(limited)];
    const there = await things(as('sam'));
    const written = await writeComment(as('sam').http, there.job, { text: 'hello @theo@example.org' });
    assert.deepEqual(written.notTold, []);
    await news.until((all) => all.length > 0);
    assert.deepEqual(
      news.changes.map(({ kind, workspace }) => [kind, workspace]),
      [['mention', 'speech']],
    );
    assert.deepEqual(
      (await listMentions(theo.http)).value.map(({ workspace }) => workspace),
      ['speech'],
    );
    // A token for one workspace opens no other, not by a mention either.
    assert.deepEqual(await listMentions(limited.http), { value: [], unread: 0 });
    assert.equal((await plane.send('DELETE', address)).status, 200);
    assert.deepEqual(await listMentions(theo.http), { value: [], unread: 0 });
    const after = await writeComment(as('sam').http, there.job, { text: 'again @theo@example.org' });
    assert.deepEqual(after.notTold, ['theo@example.org']);
    await writeComment(as('ann').http, job, { text: 'now @theo@example.org' });
    await Promise.all([news, limitedNews].map((each) => each.until((all) => all.some(({ workspace }) => workspace === 'vision'))));
    for (const each of [news, limitedNews])
      assert.deepEqual(
        each.changes.filter(({ id }) => id.endsWith(after.id)),
        [],
      );
    assert.deepEqual(
      limitedNews.changes.filter(({ workspace }) => workspace === 'speech'),
      [],
    );
    news.dispose();
    limitedNews.dispose();
  });

  it('say whom to ask for a role, and not whether something is there', async () => {
    const plain = (name: string, displayName = name) => ({ name, displayName });
    const owners = [plain('olga@example.org')];
    const { http } = as('nora');
    assert.deepEqual(await whomToAsk(http, 'vision'), { seesWorkspace: false, owners });
    assert.deepEqual(await whomToAsk(http, 'nowhere'), { seesWorkspace: false, owners });
    await plane.add('vera@example.org', 'Owner', 'vision');
    assert.deepEqual(await whomToAsk(http, 'vision'), { seesWorkspace: false, owners });
    assert.deepEqual(await whomToAsk(as('kim').http, 'vision'), { seesWorkspace: true, owners: [...owners, plain('vera@example.org')] });
  });

  it('of a model are mentioned by who may read models', async () => {
    const written = await writeComment(as('ann').http, { ...model, version: '2' }, { text: 'ship it, @cora@example.org?' });
    const [found] = (await listMentions(as('cora').http)).value;
    assert.deepEqual([found!.comment.id, found!.comment.on], [written.id, { ...model, version: '2' }]);
  });
});
