import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { startPlane, type TestPlane } from './plane.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm');
const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as {
  prompts: string[];
  base: string[];
  tuned: string[];
};
const model = 'tiny-colours-f32.gguf';

describe('language models of this machine', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startPlane({}, undefined, { ...(process.env as Record<string, string>), UPDRAFT_MODEL_FOLDERS: folder });
  });
  after(() => plane.remove());

  const ask = (route: string, body: object) =>
    fetch(`${plane.url}/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, temperature: 0, ...body }),
    });

  it('are listed', async () => {
    const response = await fetch(`${plane.url}/v1/models`, { headers: { authorization: `Bearer ${plane.token}` } });
    const { data } = (await response.json()) as { data: { id: string }[] };
    assert.ok(data.some(({ id }) => id === model));
  });

  for (const [what, asked, answers] of [
    ['as the original does', model, expected.base],
    ['with an adapter as that was trained', `${model}+tiny-colours-lora-es.gguf`, expected.tuned],
    ['with none of an adapter as without it', `${model}+tiny-colours-lora-es@0`, expected.base],
  ] as const)
    it(`answer ${what}`, async () => {
      for (const [at, prompt] of expected.prompts.entries()) {
        const question = /user\|>\n(.*)\n<\|assistant/.exec(prompt)![1];
        const chat = await ask('chat/completions', { model: asked, messages: [{ role: 'user', content: question }], max_tokens: 40 });
        const text = await chat.text();
        assert.equal(chat.status, 200, text);
        const { choices } = JSON.parse(text) as { choices: { message: { content: string }; finish_reason: string }[] };
        assert.equal(choices[0]!.message.content.trim(), answers[at]!.trim());
        assert.equal(choices[0]!.finish_reason, 'stop');
      }
    });

  it('refuse an adapter of another model before the engine sees it, and go on', async () => {
    const lora = { 'general.type': 'adapter', 'adapter.type': 'lora', 'general.architecture': 'llama' };
    const scratch = mkdtempSync(path.join(tmpdir(), 'updraft-adapter-'));
    try {
      // With an alpha that is no float, the engine would end its process.
      const file = path.join(scratch, 'hostile.gguf');
      writeFileSync(file, ggufFile({ ...lora, 'adapter.lora.alpha': 16 }));
      const response = await ask('chat/completions', { model: `${model}+${file}`, messages: [{ role: 'user', content: 'hello' }] });
      assert.equal(response.status, 422);
      assert.match(
        ((await response.json()) as { error: { message: string } }).error.message,
        /hostile\.gguf does not say its adapter\.lora\.alpha/,
      );
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });

  it('refuse an adapter that is none', async () => {
    const response = await ask('chat/completions', { model: `${model}+${model}`, messages: [{ role: 'user', content: 'hello' }] });
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { error: { message: string } }).error.message, /is no adapter\.\nThe model comes first/);
  });
});
