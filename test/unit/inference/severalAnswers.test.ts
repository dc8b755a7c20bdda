import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'mocha';
import type { Answer } from '../../../src/inference/chat.ts';
import { severalAnswers } from '../../../src/inference/openai/severalAnswers.ts';

const never = new AbortController().signal;
const untilEnded = async (signal: AbortSignal): Promise<Answer> => {
  await once(signal, 'abort');
  throw signal.reason;
};

describe('several answers to one request', () => {
  it('end with the first that fails', async () => {
    const crash = new Error('crashed');
    let ended = 0;
    const make = (index: number, signal: AbortSignal) => (index === 1 ? Promise.reject(crash) : untilEnded(signal).finally(() => ended++));
    await assert.rejects(severalAnswers(4, make, never), crash);
    assert.equal(ended, 3);
  });

  it('end when who asked has hung up', async () => {
    const asked = new AbortController();
    const answers = severalAnswers(2, (_, signal) => untilEnded(signal), asked.signal);
    asked.abort(new Error('hung up'));
    await assert.rejects(answers, /hung up/);
  });
});
