import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { eventsOf } from '../../src/client/chatStream.ts';
import { withReference } from '../../src/finetuning/verify/reference.ts';
import type { ChatChunk, ChatLogprobs, TextChunk } from '../../src/protocol/openAi.ts';
import { tiny, tinyBase } from '../unit/finetuning/tinyAdapter.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';

const model = path.basename(tinyBase);
const adapter = 'tiny-colours-lora-es.gguf';
const prompt = '<|user|>\nwhat colour is the sky?\n<|assistant|>\n';
const messages = [{ role: 'user', content: 'what colour is the sky?' }];

interface ChatAnswer {
  choices: { index: number; message: { content: string }; logprobs: ChatLogprobs | null; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number };
}

describe('several answers, and how likely their tokens were', () => {
  let plane: TestPlane;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-probabilities-'));
    writeFileSync(path.join(folder, model), withoutFirstToken(readFileSync(tinyBase)));
    copyFileSync(path.join(tiny, adapter), path.join(folder, adapter));
    plane = await startPlane({}, undefined, { ...(process.env as Record<string, string>), UPDRAFT_MODEL_FOLDERS: folder });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (route: string, body: object) =>
    fetch(`${plane.url}/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, ...body }),
    });
  const answer = async <T>(route: string, body: object): Promise<T> => {
    const response = await ask(route, body);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as T;
  };
  const chunksOf = async <T>(route: string, body: object): Promise<T[]> => {
    const chunks: T[] = [];
    for await (const event of eventsOf(await ask(route, { ...body, stream: true })))
      if (event !== '[DONE]') chunks.push(JSON.parse(event) as T);
    return chunks;
  };

  it('are the probabilities that torch finds, whatever the temperature', async () => {
    const { tokens: names } = JSON.parse(readFileSync(path.join(tiny, 'hf/tokens.json'), 'utf8')) as { tokens: string[] };
    await withReference(path.join(root, 'test/fixtures/torch-logits/all-matrices'), async ([sky]) => {
      const asked = { model: `${model}+${adapter}`, prompt, logprobs: 5, max_tokens: 4, temperature: 0.1, seed: 1 };
      const { choices } = await answer<TextChunk>('completions', asked);
      assert.deepEqual([choices[0]!.text, choices[0]!.logprobs!.tokens], ['azul', [...'azul']]);
      const { token_logprobs, top_logprobs, text_offset } = choices[0]!.logprobs!;
      assert.deepEqual(
        text_offset,
        [0, 1, 2, 3].map((at) => prompt.length + at),
      );
      for (const [row, token] of [...'azul'].entries()) {
        const logits = await sky!.logits(row);
        const whole = Math.log(logits.reduce((sum, each) => sum + Math.exp(each), 0));
        const expected = (name: string) => logits[names.indexOf(name)]! - whole;
        assert.ok(Math.abs(token_logprobs[row]! - expected(token)) < 1e-3, `${token}: ${token_logprobs[row]}, ${expected(token)}`);
        const highest = [...logits].sort((a, b) => b - a).slice(0, 5);
        const told = Object.values(top_logprobs[row]!).sort((a, b) => b - a);
        assert.equal(told.length, 5);
        for (const [at, each] of told.entries())
          assert.ok(Math.abs(each - (highest[at]! - whole)) < 5e-3, `${at} of ${token}: ${each}, ${highest[at]! - whole}`);
      }
    });
  });

  it('are the same in a chat, in a completion, and streamed', async () => {
    const whole = await answer<ChatAnswer>('chat/completions', { messages, temperature: 0, logprobs: true, top_logprobs: 2 });
    const { message, logprobs } = whole.choices[0]!;
    assert.equal(message.content, 'blue');
    assert.deepEqual(
      logprobs!.content.map(({ token, bytes, top_logprobs }) => [token, bytes, top_logprobs.length, top_logprobs[0]!.token]),
      [...'blue'].map((each) => [each, [each.charCodeAt(0)], 2, each]),
    );
    const values = logprobs!.content.map(({ logprob }) => logprob);
    assert.ok(values.every((each) => each <= 0 && each > -1));
    const streamed = await chunksOf<ChatChunk>('chat/completions', { messages, temperature: 0, logprobs: true });
    const told = streamed.flatMap(({ choices }) => choices[0]!.logprobs?.content ?? []);
    assert.deepEqual([told.map(({ token }) => token).join(''), told[0]!.top_logprobs], ['blue', []]);
    const completed = await chunksOf<TextChunk>('completions', { prompt, temperature: 0, logprobs: 0 });
    const written = completed.flatMap(({ choices }) => choices[0]!.logprobs?.token_logprobs ?? []);
    for (const [at, each] of values.entries())
      for (const other of [told[at]!.logprob, written[at]!]) assert.ok(Math.abs(other - each) < 1e-3, `${each}, ${other}`);
    const without = await answer<ChatAnswer>('chat/completions', { messages, temperature: 0 });
    assert.equal(without.choices[0]!.logprobs, null);
  });

  it('stay beside their text where a stop text takes tokens away, and where requests share the model', async () => {
    const stopped = await answer<ChatAnswer>('chat/completions', { messages, temperature: 0, logprobs: true, stop: 'ue' });
    assert.deepEqual(
      [stopped.choices[0]!.message.content, stopped.choices[0]!.logprobs!.content.map(({ token }) => token)],
      ['bl', ['b', 'l']],
    );
    const others = ['sky', 'snow', 'coal', 'grass'].map((thing) =>
      answer<ChatAnswer>('chat/completions', {
        messages: [{ role: 'user', content: `what colour is ${thing === 'sky' ? 'the sky' : thing}?` }],
        temperature: 0,
        ...(thing === 'coal' ? {} : { logprobs: true }),
      }),
    );
    const together = (await Promise.all(others)).map(({ choices }) => choices[0]!);
    assert.deepEqual(
      together.map(({ message, logprobs }) => [message.content, logprobs?.content.map(({ token }) => token).join('')]),
      [
        ['blue', 'blue'],
        ['white', 'white'],
        ['black', undefined],
        ['green', 'green'],
      ],
    );
  });

  it('come as choices with numbers, and the prompt is counted once', async () => {
    const one = await answer<ChatAnswer>('chat/completions', { messages, temperature: 0 });
    const six = await answer<ChatAnswer>('chat/completions', { messages, temperature: 0, n: 6, logprobs: true });
    assert.deepEqual(
      six.choices.map(({ index, message, logprobs }) => [index, message.content, logprobs!.content.length]),
      [0, 1, 2, 3, 4, 5].map((index) => [index, 'blue', 4]),
    );
    assert.deepEqual([six.usage.prompt_tokens, six.usage.completion_tokens], [one.usage.prompt_tokens, 6 * one.usage.completion_tokens]);
    const texts = Array.from({ length: 3 }, () => '');
    const ends: unknown[] = [];
    const chunks = await chunksOf<ChatChunk>('chat/completions', {
      messages,
      temperature: 0,
      n: 3,
      stream_options: { include_usage: true },
    });
    for (const { choices } of chunks)
      for (const { index, delta, finish_reason } of choices) {
        texts[index] += delta.content ?? '';
        if (finish_reason) ends.push(`${index} ${finish_reason}`);
      }
    assert.deepEqual(
      [texts, ends.sort()],
      [
        ['blue', 'blue', 'blue'],
        ['0 stop', '1 stop', '2 stop'],
      ],
    );
    assert.deepEqual([chunks.at(-1)!.choices, chunks.at(-1)!.usage!.completion_tokens], [[], six.usage.completion_tokens / 2]);
  });

  it('differ from each other, with a seed in a way that can be repeated', async () => {
    const asked = { prompt, n: 4, temperature: 2, top_p: 1, top_k: 0, min_p: 0, max_tokens: 12 };
    const texts = async (body: object) => (await answer<TextChunk>('completions', { ...asked, ...body })).choices.map(({ text }) => text);
    const [first, again] = [await texts({ seed: 7 }), await texts({ seed: 7 })];
    assert.deepEqual(again, first);
    assert.equal(new Set(first).size, 4, JSON.stringify(first));
    // Without a seed nothing is certain; but sixteen equal ones happen once in a million times.
    const without = await texts({ n: 16 });
    assert.ok(new Set(without).size > 1, JSON.stringify(without));
  });

  it('are refused where they make no sense', async () => {
    for (const [body, why] of [
      [{ n: 0 }, /at \/n/],
      [{ n: 129 }, /at \/n/],
      [{ logprobs: true, top_logprobs: 21 }, /at \/top_logprobs/],
      [{ top_logprobs: 2 }, /top_logprobs: It is told together with/],
    ] as const) {
      const response = await ask('chat/completions', { messages, ...body });
      const { error } = (await response.json()) as { error: { message: string } };
      assert.equal(response.status, 400);
      assert.match(error.message, why);
    }
  });
});

/** The model as torch ran it: without the token that llama.cpp puts before each text where the file says so. */
function withoutFirstToken(file: Buffer): Buffer {
  const key = 'tokenizer.ggml.add_bos_token';
  // Behind the key stands the type of the value in four bytes.
  const at = file.indexOf(key) + key.length + 4;
  assert.equal(file[at], 1);
  file[at] = 0;
  return file;
}
