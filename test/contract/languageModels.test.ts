import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { startPlane, type TestPlane } from './plane.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm');
const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as { prompts: string[]; base: string[] };
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

  it('answer as the original does, in chat and in completion', async () => {
    for (const [at, prompt] of expected.prompts.entries()) {
      const question = /user\|>\n(.*)\n<\|assistant/.exec(prompt)![1];
      const chat = await ask('chat/completions', { messages: [{ role: 'user', content: question }], max_tokens: 40 });
      const text = await chat.text();
      assert.equal(chat.status, 200, text);
      const { choices, usage } = JSON.parse(text) as { choices: { message: { content: string }; finish_reason: string }[]; usage: object };
      assert.equal(choices[0]!.message.content.trim(), expected.base[at]!.trim(), JSON.stringify(usage));
      assert.equal(choices[0]!.finish_reason, 'stop');
    }
  });
});
