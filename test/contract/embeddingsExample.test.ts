import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { defaultEmbedderFile } from '../../scripts/defaultModelFile.ts';
import { pythonClient } from '../../scripts/pythonClients.ts';
import { root, runProcess, updraft } from './updraft.ts';

/** With the default model for embeddings itself, which is got once and kept in the cache, and OpenAI's own client. */
describe('the example of vectors of texts', () => {
  let home: string;
  let folder: string;
  let python: string;
  before(async function () {
    // The first run on a machine gets the model and what runs it, some 140 MB, and the client.
    this.timeout(600_000);
    home = mkdtempSync(path.join(tmpdir(), 'updraft-home-'));
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-search-'));
    cpSync(path.join(root, 'examples/embeddings'), folder, { recursive: true, filter: (each) => path.basename(each) !== 'model' });
    cpSync(path.dirname(await defaultEmbedderFile()), path.join(folder, 'model'), { recursive: true });
    python = await pythonClient('openai', ['openai>=3,<4']);
  });
  after(async () => {
    await updraft(home, ['stop']);
    for (const each of [home, folder]) rmSync(each, { recursive: true, force: true, maxRetries: 10 });
  });

  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await updraft(home, args, { cwd: folder });
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }
  async function search(env: Record<string, string>): Promise<string> {
    const { code, stdout, stderr } = await runProcess(python, [path.join(folder, 'search.py'), 'How do I get my money back?'], {
      env: { ...process.env, ...env },
    });
    assert.equal(code, 0, stderr);
    return stdout;
  }
  const found = /^0\.[3-9]\d {2}Refunds are paid within five working days\.\n(?:0\.[0-3]\d {2}.*\n){2}$/;

  it('finds what is meant', async () => {
    const variables = [...(await ok('env')).matchAll(/^export (OPENAI_\w+)='?([^'\n]*)'?$/gm)].map(([, name, value]) => [name!, value!]);
    assert.match(await search(Object.fromEntries(variables)), found);
  });

  it('does so behind an endpoint', async () => {
    await ok('online-endpoint', 'create', '--file', 'endpoint.yml');
    await ok('online-deployment', 'create', '--file', 'deployment.yml', '--all-traffic');
    const [a, b] = JSON.parse(await ok('online-endpoint', 'invoke', '--name', 'search', '--request-file', 'request.json')) as number[][];
    const cosine = a!.reduce((sum, each, at) => sum + each * b![at]!, 0);
    assert.ok(cosine > 0.3 && cosine < 0.95, `${cosine}`);
    const { primaryKey } = JSON.parse(await ok('online-endpoint', 'get-credentials', '--name', 'search', '--output', 'json'));
    const { scoring_uri } = JSON.parse(await ok('online-endpoint', 'show', '--name', 'search', '--output', 'json'));
    assert.match(await search({ OPENAI_BASE_URL: scoring_uri.replace(/\/score$/, '/v1'), OPENAI_API_KEY: primaryKey }), found);
    await ok('online-endpoint', 'delete', '--name', 'search', '--yes');
  });
});
