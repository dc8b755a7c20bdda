import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type ListPage, PagedList } from '../../../src/extension/state/pagedList.ts';

describe('a list that is read page by page', () => {
  it('keeps what came in while its first page was on the way, once', async () => {
    const { promise, resolve } = Promise.withResolvers<ListPage<string>>();
    const list = new PagedList(() => promise);
    const loaded = list.load();
    list.addFirst('new');
    list.addFirst('known');
    resolve({ items: ['known', 'old'] });
    assert.deepEqual(await loaded, ['new', 'known', 'old']);
    assert.deepEqual(await list.load(), ['new', 'known', 'old']);
  });

  it('tries again after an error', async () => {
    let calls = 0;
    const list = new PagedList(async () => {
      calls += 1;
      if (calls === 1) throw new Error('no answer');
      return { items: [calls] };
    });
    await assert.rejects(list.load(), /no answer/);
    assert.deepEqual(await list.load(), [2]);
  });
});
