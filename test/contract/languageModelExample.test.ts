import assert from 'node:assert/strict';
import { cpSync, linkSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { defaultModelFile } from '../../scripts/defaultModelFile.ts';
import { root, updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

/** With the default small model itself, which is got once and kept in the cache. */
describe('the example of a language model', () => {
  let home: string;
  let folder: string;
  let file: string;
  before(async function () {
    // The first run on a machine gets 93 MB.
    this.timeout(600_000);
    home = mkdtempSync(path.join(tmpdir(), 'updraft-home-'));
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-chat-'));
    file = await defaultModelFile();
    cpSync(path.join(root, 'examples/chat'), folder, { recursive: true, filter: (each) => !each.endsWith('.gguf') });
    try {
      linkSync(file, path.join(folder, 'model.gguf'));
    } catch {
      symlinkSync(file, path.join(folder, 'model.gguf'));
    }
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

  it('talks on the command line, by the name that the catalogue has for it', async () => {
    const models = JSON.parse(await ok('model', 'catalog', '--output', 'json')) as { name: string; files?: string[] }[];
    const name = models.find(({ files }) => files?.includes(file))!.name;
    assert.match(await ok('chat', name, 'What is the capital of France?', '--temperature', '0'), /Paris/);
    const schema = writeIn(
      folder,
      'order.json',
      JSON.stringify({
        type: 'object',
        properties: { customer: { type: 'string' }, quantity: { type: 'integer' }, colour: { enum: ['red', 'green', 'blue'] } },
        required: ['customer', 'quantity', 'colour'],
        additionalProperties: false,
      }),
    );
    const order = await ok('chat', name, 'Anna ordered two red lamps for Friday.', '--temperature', '0', '--schema', schema);
    assert.deepEqual(JSON.parse(order), { customer: 'Anna', quantity: 2, colour: 'red' });
  });

  it('answers behind an endpoint, and is gone with it', async () => {
    await ok('online-endpoint', 'create', '--file', 'endpoint.yml');
    await ok('online-deployment', 'create', '--file', 'deployment.yml', '--all-traffic');
    assert.match(
      await ok('online-endpoint', 'invoke', '--name', 'chat', '--request-file', 'request.json'),
      /The capital of France is Paris/,
    );
    const { primaryKey } = JSON.parse(await ok('online-endpoint', 'get-credentials', '--name', 'chat', '--output', 'json'));
    const { scoring_uri } = JSON.parse(await ok('online-endpoint', 'show', '--name', 'chat', '--output', 'json'));
    const answer = await fetch(scoring_uri.replace(/\/score$/, '/v1/chat/completions'), {
      method: 'POST',
      headers: { authorization: `Bearer ${primaryKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'What is the capital of France?' }], temperature: 0 }),
    });
    assert.match(await answer.text(), /Paris/);
    await ok('online-endpoint', 'delete', '--name', 'chat', '--yes');
  });
});
