import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { deleteWorkspace, recoverWorkspace } from '../../src/client/workspaces.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { clientIn } from './filledWorkspace.ts';
import { deploymentWhen, keysOf } from './onlineDeployments.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { writeIn } from './writeIn.ts';

describe('a workspace with a deployment that is deleted', () => {
  let plane: TeamPlane;
  before(async () => {
    plane = await startTeam(undefined, undefined, { withRunner: true });
    await plane.makeWorkspace('vision');
  });
  after(() => plane.remove());

  it('is not, until it is said that it ends; then its servers have ended, and nobody is answered', async () => {
    const client = clientIn(plane, 'vision');
    const files = path.join(plane.folder, 'yaml');
    const note = path.join(plane.folder, 'pid');
    writeIn(
      files,
      'code/score.py',
      `import os\ndef init():\n    open(${JSON.stringify(note)}, 'w').write(str(os.getpid()))\ndef run(raw_data):\n    return 1\n`,
    );
    await createResource(client, 'onlineEndpoint', { file: writeIn(files, 'endpoint.yml', 'name: scores\nauth_mode: key\n') });
    const text =
      'name: blue\nendpoint_name: scores\ncode_configuration: {code: ./code, scoring_script: score.py}\nenvironment: {image: python}\ninstance_type: Standard_DS3_v2\n';
    await createResource(client, 'onlineDeployment', { file: writeIn(files, 'blue.yml', text) });
    const made = await deploymentWhen(client, 'scores', 'blue');
    assert.equal(made.properties.provisioningState, 'Succeeded', JSON.stringify(made.properties));
    const { primaryKey } = await keysOf(client, 'scores');
    const call = () =>
      fetch(`${plane.url}/endpoints/scores/score`, {
        method: 'POST',
        body: '{}',
        headers: { authorization: `Bearer ${primaryKey}`, 'azureml-model-deployment': 'blue' },
      });
    assert.equal((await call()).status, 200);
    await assert.rejects(deleteWorkspace(plane.client, 'vision'), (error: Error) => {
      assert.match(error.message, /work goes on in it: 1 deployment \(scores\/blue\)/);
      return true;
    });
    const pid = Number(readFileSync(note, 'utf8'));
    await (await deleteWorkspace(plane.client, 'vision', { endsJobs: true })).done();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.notEqual((await call()).status, 200);
    await recoverWorkspace(plane.client, 'vision');
    await assert.rejects(client.getResource(['onlineEndpoints', 'scores']), { code: 'NotFound' });
    await (await deleteWorkspace(plane.client, 'vision', { isForGood: true })).done();
    assert.equal(existsSync(path.join(plane.folder, 'runners/vision')), false);
  });
});
