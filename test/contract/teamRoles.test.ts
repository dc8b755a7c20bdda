import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
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
});
