import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { killUnderWriters } from '../test/contract/killUnderWriters.ts';
import { type Benchmark, figure } from './figure.ts';

const kills = 200;

export const benchmark: Benchmark = {
  name: 'survival',
  what: `kill -9 of the control plane ${kills} times at random points under 8 writers`,
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    try {
      const { acknowledged, lost, doubled } = await killUnderWriters(folder, kills);
      return [
        figure('writes acknowledged', [acknowledged], 'writes'),
        figure('acknowledged writes lost', [lost.length], 'writes', { atMost: 0 }),
        figure('writes doubled', [doubled.length], 'writes', { atMost: 0 }),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};
