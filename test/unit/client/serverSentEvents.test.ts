import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { serverSentEvents } from '../../../src/client/feed/serverSentEvents.ts';

const stream = '\uFEFFevent: start\r\ndata: 7\r\n\r\n: ping\n\nevent: change\nid: 8\ndata: {"a":\ndata: "ü"}\n\ndata: cut off';
const expected = [
  { event: 'start', data: '7' },
  { event: 'change', data: '{"a":\n"ü"}' },
];

async function parse(chunks: Uint8Array[]): Promise<unknown[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return Array.fromAsync(serverSentEvents(body));
}

describe('serverSentEvents', () => {
  it('reads events wherever the network cuts them', async () => {
    const bytes = new TextEncoder().encode(stream);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        assert.deepEqual(await parse(at.slice(1).map((end, i) => bytes.subarray(at[i], end))), expected);
      }),
    );
  });
});
