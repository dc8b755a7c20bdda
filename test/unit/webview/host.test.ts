import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import type { FromWebview } from '../../../src/protocol/webview.ts';
import { MessageFetch } from '../../../webview/shared/host/messageFetch.ts';
import { PageState } from '../../../webview/shared/host/pageState.ts';

describe('a page and its host', () => {
  it('carries a request out and its answer back in pieces', async () => {
    const sent: FromWebview[] = [];
    const messages = new MessageFetch((message) => sent.push(message));
    const client = new PlaneClient({ url: 'http://plane', token: '', fetch: messages.fetch });
    const answer = client.getJob('a b');
    const [request] = sent as Extract<FromWebview, { type: 'fetch' }>[];
    assert.match(request!.path, /^\/subscriptions\/.*\/jobs\/a%20b$/);
    messages.receive({ type: 'response', id: request!.id, status: 200, headers: {} });
    for (const piece of ['{"name":', '"a b"}']) messages.receive({ type: 'chunk', id: request!.id, data: new TextEncoder().encode(piece) });
    messages.receive({ type: 'end', id: request!.id });
    assert.equal((await answer).name, 'a b');
  });

  it('tells a failure before the answer from one within it', async () => {
    const sent: FromWebview[] = [];
    const messages = new MessageFetch((message) => sent.push(message));
    const refused = messages.fetch('http://plane/x');
    messages.receive({ type: 'end', id: 1, error: 'not allowed' });
    await assert.rejects(refused, /not allowed/);
    const broken = messages.fetch('http://plane/y');
    messages.receive({ type: 'response', id: 2, status: 200, headers: {} });
    messages.receive({ type: 'end', id: 2, error: 'gone' });
    await assert.rejects((await broken).text(), /gone/);
  });

  it('lets go of a request that nobody waits for', async () => {
    const sent: FromWebview[] = [];
    const messages = new MessageFetch((message) => sent.push(message));
    const abort = new AbortController();
    const request = messages.fetch('http://plane/changes', { signal: abort.signal });
    abort.abort();
    await assert.rejects(request);
    assert.deepEqual(sent.at(-1), { type: 'abort', id: 1 });
    // What still comes for it is nobody's.
    assert.equal(messages.receive({ type: 'end', id: 1 }), true);
  });

  it('keeps only values of the right shape', () => {
    const kept = new Map<string, unknown>([
      ['tab', 7],
      ['keys', ['a', 1]],
      ['closed', ['x']],
    ]);
    const state = new PageState({ read: (key) => kept.get(key), write: (key, value) => kept.set(key, value) });
    assert.equal(state.get('tab', 'overview'), 'overview');
    assert.deepEqual(state.get('keys', [] as string[]), []);
    assert.deepEqual(state.get('closed', [] as string[]), ['x']);
    state.set('log', false, false);
    assert.equal(kept.get('log'), undefined);
  });

  it('takes what has the shape of an example, and nothing else', () => {
    const kept = new Map<string, unknown>();
    const state = new PageState({ read: (key) => kept.get(key), write: (key, value) => kept.set(key, value) });
    const get = (value: unknown, like: unknown) => {
      kept.set('it', value);
      return state.get<unknown>('it', 'no', like);
    };
    assert.deepEqual(get({ acc: 80, '': 1 }, { '': 0 }), { acc: 80, '': 1 });
    assert.equal(get({ acc: 'wide' }, { '': 0 }), 'no');
    assert.equal(get(['acc'], { '': 0 }), 'no');
    assert.deepEqual(get([{ x: 1, y: 'a' }], [{ x: 0, y: '' }]), [{ x: 1, y: 'a' }]);
    for (const wrong of [[{ x: 1 }], [{ x: 1, y: 'a', z: 1 }], [null], [1], null, {}, 'x'])
      assert.equal(get(wrong, [{ x: 0, y: '' }]), 'no', JSON.stringify(wrong));
    assert.equal(get(JSON.parse('{"__proto__": 1}'), { '': '' }), 'no');
  });
});
