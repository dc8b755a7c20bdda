import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { azureAiMl } from '../../scripts/pythonClients.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { registryPath } from '../../src/protocol/registry.ts';
import { workspaceAt } from '../contract/team.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { startTeamOfStories, type TeamOfStories } from './storyPlanes.ts';

/** Azure's own client, as it is, with the token of a member who has a role in one workspace and on one registry. */
describe('registries by azure-ai-ml, unmodified', function () {
  this.timeout(300_000);
  let plane: TeamOfStories;
  let work: string;
  let python: string;
  let token: string;
  before(async function () {
    // The first run on a machine installs the client.
    this.timeout(900_000);
    python = await azureAiMl();
    plane = await startTeamOfStories({ withRunner: true });
    work = mkdtempSync(path.join(tmpdir(), 'updraft-registries-'));
    for (const registry of ['lab', 'hidden']) await plane.send('PUT', registryPath({ ...defaultWorkspace, registry }), {});
    const added = await plane.add('ann@example.org');
    token = added.token.token;
    for (const [role, scope] of [
      ['AzureML Data Scientist', workspaceAt('local')],
      ['AzureML Registry User', registryPath({ ...defaultWorkspace, registry: 'lab' })],
    ] as const)
      await plane.assign(added.member.id, role, scope);
  });
  after(async () => {
    await plane?.remove();
    rmSync(work, { recursive: true, force: true });
  });

  it('makes and deletes a registry', async () => {
    const owner = (await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' })).body.token.token;
    await story(owner, 'registry_itself.py', []);
  });

  it('creates, lists, downloads and shares assets, and runs jobs with them', async () => {
    await story(token, 'registries.py', [work, 'local', 'lab']);
  });

  async function story(as: string, script: string, args: string[]): Promise<void> {
    const { variables } = await plane.azure(as);
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, ...variables, AZUREML_RUN_POLLING_INTERVAL_MIN: '1', PYTHONWARNINGS: 'ignore' };
    const file = path.join(root, 'test/fixtures/azure-ai-ml', script);
    const { code, stdout, stderr } = await runProcess(python, [file, ...args], { cwd: work, env });
    assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr.slice(-5000)}`);
    assert.equal(stdout.trim().split('\n').at(-1), 'all of it');
  }
});
