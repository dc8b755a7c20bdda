import fc from 'fast-check';
import { killedPlane } from '../test/contract/faults/killedPlane.ts';
import { seeded } from '../test/contract/faults/random.ts';
import { openWorld, runHistory, steps } from '../test/contract/syncHistories.ts';
import { type Benchmark, figure, timed } from './figure.ts';

/** UPDRAFT_BENCH_HISTORIES says how many, UPDRAFT_BENCH_SEED which ones; so many go on at the same time, since mostly they wait. */
const histories = Number(process.env.UPDRAFT_BENCH_HISTORIES ?? 2000);
const seed = Number(process.env.UPDRAFT_BENCH_SEED ?? 1000);
const together = 8;
/** Milliseconds from a start of the team's plane to the kill, at most. */
const killEvery = 10_000;

export const benchmark: Benchmark = {
  name: 'sync',
  what: `${histories} histories of two laptops and the plane of their team, over a network that loses, doubles and delays; the plane is killed now and then`,
  async run() {
    const killed = await killedPlane(seeded(seed), killEvery);
    const world = await openWorld(killed);
    let [count, wrong] = [0, 0];
    try {
      const property = fc.asyncProperty(steps, async (history) => {
        await runHistory(world, `h${count++}`, history);
        if (count % 100 === 0) console.log(`  ${count} of ${histories}`);
      });
      const ms = await timed(async () => {
        const runs = Array.from({ length: together }, (_, which) =>
          fc.assert(property, { seed: seed + which, numRuns: Math.ceil(histories / together), endOnFailure: true }),
        );
        for (const result of await Promise.allSettled(runs)) {
          if (result.status === 'fulfilled') continue;
          wrong++;
          console.log(result.reason);
        }
      });
      return [
        figure('histories', [count], 'histories'),
        figure('histories after which the planes differ, or something is missing', [wrong], 'histories', { atMost: 0 }),
        figure('kills of the plane of the team', [killed.kills], 'kills'),
        figure('a history', [ms / count], 'ms'),
      ];
    } finally {
      await world.remove();
    }
  },
};
