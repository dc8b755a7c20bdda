import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Toll, underFaults } from '../test/contract/faults/underFaults.ts';
import { type Benchmark, type Figure, figure } from './figure.ts';

const rounds = 50;

export const benchmark: Benchmark = {
  name: 'faults',
  what: `a pipeline of 40 steps on a runner whose network breaks, ${rounds} times with the runner killed three times and ${rounds} times with the plane`,
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const figures: Figure[] = [];
    try {
      for (const kill of ['runner', 'plane'] as const) {
        const tolls: Toll[] = [];
        for (let round = 0; round < rounds; round++) {
          const at = path.join(folder, `${kill}-${round}`);
          const network = { mostBytes: 100_000, outages: { everyMs: [1000, 3000] as [number, number], mostMs: 1500 } };
          tolls.push(await underFaults({ folder: at, seed: round, kill, kills: 3, network, stepSeconds: 0.3 }));
          rmSync(at, { recursive: true, force: true, maxRetries: 10 });
        }
        const count = (key: 'stranded' | 'doubled' | 'missing') => [tolls.reduce((sum, toll) => sum + toll[key].length, 0)];
        for (const toll of tolls) for (const line of [...toll.stranded, ...toll.doubled, ...toll.missing]) console.log(`  ${line}`);
        figures.push(
          figure(
            `${kill} killed: connections cut in a round`,
            tolls.map(({ cuts }) => cuts),
            'cuts',
          ),
          figure(`${kill} killed: jobs stranded`, count('stranded'), 'jobs', { atMost: 0 }),
          figure(`${kill} killed: steps run twice`, count('doubled'), 'steps', { atMost: 0 }),
          figure(`${kill} killed: steps not run`, count('missing'), 'steps', { atMost: 0 }),
        );
      }
      return figures;
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};
