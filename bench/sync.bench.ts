import fc from 'fast-check';
import { openWorld, runHistory, steps } from '../test/contract/syncHistories.ts';
import { type Benchmark, figure, timed } from './figure.ts';

/** UPDRAFT_BENCH_HISTORIES says how many; so many go on at the same time, since mostly they wait. */
const histories = Number(process.env.UPDRAFT_BENCH_HISTORIES ?? 2000);
const together = 8;

export const benchmark: Benchmark = {
  name: 'sync',
  what: `${histories} histories of two laptops and the plane of their team, over a network that loses, doubles and delays`,
  async run() {
    const world = await openWorld();
    let [count, wrong] = [0, 0];
    try {
      const property = fc.asyncProperty(steps, async (history) => {
        await runHistory(world, `h${count++}`, history);
        if (count % 100 === 0) console.log(`  ${count} of ${histories}`);
      });
      const ms = await timed(async () => {
        const runs = Array.from({ length: together }, (_, seed) =>
          fc.assert(property, { seed: 1000 + seed, numRuns: Math.ceil(histories / together), endOnFailure: true }),
        );
        for (const result of await Promise.allSettled(runs)) {
          if (result.status === 'fulfilled') continue;
          wrong++;
          console.log(`  ${result.reason instanceof Error ? result.reason.message : result.reason}`);
        }
      });
      return [
        figure('histories', [count], 'histories'),
        figure('histories after which the planes differ, or something is missing', [wrong], 'histories', { atMost: 0 }),
        figure('a history', [ms / count], 'ms'),
      ];
    } finally {
      await world.remove();
    }
  },
};
