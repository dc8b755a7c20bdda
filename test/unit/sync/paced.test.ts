import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Meter, Pace, pacedDownload, pacedUpload } from '../../../src/sync/process/paced.ts';
import { ManualTimers, settle } from '../client/manualTimers.ts';

describe('the pace of sending', () => {
  it('lets no more through than the limit, over any time, whatever the pieces', async () => {
    const timers = new ManualTimers();
    const pace = new Pace(timers);
    pace.limit(1000);
    let through = 0;
    const send = async (bytes: number) => {
      await pace.take(bytes);
      through += bytes;
    };
    // Two jobs at the same time.
    const [some, others] = [
      (async () => {
        for (let at = 0; at < 40; at++) await send(100);
      })(),
      (async () => {
        for (let at = 0; at < 8; at++) await send(500);
      })(),
    ];
    await settle();
    for (let second = 1; second <= 9; second++) {
      await timers.advance(1000);
      assert.ok(through <= 1000 * second + 1000, `${through} bytes after ${second} s`);
      assert.ok(through >= 1000 * second - 500 || through === 8000, `${through} bytes after ${second} s`);
    }
    await Promise.all([some, others]);
    assert.equal(through, 8000);
  });

  it('goes on at once when the limit is taken away, and ends with its signal', async () => {
    const timers = new ManualTimers();
    const pace = new Pace(timers);
    pace.limit(1);
    await pace.take(1_000_000);
    const stop = new AbortController();
    const stopped = assert.rejects(pace.take(1, stop.signal), /enough/);
    const waits = pace.take(1);
    stop.abort(new Error('enough'));
    await stopped;
    pace.limit(undefined);
    await waits;
  });

  it('counts and holds up what requests send, and what answers bring', async () => {
    const timers = new ManualTimers();
    const pace = new Pace(timers);
    const meter = new Meter(timers, () => {});
    const seen: number[] = [];
    const server = async (_url: string, init?: RequestInit) => {
      seen.push((await new Response(init?.body ?? null).arrayBuffer()).byteLength);
      return new Response('x'.repeat(300_000));
    };
    const upload = pacedUpload(server, pace, () => meter);
    await upload('http://x', { method: 'PUT', body: new Uint8Array(500) });
    await upload('http://x', { method: 'PUT', body: new Blob(['y'.repeat(200_000)]).stream(), duplex: 'half' } as RequestInit);
    await upload('http://x', { method: 'POST', body: '{}' });
    assert.deepEqual(seen, [500, 200_000, 2]);
    assert.equal(meter.bytes, 200_502);
    assert.equal((await (await pacedDownload(server, pace, () => meter)('http://x')).text()).length, 300_000);
    assert.equal(meter.bytes, 500_502);
    pace.limit(100_000);
    const held = pacedDownload(server, pace, () => meter)('http://x').then((answer) => answer.text());
    let isThere = false;
    held.then(() => {
      isThere = true;
    }, assert.fail);
    const began = timers.now();
    while (!isThere) await timers.advance(100);
    const took = timers.now() - began;
    assert.ok(took >= 2000 && took <= 3000, `${took} ms`);
    assert.equal((await held).length, 300_000);
    assert.ok(meter.bytesPerSecond > 0);
  });

  it('holds up bytes that are sent at once in the same small pieces as a stream', async () => {
    const timers = new ManualTimers();
    const pace = new Pace(timers);
    const meter = new Meter(timers, () => {});
    pace.limit(100_000);
    let arrived: ArrayBuffer | undefined;
    const server = async (_url: string, init?: RequestInit) => {
      arrived = await new Response(init?.body ?? null).arrayBuffer();
      return new Response('');
    };
    const content = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
    const sending = pacedUpload(server, pace, () => meter)('http://x', { method: 'POST', body: content });
    for (let second = 1; second <= 8; second++) {
      for (let tenth = 0; tenth < 10; tenth++) await timers.advance(100);
      assert.ok(meter.bytes <= 100_000 * second + 65_536, `${meter.bytes} bytes after ${second} s`);
      assert.ok(meter.bytes >= 100_000 * second - 65_536, `${meter.bytes} bytes after ${second} s`);
    }
    while (meter.bytes < content.byteLength) await timers.advance(100);
    await sending;
    assert.deepEqual(new Uint8Array(arrived!), content);
  });
});
