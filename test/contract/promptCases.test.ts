import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { deletePromptCase, keepPromptCase, listPromptCases } from '../../src/client/promptCases.ts';
import { mostPromptCases, mostPromptCaseText, type PromptCaseBody } from '../../src/protocol/promptCase.ts';
import { startPlane, type TestPlane } from './plane.ts';

const sky: PromptCaseBody = {
  name: 'the sky',
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'what colour is the sky?' },
  ],
  settings: { temperature: 0 },
  expected: 'blue',
};

describe('prompts that are kept as test cases', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startPlane();
  });
  after(() => plane.remove());
  const keep = (body: object) => keepPromptCase(plane.client.http, body as PromptCaseBody);

  it('are listed, the newest first, and deleted, and the feed tells of each', async () => {
    const { http } = plane.client;
    const told: string[] = [];
    const changes = new ChangeStream(http, { kinds: ['promptCase'] });
    const all = new Promise<void>((resolve) => {
      changes.onDidChange(({ op, id }) => {
        told.push(`${op} ${id}`);
        if (op === 'delete') resolve();
      });
    });
    await new Promise<void>((resolve) => changes.onDidChangeState((state) => state === 'live' && resolve()));
    const kept = await keep(sky);
    assert.deepEqual({ ...kept, id: '', at: '' }, { ...sky, id: '', at: '' });
    const again = await keep({ ...sky, name: 'again', expected: '' });
    assert.deepEqual(new Set((await listPromptCases(http)).map(({ name }) => name)), new Set(['the sky', 'again']));
    await deletePromptCase(http, kept.id);
    assert.deepEqual(
      (await listPromptCases(http)).map(({ id }) => id),
      [again.id],
    );
    await all;
    changes.dispose();
    assert.deepEqual(told, [`put ${kept.id}`, `put ${again.id}`, `delete ${kept.id}`]);
    await deletePromptCase(http, again.id);
  });

  it('are refused where they are none, too long, or too many', async () => {
    for (const [body, why] of [
      [{ ...sky, name: '' }, /at \/name/],
      [{ ...sky, messages: [] }, /at \/messages/],
      [{ ...sky, messages: [{ role: 'robot', content: '' }] }, /at \/messages/],
      [{ ...sky, expected: 'x'.repeat(mostPromptCaseText) }, /has more than \d+ characters/],
    ] as const)
      await assert.rejects(keep(body), why);
    for (let at = 0; at < mostPromptCases; at++) await keep(sky);
    await assert.rejects(keep(sky), /keeps 500 test cases already/);
  });
});
