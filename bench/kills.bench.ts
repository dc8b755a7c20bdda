import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { underKills } from '../test/contract/faults/underKills.ts';
import { type Benchmark, type Figure, figure } from './figure.ts';

const kills = 300;

export const benchmark: Benchmark = {
  name: 'kills',
  what: `kill -9 of the runner, and of the control plane, ${kills} times each at random points under pipelines and sweeps`,
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const figures: Figure[] = [];
    try {
      for (const kill of ['runner', 'plane'] as const) {
        const { jobs, wrong, doubled } = await underKills({ folder: path.join(folder, kill), seed: 1, kill, kills });
        for (const line of [...wrong, ...doubled]) console.log(`  ${line}`);
        figures.push(
          figure(`${kill} killed: jobs`, [jobs], 'jobs'),
          figure(`${kill} killed: jobs in a state that is not true`, [wrong.length], 'jobs', { atMost: 0 }),
          figure(`${kill} killed: commands run twice`, [doubled.length], 'commands', { atMost: 0 }),
        );
      }
      return figures;
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};
