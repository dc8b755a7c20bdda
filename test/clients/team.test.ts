import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { azureAiMl, azureAuthorization, azureCli, mlflowSkinny } from '../../scripts/pythonClients.ts';
import { workspaceAt } from '../contract/team.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { startTeamOfStories, type TeamOfStories } from './storyPlanes.ts';

const fixture = (name: string) => path.join(root, 'test/fixtures/team', name);

/** Clients as they are, each with nothing but a personal token. */
describe('clients of a team, unmodified', function () {
  this.timeout(300_000);
  let plane: TeamOfStories;
  let work: string;
  const tokens: Record<string, string> = {};
  let candidate: string;
  before(async function () {
    // The first run on a machine installs the clients.
    this.timeout(900_000);
    plane = await startTeamOfStories();
    work = mkdtempSync(path.join(tmpdir(), 'updraft-team-'));
    tokens.owner = (await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' })).body.token.token;
    for (const name of ['vision', 'speech']) await plane.makeWorkspace(name);
    await plane.send('PUT', `${workspaceAt('vision')}/quotas/workspace`, { properties: { jobsAtOnce: 50 } });
    tokens.scientist = (await plane.add('dan@example.org', 'AzureML Data Scientist', 'vision')).token.token;
    tokens.reader = (await plane.add('rita@example.org', 'Reader', 'vision')).token.token;
    candidate = (await plane.add('carl@example.org')).member.id;
  });
  after(async () => {
    await plane?.remove();
    rmSync(work, { recursive: true, force: true });
  });

  /** The last line of a script that runs with the variables which a member gets. */
  async function story(python: string, who: string, args: string[]): Promise<string> {
    const { access, variables } = await plane.azure(tokens[who]!);
    assert.equal(access.identitySecret, tokens[who]);
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      ...variables,
      MLFLOW_TRACKING_URI: plane.url,
      MLFLOW_TRACKING_TOKEN: tokens[who],
      PYTHONWARNINGS: 'ignore',
    };
    const { code, stdout, stderr } = await runProcess(python, args, { cwd: work, env });
    assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
    return stdout.trim().split('\n').at(-1)!;
  }

  it('mlflow: a Data Scientist logs, a Reader reads and is refused the rest', async () => {
    const python = await mlflowSkinny();
    for (const who of ['scientist', 'reader']) assert.equal(await story(python, who, [fixture('mlflow_client.py'), who]), 'all of it');
  });

  it('azure-ai-ml: a Data Scientist works, a Reader reads and is refused the rest', async () => {
    const python = await azureAiMl();
    for (const who of ['scientist', 'reader']) assert.equal(await story(python, who, [fixture('azure_ai_ml.py'), who, work]), 'all of it');
  });

  it('azure-ai-ml: an Owner deletes a workspace, which can be recovered or is purged', async () => {
    for (const name of ['gone', 'gone-for-good']) await plane.makeWorkspace(name);
    assert.equal(await story(await azureAiMl(), 'owner', [fixture('delete_workspace.py')]), 'all of it');
    const { body } = await plane.send('GET', '/updraft/deleted-workspaces');
    assert.deepEqual(
      body.value.map(({ name, state }: { name: string; state: string }) => [name, state]),
      [['gone', 'Deleted']],
    );
  });

  it('azure-mgmt-authorization: an Owner gives and takes roles, and makes them', async () => {
    assert.equal(
      await story(await azureAuthorization(), 'owner', [fixture('authorization.py'), candidate, workspaceAt('vision')]),
      'all of it',
    );
  });

  it('az: an Owner gives and takes roles, and a Reader is refused it', async () => {
    const python = await azureCli();
    const scope = workspaceAt('vision');
    const az = async (who: string, ...words: string[]) => {
      const { variables } = await plane.azure(tokens[who]!);
      const { PATH, HOME } = process.env;
      const ownFolder = { AZURE_CONFIG_DIR: path.join(work, `az-${who}`), AZURE_CORE_COLLECT_TELEMETRY: 'false' };
      const env = { PATH, HOME, ...variables, ...ownFolder, PYTHONWARNINGS: 'ignore' };
      return runProcess(python, ['-m', 'azure.cli', ...words, '--only-show-errors'], { cwd: work, env });
    };
    const ok = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await az('owner', ...words);
      assert.equal(code, 0, `az ${words.join(' ')}: ${stderr.slice(-4000)}`);
      return stdout.trim();
    };
    const roles = () => ok('role', 'assignment', 'list', '--scope', scope, '--query', '[].[principalName,roleDefinitionName]', '-o', 'tsv');
    const assignment = ['--assignee', 'carl@example.org', '--role', 'AzureML Compute Operator', '--scope', scope];
    await ok('cloud', 'set', '--name', 'Updraft');
    await ok('login', '--identity');
    assert.equal(await ok('role', 'definition', 'list', '--name', 'Reader', '--query', '[].roleName', '-o', 'tsv'), 'Reader');
    const before = await roles();
    await ok('role', 'assignment', 'create', ...assignment);
    await ok('role', 'assignment', 'create', ...assignment);
    assert.equal((await roles()).split('\n').filter((line) => line === 'carl@example.org\tAzureML Compute Operator').length, 1);
    await ok('role', 'assignment', 'delete', ...assignment);
    assert.equal(await roles(), before);

    assert.equal((await az('reader', 'cloud', 'set', '--name', 'Updraft')).code, 0);
    assert.equal((await az('reader', 'login', '--identity')).code, 0);
    const refused = await az('reader', 'role', 'assignment', 'create', ...assignment);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /AuthorizationFailed|does not have authorization/);
  });

  it('azure-identity: a program gets its token with a client id and secret', async () => {
    await plane.add('nightly', 'Reader', 'vision', { kind: 'service' });
    const { tenantId, clientId, clientSecret } = (await plane.send('POST', '/updraft/team/secrets', { member: 'nightly', name: 'ci' }))
      .body;
    const { access, variables } = await plane.azure(tokens.owner!);
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, REQUESTS_CA_BUNDLE: variables.REQUESTS_CA_BUNDLE, PYTHONWARNINGS: 'ignore', NO_PROXY: 'localhost,127.0.0.1' };
    const args = [fixture('client_secret.py'), access.armUrl, tenantId, clientId, clientSecret, workspaceAt('vision')];
    const { code, stdout, stderr } = await runProcess(await azureAuthorization(), args, { cwd: work, env });
    assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
    assert.equal(stdout.trim(), 'all of it');
  });
});
