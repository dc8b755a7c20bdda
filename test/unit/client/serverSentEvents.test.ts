import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { serverSentEvents } from '../../../src/client/feed/serverSentEvents.ts';

const stream = '\uFEFFevent: start\r\ndata: 7\r\n\r\n: ping\n\nevent: change\nid: 8\ndata: {"a":\ndata: "ü"}\n\ndata: cut off';
const expected = [
  { event: 'start', data: '7', id: '' },
  { event: 'change', data: '{"a":\n"ü"}', id: '8' },
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

  it('takes any of the three line ends, and a field without a value', async () => {
    const text = 'event: a\rdata: 1\r\rdata:2\ndata\ndata:  x:y\r\n\r\nevent: nothing\n\n';
    assert.deepEqual(await parse([new TextEncoder().encode(text)]), [
      { event: 'a', data: '1', id: '' },
      { event: 'message', data: '2\n\n x:y', id: '' },
    ]);
  });
});
