import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { openWorld, runHistory, steps, type World } from './syncHistories.ts';

/** Histories in all, and how many of them go on at the same time: mostly they wait. */
const [histories, together] = [30, 6];

describe('two laptops and the plane of their team, over a network that loses, doubles and delays', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.remove());

  it(`have the same in the end, with nothing missing and every conflict told, in ${histories} histories`, async function () {
    this.timeout(180_000);
    let count = 0;
    const property = fc.asyncProperty(steps, (history) => runHistory(world, `h${count++}`, history));
    await Promise.all(
      Array.from({ length: together }, (_, seed) =>
        fc.assert(property, { seed: 100 + seed, numRuns: histories / together, endOnFailure: true }),
      ),
    );
  });
});
