import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { agentHeader } from '../../src/protocol/agentCall.ts';
import { SetClock } from './setClock.ts';
import { type Answer, type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';

const mlflow = '/api/2.0/mlflow';

describe('the roles of a team', () => {
  let plane: TeamPlane;
  let owner: Send;
  before(async () => {
    plane = await startTeam();
    const init = await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    assert.equal(init.status, 201, init.text);
    owner = plane.as(init.body.token.token);
    await plane.makeWorkspace('vision');
    await plane.makeWorkspace('speech');
  });
  after(() => plane.remove());

  const refused = (answer: Answer, action: string): void => {
    assert.equal(answer.status, 403, answer.text);
    const message = answer.body.message ?? answer.body.error.message;
    assert.match(message, /^The client '[^']+' with object id '[-0-9a-f]{36}' does not have authorization to perform action '/);
    assert.match(message, new RegExp(`perform action '${action}' over scope '/subscriptions/`));
  };

  it('a Reader reads, and is refused a write in the words of Azure', async () => {
    const { token } = await plane.add('rita@example.org', 'Reader', 'vision');
    const rita = plane.as(token.token);
    const created = await owner('PUT', `${workspaceAt('vision')}/environments/shell/versions/1`, { properties: { image: 'ubuntu:22.04' } });
    assert.equal(created.status, 201, created.text);
    assert.equal((await rita('GET', `${workspaceAt('vision')}/environments/shell/versions/1`)).status, 200);
    const denied = await rita('PUT', `${workspaceAt('vision')}/environments/mine/versions/1`, { properties: { image: 'ubuntu:22.04' } });
    refused(denied, 'Microsoft.MachineLearningServices/workspaces/environments/write');
    assert.equal(denied.body.error.code, 'AuthorizationFailed');
    // MLflow's clients name no workspace: theirs is the only one.
    assert.equal((await rita('POST', `${mlflow}/runs/search`, { experiment_ids: ['0'] })).status, 200);
    const run = await rita('POST', `${mlflow}/runs/create`, { experiment_id: '0' });
    refused(run, 'Microsoft.MachineLearningServices/workspaces/jobs/write');
    assert.equal(run.body.error_code, 'PERMISSION_DENIED');
  });

  it('a workspace of others is not there: no word more than for one that does not exist', async () => {
    const { token } = await plane.add('vera@example.org', 'AzureML Data Scientist', 'vision');
    const vera = plane.as(token.token);
    for (const [method, rest, body] of [
      ['GET', ''],
      ['GET', '/jobs'],
      ['GET', '/models/secret'],
      ['PUT', '/environments/x/versions/1', { properties: { image: 'a' } }],
      ['POST', '/datastores/workspaceblobstore/listSecrets', {}],
      ['DELETE', '/jobs/x'],
    ] as const) {
      const [there, nowhere] = [
        await vera(method, workspaceAt('speech') + rest, body),
        await vera(method, workspaceAt('nobody') + rest, body),
      ];
      assert.equal(there.status, 404, `${method} ${rest}: ${there.text}`);
      assert.equal(there.text.replaceAll('speech', 'nobody'), nowhere.text, `${method} ${rest}`);
    }
    const listed = await vera('GET', `${workspaceAt('vision').replace(/\/vision$/, '')}`);
    assert.deepEqual(
      listed.body.value.map(({ name }: { name: string }) => name),
      ['vision'],
    );
    assert.equal((await vera('POST', `${mlflow}/runs/search`, { experiment_ids: ['0'] }, { 'x-mlflow-workspace': 'speech' })).status, 404);
  });

  it('end at once: open feeds, tokens, what was signed', async () => {
    const { member, token } = await plane.add('fred@example.org', 'Reader', 'vision');
    const fred = plane.as(token.token);
    const { sasToken } = (await fred('POST', `${workspaceAt('vision')}/datastores/workspaceblobstore/listSecrets`, {})).body;
    assert.equal(new URLSearchParams(sasToken).get('sp'), 'rl');
    const list = () =>
      fetch(`${plane.url}/azureml-blobstore?restype=container&comp=list&${sasToken}`, { headers: { connection: 'close' } });
    assert.equal((await list()).status, 200);
    const feed = await fetch(`${plane.url}/changes?kinds=job`, { headers: { authorization: `Bearer ${token.token}` } });
    const reader = feed.body!.getReader();
    await reader.read();
    const { value } = (await owner('GET', `${workspaceAt('vision')}/providers/Microsoft.Authorization/roleAssignments`)).body;
    const { id } = value.find(({ properties }: { properties: { principalId: string } }) => properties.principalId === member.id);
    assert.equal((await owner('DELETE', `${id}?api-version=2022-04-01`)).status, 200);
    for (;;) if ((await reader.read()).done) break;
    assert.equal((await fred('GET', '/changes', undefined, { 'x-mlflow-workspace': 'vision' })).status, 404);
    assert.equal((await list()).status, 403);
    assert.equal((await fred('GET', '/version')).status, 200);
    const revoked = await owner('DELETE', `/updraft/team/tokens/${token.id}`);
    assert.equal(revoked.status, 204, revoked.text);
    assert.equal((await fred('GET', '/version')).status, 401);
  });

  it('leave an Owner, whatever is taken away', async () => {
    const { value } = (await owner('GET', '/updraft/team/members')).body;
    const { id } = value.find(({ name }: { name: string }) => name === 'olga@example.org');
    for (const asked of [owner, plane.send]) {
      const answer = await asked('DELETE', `/updraft/team/members/${id}`);
      assert.equal(answer.status, 409, answer.text);
      assert.match(answer.text, /last Owner/);
    }
    const second = await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'other@example.org' });
    assert.equal(second.status, 409, second.text);
    // Two who remove each other at the same time: one of them stays.
    const { member, token } = await plane.add('otto@example.org', 'Owner');
    const answers = await Promise.all([
      owner('DELETE', `/updraft/team/members/${member.id}`),
      plane.as(token.token)('DELETE', `/updraft/team/members/${id}`),
    ]);
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, JSON.stringify(answers));
    assert.equal(
      (await plane.send('GET', '/updraft/team/members')).body.value.filter(({ roles }: any) =>
        roles.some(({ role }: any) => role === 'Owner'),
      ).length,
      1,
    );
    const left = answers[0]!.status === 200 ? owner : plane.as(token.token);
    owner = left;
  });

  it('are given by who may, and no further than there', async () => {
    const lead = plane.as((await plane.add('lena@example.org', 'Owner', 'vision')).token.token);
    const { member } = await plane.add('nina@example.org');
    const reader = '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7';
    const give = (by: Send, scope: string, principalId: string) =>
      by('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
        properties: { roleDefinitionId: reader, principalId },
      });
    assert.equal((await give(lead, workspaceAt('vision'), member.id)).status, 201);
    refused(
      await give(lead, '/subscriptions/00000000-0000-0000-0000-000000000000', member.id),
      'Microsoft.Authorization/roleAssignments/write',
    );
    assert.equal((await give(lead, workspaceAt('speech'), member.id)).status, 404);
    refused(
      await lead('POST', '/updraft/team/members', { kind: 'user', name: 'x@example.org' }),
      'Microsoft.Authorization/roleAssignments/write',
    );
    refused(
      await lead('PUT', `${workspaceAt('vision')}/providers/Microsoft.Authorization/roleDefinitions/${crypto.randomUUID()}`, {
        properties: {
          roleName: 'All',
          permissions: [{ actions: ['*'] }],
          assignableScopes: ['/subscriptions/00000000-0000-0000-0000-000000000000'],
        },
      }),
      'Microsoft.Authorization/roleDefinitions/write',
    );
  });

  it('hold for agents of a member, which may do less', async () => {
    const { token } = await plane.add('ada@example.org', 'Reader', 'vision');
    const headers = { [agentHeader]: 'helper' };
    const ada = plane.as(token.token);
    assert.equal((await ada('GET', `${workspaceAt('vision')}/jobs`, undefined, headers)).status, 200);
    refused(
      await ada('PUT', `${workspaceAt('vision')}/jobs/x`, { properties: {} }, headers),
      'Microsoft.MachineLearningServices/workspaces/jobs/write',
    );
    assert.equal((await ada('GET', `${workspaceAt('speech')}/jobs`, undefined, headers)).status, 404);
  });

  it('are not widened by a token that is for one workspace', async () => {
    const { token } = await plane.add('tom@example.org', 'AzureML Data Scientist', 'vision');
    const tom = plane.as(token.token);
    const same = await tom('POST', '/updraft/team/tokens', { name: 'ci', days: 300 });
    assert.equal(same.status, 201, same.text);
    assert.equal(same.body.workspace, 'vision');
    assert.ok(same.body.expiresAt <= token.expiresAt, 'it lives no longer than the one that it was asked for with');
    assert.equal((await tom('POST', '/updraft/team/tokens', { name: 'ci', workspace: 'speech' })).status, 404);
    assert.equal((await tom('POST', '/updraft/team/tokens', { name: 'ci', member: 'olga@example.org' })).status, 404);
    assert.deepEqual((await tom('GET', '/updraft/team/tokens')).body.value.map(({ name }: { name: string }) => name).sort(), [
      'ci',
      'first',
    ]);
    for (const forged of [
      'updraft_',
      `${token.token}x`,
      token.token.slice(0, -1),
      token.token.toUpperCase(),
      `updraft_0000000000000000_${'x'.repeat(43)}`,
    ])
      assert.equal((await plane.as(forged)('GET', '/version')).status, 401, forged);
  });

  it('are told to nobody else by the feed', async () => {
    const { token } = await plane.add('hugo@example.org', 'Reader', 'vision');
    const feed = await fetch(`${plane.url}/changes`, { headers: { authorization: `Bearer ${token.token}` } });
    const reader = feed.body!.getReader();
    let text = '';
    const until = async (end: string) => {
      while (!text.includes(end)) text += Buffer.from((await reader.read()).value!).toString();
    };
    await until('event: start');
    await plane.makeWorkspace('secret-plans');
    const { member } = await plane.add('ines@example.org', 'Reader', 'secret-plans');
    await plane.send('PUT', `${workspaceAt('vision')}/environments/last/versions/1`, { properties: { image: 'a' } });
    await until('last:1');
    await reader.cancel();
    assert.doesNotMatch(text, /secret-plans|roleAssignment|personalToken|"member"/);
    assert.ok(!text.includes(member.id));
  });

  it('need a token that has not expired, which is told apart from a wrong one', async () => {
    const clock = new SetClock('2027-01-01T00:00:00Z');
    const other = await startTeam(undefined, clock);
    try {
      await other.makeWorkspace('vision');
      const { token } = await other.add('hans@example.org', 'Reader', 'vision', { days: 1 });
      const hans = other.as(token.token);
      clock.set('2027-01-01T23:59:59Z');
      assert.equal((await hans('GET', `${workspaceAt('vision')}/jobs`)).status, 200);
      clock.set('2027-01-02T00:00:00Z');
      const late = await hans('GET', `${workspaceAt('vision')}/jobs`);
      assert.equal(late.status, 401);
      assert.match(late.text, /expired at 2027-01-02T00:00:00\.000Z/);
      const wrong = await other.as(`${token.token}x`)('GET', `${workspaceAt('vision')}/jobs`);
      assert.equal(wrong.status, 401);
      assert.doesNotMatch(wrong.text, /expired|hans/);
    } finally {
      await other.remove();
    }
  });

  it('are there after a restart', async () => {
    const { token } = await plane.add('greta@example.org', 'Reader', 'vision');
    await plane.stop();
    plane = await startTeam(plane.folder);
    assert.equal((await plane.as(token.token)('GET', `${workspaceAt('vision')}/jobs`)).status, 200);
    assert.equal((await plane.as(token.token)('GET', `${workspaceAt('speech')}/jobs`)).status, 404);
  });
});
