import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { lineLogger } from '../../../src/base/logger.ts';
import { ChangeStream, type ChangeStreamOptions } from '../../../src/client/feed/changeStream.ts';
import { ManualTimers, settle } from './manualTimers.ts';
import { ScriptedPlane } from './scriptedPlane.ts';

describe('a change stream', () => {
  let plane: ScriptedPlane;
  let timers: ManualTimers;
  let stream: ChangeStream;
  let seen: (number | string)[];
  let log: string[];

  const start = (options: ChangeStreamOptions = {}): ChangeStream => {
    const logger = lineLogger((line) => log.push(line.slice(25)));
    stream = new ChangeStream(plane.http, { timers, logger, backOff: (failures) => 100 * 2 ** failures, ...options });
    stream.onDidChange(({ seq }) => seen.push(seq));
    stream.onDidReset(() => seen.push('reset'));
    stream.onDidChangeState((state) => seen.push(state));
    return stream;
  };
  beforeEach(() => {
    plane = new ScriptedPlane();
    timers = new ManualTimers();
    seen = [];
    log = [];
  });
  afterEach(() => stream.dispose());

  it('is live when the plane has said where it starts, and goes on from its place after a cut', async () => {
    start();
    const first = await plane.next();
    assert.equal(first.url.search, '');
    first.open();
    await settle();
    assert.deepEqual(seen, []);
    first.place('start', { plane: 'a', seq: 7 }).change(8);
    await settle();
    first.cut();
    await settle();
    assert.deepEqual(seen, ['live', 8, 'disconnected']);
    await timers.advance(100);
    const second = await plane.next();
    assert.equal(second.url.search, '?plane=a&since=8');
    second.open().place('start', { plane: 'a', seq: 8 }).change(8).change(9);
    await settle();
    assert.deepEqual(seen, ['live', 8, 'disconnected', 'live', 9]);
    assert.deepEqual(stream.place, { plane: 'a', seq: 9 });
  });

  it('asks for the kinds that it wants, at first and from its place', async () => {
    start({ kinds: ['job', 'log'] });
    const first = await plane.next();
    assert.equal(first.url.searchParams.get('kinds'), 'job,log');
    assert.equal(first.url.searchParams.has('since'), false);
    first.open().place('start', { plane: 'a', seq: 7 }).end();
    await settle();
    await timers.advance(100);
    const second = await plane.next();
    assert.deepEqual(Object.fromEntries(second.url.searchParams), { plane: 'a', since: '7', kinds: 'job,log' });
  });

  it('tells of a gap when it talks to another plane, whose numbers may be higher or lower', async () => {
    for (const seq of [3, 700]) {
      seen = [];
      start({ since: { plane: 'a', seq: 50 } });
      // A plane that takes no notice of whose the number is.
      (await plane.next())
        .open()
        .place('start', { plane: 'b', seq })
        .change(seq + 1);
      await settle();
      assert.deepEqual(seen, ['live', 'reset', seq + 1]);
      assert.deepEqual(stream.place, { plane: 'b', seq: seq + 1 });
      stream.dispose();
    }
  });

  it('takes a reset in mid-stream', async () => {
    start({ since: { plane: 'a', seq: 1 } });
    (await plane.next()).open().place('start', { plane: 'a', seq: 1 }).change(2).place('reset', { plane: 'a', seq: 90 }).change(91);
    await settle();
    assert.deepEqual(seen, ['live', 2, 'reset', 91]);
  });

  it('passes over what it does not understand, says so once, and counts it', async () => {
    start();
    const connection = (await plane.next()).open().place('start', { plane: 'a', seq: 0 });
    connection.change(1, { kind: 'hologram' }).change(2, { kind: 'hologram' }).change(3);
    connection
      .send('event: change\ndata: {"seq": 4, "kind"\nid: 4\n\n')
      .send('event: change\ndata: []\nid: 5\n\n')
      .change(6, { op: 'frobnicate' });
    connection.send('event: news\ndata: {}\n\n').send('event: change\ndata: nothing\n\n');
    await settle();
    assert.deepEqual([seen, stream.place?.seq, plane.connections.length], [['live', 3], 6, 1]);
    assert.equal(log.length, 2);
    assert.match(log[0]!, /^warn .*"hologram"/);
    assert.match(log[1]!, /^warn changes are passed over/);
    connection.cut();
    await settle();
    await timers.advance(100);
    assert.equal((await plane.next()).url.search, '?plane=a&since=6');
  });

  it('reads CRLF and characters that are cut in two', async () => {
    start();
    const ids: string[] = [];
    stream.onDidChange(({ id }) => ids.push(id));
    const connection = (await plane.next()).open();
    const change = { seq: 1, kind: 'model', id: 'größe 🚀', op: 'put', at: '' };
    const text = `event: start\r\ndata: {"plane":"a","seq":0}\r\n\r\nevent: change\r\ndata: ${JSON.stringify(change)}\r\nid: 1\r\n\r\n`;
    for (const byte of new TextEncoder().encode(text)) connection.send(Uint8Array.of(byte));
    await settle();
    assert.deepEqual(ids, ['größe 🚀']);
  });

  it('waits longer and longer for a plane that takes connections and drops them', async () => {
    start();
    for (const ms of [100, 200, 400, 800]) {
      (await plane.next()).open().place('start', { plane: 'a', seq: 0 }).end();
      await settle();
      assert.deepEqual(timers.left, [ms]);
      await timers.advance(ms);
    }
    // A change is a reason to be quick again.
    (await plane.next()).open().place('start', { plane: 'a', seq: 0 }).change(1).end();
    await settle();
    assert.deepEqual(timers.left, [100]);
    await timers.advance(100);
    (await plane.next()).refuse();
    await settle();
    assert.deepEqual(timers.left, [200]);
    await timers.advance(200);
    // So is a connection that held for a while.
    const held = (await plane.next()).open().place('start', { plane: 'a', seq: 1 });
    await settle();
    await timers.advance(5000);
    held.cut();
    await settle();
    assert.deepEqual(timers.left, [100]);
  });

  it('gives up a connection on which nothing is heard, before or after its answer', async () => {
    start();
    const mute = await plane.next();
    await timers.advance(44_999);
    assert.equal(mute.signal?.aborted, false);
    await timers.advance(1);
    assert.equal(mute.signal?.aborted, true);
    await timers.advance(100);
    const second = (await plane.next()).open().place('start', { plane: 'a', seq: 0 });
    for (let i = 0; i < 5; i++) {
      await timers.advance(30_000);
      second.send(': ping\n\n');
      await settle();
    }
    assert.equal(second.signal?.aborted, false);
    await timers.advance(45_000);
    assert.equal(second.signal?.aborted, true);
    await timers.advance(100);
    assert.equal((await plane.next()).url.search, '?plane=a&since=0');
  });

  it('logs what its listeners throw, and tells the others all the same', async () => {
    start();
    stream.onDidChange(() => {
      throw new Error('my own mistake');
    });
    stream.onDidChange(async () => {
      throw new Error('my later mistake');
    });
    const after: number[] = [];
    stream.onDidChange(({ seq }) => after.push(seq));
    (await plane.next()).open().place('start', { plane: 'a', seq: 0 }).change(1).change(2);
    await settle();
    assert.deepEqual([after, plane.connections.length], [[1, 2], 1]);
    assert.equal(
      log.filter((line) => /^error a listener for the changes of the change feed failed: Error: my (own|later) mistake\n/.test(line))
        .length,
      4,
    );
  });

  it('asks where the plane is before it connects again, and connects at once when it is told to', async () => {
    const moved = new ScriptedPlane();
    start({ reconnect: async () => moved.http });
    (await plane.next()).refuse();
    await settle();
    stream.retryNow();
    (await moved.next()).open().place('start', { plane: 'a', seq: 0 });
    await settle();
    assert.deepEqual([seen, timers.now()], [['disconnected', 'live'], 0]);
  });

  it('holds no connection while it rests, and goes on from its place', async () => {
    start();
    const first = (await plane.next()).open().place('start', { plane: 'a', seq: 4 }).change(5);
    await settle();
    stream.pause();
    assert.equal(first.signal?.aborted, true);
    await timers.advance(60_000);
    stream.retryNow();
    await settle();
    assert.equal(plane.connections.length, 1);
    stream.resume();
    const second = await plane.next();
    assert.equal(second.url.search, '?plane=a&since=5');
    stream.pause();
    stream.resume();
    (await plane.next()).open().place('start', { plane: 'a', seq: 5 }).change(6);
    await settle();
    assert.deepEqual(seen, ['live', 5, 'connecting', 'live', 6]);
  });

  it('says nothing more once it is disposed of', async () => {
    start();
    const connection = (await plane.next()).open().place('start', { plane: 'a', seq: 0 });
    stream.onDidChange(() => stream.dispose());
    connection.change(1).change(2);
    await settle();
    assert.deepEqual(seen, ['live', 1]);
    assert.deepEqual([connection.signal?.aborted, timers.left], [true, []]);
  });
});
