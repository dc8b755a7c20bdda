import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { pageOfLink, pathOfPage } from '../../../src/protocol/pageLink.ts';

describe('a link to a page', () => {
  it('leads to what it was made from', () => {
    for (const address of [
      { page: 'runs', name: 'digits/sweep & ü' },
      { page: 'runs', name: '' },
      { page: 'job', name: 'a_1', tab: 'log' },
      { page: 'model', name: 'digits' },
      { page: 'model', name: 'digits', registry: 'lab' },
      { page: 'environment', name: 'a/b', registry: 'lab' },
      {
        page: 'runs',
        name: 'x',
        tab: 'charts',
        state: { filter: "metrics.`val acc` > 0.5 AND params.lr = '1'", selected: ['a', 'b'], which: '7', log: true },
      },
    ] as const) {
      const link = new URL(`vscode://updraft.updraft${pathOfPage(address as never)}`);
      assert.deepEqual(pageOfLink(link.pathname, link.search.slice(1)), address);
    }
  });

  it('that leads nowhere says so', () => {
    for (const path of [
      '',
      '/',
      '/jobs',
      '/models/',
      '/settings/x',
      '/../jobs',
      '/registries',
      '/registries/lab',
      '/registries/lab/jobs/x',
      '/registries/lab/toString/x',
    ])
      assert.throws(() => pageOfLink(path, ''), { code: 'InvalidArgument' });
    assert.throws(() => pageOfLink('/runs/x', `filter=${'x'.repeat(300_000)}`), { code: 'InvalidArgument' });
    assert.deepEqual(pageOfLink('/runs/%E0%A4%A', '__proto__=1&tab=').name, '%E0%A4%A');
  });
});
