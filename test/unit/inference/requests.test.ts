import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chatRequest, completionRequest } from '../../../src/inference/openai/requests.ts';
import { historyOf } from '../../../src/inference/worker/history.ts';
import { check } from '../../../src/protocol/check.ts';
import { ChatCompletionRequest } from '../../../src/protocol/openAi.ts';

const read = (body: object) =>
  chatRequest(check(ChatCompletionRequest, { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, 'The request'));

describe("OpenAI's requests", () => {
  it('are read with the defaults of local models', () => {
    assert.deepEqual(read({}), {
      messages: [{ role: 'user', text: 'hi' }],
      sampling: { temperature: 0.8, topP: 0.95, topK: 40, minP: 0.05, frequencyPenalty: 0, presencePenalty: 0 },
      stop: [],
    });
    const { sampling, stop, maxTokens } = read({ temperature: 0, seed: -1, stop: 'END', max_completion_tokens: 5, max_tokens: null });
    assert.deepEqual([sampling.temperature, sampling.seed, stop, maxTokens], [0, 4294967295, ['END'], 5]);
  });

  it('join the parts of a message, and take developers for the system', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    assert.deepEqual(read({ messages: [{ role: 'developer', content }] }).messages, [{ role: 'system', text: 'ab' }]);
  });

  it('bring a tool, its call and what it answered into one history', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const request = read({
      tools: [{ type: 'function', function: { name: 'weather', parameters } }],
      messages: [
        { role: 'user', content: 'And in Paris?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: '1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }],
        },
        { role: 'tool', tool_call_id: '1', content: 'sunny' },
      ],
    });
    assert.deepEqual(request.tools, [{ name: 'weather', parameters }]);
    assert.deepEqual(historyOf(request.messages), [
      { type: 'user', text: 'And in Paris?' },
      { type: 'model', response: [{ type: 'functionCall', name: 'weather', params: { city: 'Paris' }, result: 'sunny' }] },
    ]);
    assert.equal(read({ tools: [{ type: 'function', function: { name: 'weather' } }], tool_choice: 'none' }).tools, undefined);
  });

  const refused: [what: string, body: object, message: RegExp][] = [
    ['no answer at all', { n: 0 }, /at \/n/],
    ['other tokens without probabilities', { top_logprobs: 2 }, /top_logprobs: /],
    ['pictures', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, /"image_url" are not read here/],
    ['a tool that is not there', { tools: [], tool_choice: { type: 'function', function: { name: 'x' } } }, /which is none of the tools/],
    ['an answer of a tool without its call', { messages: [{ role: 'tool', content: 'x' }] }, /needs its tool_call_id/],
    [
      'JSON and tools at once',
      { response_format: { type: 'json_object' }, tools: [{ type: 'function', function: { name: 'x' } }] },
      /either calls tools or answers in JSON/,
    ],
    ['a temperature of 3', { temperature: 3 }, /at \/temperature/],
    ['messages that are none', { messages: 'hi' }, /at \/messages/],
  ];
  for (const [what, body, message] of refused) it(`refuse ${what} by name`, () => assert.throws(() => read(body), message));

  it('ask for the probabilities of tokens, and of others', () => {
    assert.equal(read({}).alternatives, undefined);
    assert.equal(read({ logprobs: true }).alternatives, 0);
    assert.equal(read({ logprobs: true, top_logprobs: 3 }).alternatives, 3);
    assert.equal(completionRequest({ model: 'm', prompt: 'once', logprobs: 0 }).alternatives, 0);
  });

  it('of a completion have one prompt', () => {
    assert.equal(completionRequest({ model: 'm', prompt: ['once'] }).prompt, 'once');
  });
});
