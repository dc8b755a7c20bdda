import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { root, updraft } from './updraft.ts';

describe('the example of an endpoint', () => {
  const cwd = path.join(root, 'examples/endpoint');
  let home: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-endpoint-'));
  });
  after(async () => {
    await updraft(home, ['stop']);
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });
  async function ok(command: string): Promise<string> {
    const { code, stdout, stderr } = await updraft(home, command.split(' '), { cwd });
    assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
    return stdout;
  }

  it('answers as its README says', async () => {
    await ok('online-endpoint create --file endpoint.yml');
    await ok('online-deployment create --file deployment.yml --all-traffic');
    assert.deepEqual(JSON.parse(await ok('online-endpoint invoke --name words --request-file request.json')), [2, -3]);
    const logs = await ok('online-deployment get-logs --name blue --endpoint-name words --container inference-server');
    assert.equal(logs.trim(), 'ready, with 4 words');
    await ok('online-endpoint delete --name words');
    assert.doesNotMatch(await ok('online-endpoint list'), /words/);
  });
});
