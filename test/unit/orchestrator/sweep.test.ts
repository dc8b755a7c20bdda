import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { terminations } from '../../../src/orchestrator/sweep/earlyTermination.ts';
import { nextTrials, type Trial } from '../../../src/orchestrator/sweep/nextTrials.ts';
import { samplerOf } from '../../../src/orchestrator/sweep/sampling.ts';
import { inverseNormal, normal, searchSpaceOf } from '../../../src/orchestrator/sweep/searchSpace.ts';
import { sobol, sobolDimensions } from '../../../src/orchestrator/sweep/sobol.ts';
import type { JobStatus, SweepJob } from '../../../src/protocol/job.ts';
import type { Distribution } from '../../../src/protocol/sweep.ts';

const space = (searchSpace: Record<string, Distribution>, samplingAlgorithmType: string, more: object = {}) =>
  samplerOf({ searchSpace, samplingAlgorithm: { samplingAlgorithmType: samplingAlgorithmType as 'Grid', ...more } }, 'job');

describe('the search space', () => {
  const valuesOf = (distribution: Distribution) => {
    const [parameter] = searchSpaceOf({ x: distribution });
    return Array.from({ length: 1000 }, (_each, index) => Number(parameter!.valueAt((index + 0.5) / 1000)));
  };
  it('keeps every distribution within its range and rule', () => {
    for (const value of valuesOf(['uniform', [2, 3]])) assert.ok(value >= 2 && value <= 3);
    for (const value of valuesOf(['loguniform', [-3, 0]])) assert.ok(value >= Math.exp(-3) && value <= 1);
    for (const value of valuesOf(['quniform', [1, 10, 3]])) assert.ok(Number.isInteger(value / 3), `${value}`);
    for (const value of valuesOf(['qloguniform', [0, 3, 0.5]])) assert.ok(Number.isInteger(value / 0.5), `${value}`);
    for (const value of valuesOf(['qnormal', [10, 2, 0.1]])) assert.ok(Math.abs(value * 10 - Math.round(value * 10)) < 1e-9);
    assert.deepEqual([...new Set(valuesOf(['randint', [4]]))], [0, 1, 2, 3]);
    const bell = valuesOf(['normal', [5, 2]]);
    assert.ok(Math.abs(bell.reduce((sum, value) => sum + value, 0) / 1000 - 5) < 0.01);
    assert.ok(Math.abs(Math.sqrt(bell.reduce((sum, value) => sum + (value - 5) ** 2, 0) / 1000) - 2) < 0.02);
    assert.throws(() => searchSpaceOf({ x: ['uniform', [1, 1]] }), /"x" is empty/);
  });
  it('leads back from a value to where it was drawn', () => {
    for (const distribution of [
      ['uniform', [2, 3]],
      ['loguniform', [-3, 0]],
      ['normal', [5, 2]],
      ['lognormal', [0, 1]],
      ['choice', [['a', 'b', 'c']]],
    ] as Distribution[]) {
      const [parameter] = searchSpaceOf({ x: distribution });
      for (const unit of [0.1, 0.5, 0.9])
        assert.equal(
          parameter!
            .valueAt(parameter!.unitOf(parameter!.valueAt(unit)))
            .toString()
            .slice(0, 6),
          parameter!.valueAt(unit).toString().slice(0, 6),
        );
    }
    assert.ok(Math.abs(normal(inverseNormal(0.975)) - 0.975) < 1e-6);
    assert.ok(Math.abs(inverseNormal(0.975) - 1.959964) < 1e-4);
  });
});

describe('sampling', () => {
  it('goes through the grid once, the last parameter fastest', () => {
    const sampler = space({ a: ['choice', [['x', 'y']]], b: ['choice', [[1, 2, 3]]] }, 'Grid');
    assert.equal(sampler.size, 6);
    assert.deepEqual(
      [0, 1, 3, 5].map((index) => sampler.values(index, [])),
      [
        { a: 'x', b: 1 },
        { a: 'x', b: 2 },
        { a: 'y', b: 1 },
        { a: 'y', b: 3 },
      ],
    );
    assert.throws(() => space({ a: ['uniform', [0, 1]] }, 'Grid'), /"a" is a range/);
  });
  it('draws the same for the same seed, something else for another, and nothing twice where little is possible', () => {
    const draw = (seed: number) =>
      Array.from({ length: 8 }, (_each, index) => space({ x: ['uniform', [0, 1]] }, 'Random', { seed }).values(index, []).x);
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
    assert.equal(new Set(draw(1)).size, 8);
    const few = space({ a: ['choice', [['x', 'y']]], b: ['randint', [3]] }, 'Random');
    assert.equal(few.size, 6);
    assert.equal(new Set(Array.from({ length: 6 }, (_each, index) => JSON.stringify(few.values(index, [])))).size, 6);
  });
  it('spreads a Sobol sequence evenly in each dimension and in pairs', () => {
    for (let dimension = 0; dimension < sobolDimensions; dimension++) {
      for (const shift of [0, 0.3]) {
        const cells = new Set(Array.from({ length: 64 }, (_each, index) => Math.floor(sobol(index, dimension, shift) * 64)));
        assert.equal(cells.size, 64, `dimension ${dimension}`);
      }
    }
    // The first two dimensions are a (0, 2)-sequence: one point in each of 8 x 8 cells.
    const pairs = new Set(
      Array.from({ length: 64 }, (_each, index) => `${Math.floor(sobol(index, 0, 0) * 8)},${Math.floor(sobol(index, 1, 0) * 8)}`),
    );
    assert.equal(pairs.size, 64);
  });
  it('learns where good values are better than chance does, for numbers and for choices, by the same seed the same way', () => {
    const loss = ({ x, kind }: Record<string, unknown>) => (Math.log10(Number(x)) + 3) ** 2 + (kind === 'good' ? 0 : 1);
    const searchSpace: Record<string, Distribution> = {
      x: ['loguniform', [Math.log(1e-6), 0]],
      kind: ['choice', [['bad', 'good', 'worse']]],
    };
    const search = (type: string, seed: number) => {
      const sampler = space(searchSpace, type, { seed });
      const seen: { values: Record<string, string | number | boolean>; loss: number }[] = [];
      for (let index = 0; index < 30; index++) {
        const values = sampler.values(index, seen);
        seen.push({ values, loss: loss(values) });
      }
      return seen;
    };
    const mean = (type: string) =>
      Array.from({ length: 10 }, (_each, seed) => search(type, seed).slice(-10))
        .flat()
        .reduce((sum, { loss: each }) => sum + each, 0) / 100;
    assert.deepEqual(search('Bayesian', 3), search('Bayesian', 3));
    assert.ok(mean('Bayesian') < mean('Random') / 3, `${mean('Bayesian')} against ${mean('Random')}`);
  });
});

describe('early termination', () => {
  const running = (name: string, ...reported: number[]) => ({ name, isRunning: true, reported });
  const names = (found: { name: string }[]) => found.map(({ name }) => name);
  it('bandit: outside of the slack of the best at the same interval, either way of the goal', () => {
    const policy = { policyType: 'Bandit' as const, slackFactor: 0.2, evaluationInterval: 1 };
    assert.deepEqual(names(terminations(policy, 'maximize', [running('a', 0.8), running('b', 0.67), running('c', 0.66)])), ['c']);
    assert.deepEqual(names(terminations(policy, 'minimize', [running('a', 1), running('b', 1.2), running('c', 1.21)])), ['c']);
    assert.deepEqual(names(terminations(policy, 'maximize', [running('a', -1), running('b', -1.1)])), []);
    assert.deepEqual(names(terminations({ policyType: 'Bandit', slackAmount: 0.1 }, 'maximize', [running('a', 0.8), running('b', 0.69)])), [
      'b',
    ]);
    // A trial that is ahead in time is compared with itself as it was.
    assert.deepEqual(names(terminations(policy, 'maximize', [running('a', 0.5, 0.9), running('b', 0.5)])), []);
  });
  it('looks only at its intervals and after its delay', () => {
    const policy = { policyType: 'Bandit' as const, slackFactor: 0, evaluationInterval: 2, delayEvaluation: 4 };
    const at = (count: number) =>
      terminations(policy, 'maximize', [running('a', ...Array(9).fill(1)), running('b', ...Array(count).fill(0))]);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((count) => at(count).length),
      [0, 0, 0, 1, 1],
    );
  });
  it('median: the average below the median of averages', () => {
    const policy = { policyType: 'MedianStopping' as const, evaluationInterval: 1 };
    assert.deepEqual(names(terminations(policy, 'maximize', [running('a', 3, 3), running('b', 2, 2), running('c', 1, 1)])), ['c']);
  });
  it('truncation: the lowest share, of the running alone when told so', () => {
    const policy = { policyType: 'TruncationSelection' as const, truncationPercentage: 50 };
    const done = { name: 'd', isRunning: false, reported: [0] };
    assert.deepEqual(names(terminations(policy, 'maximize', [running('a', 4), running('b', 3), running('c', 2), running('e', 1)])), [
      'c',
      'e',
    ]);
    assert.deepEqual(names(terminations(policy, 'maximize', [running('a', 4), done])), []);
    assert.deepEqual(names(terminations({ ...policy, excludeFinishedJobs: true }, 'maximize', [running('a', 4), running('b', 5), done])), [
      'a',
    ]);
  });
  it('leaves alone what has nobody to be compared with, and what ended', () => {
    const policy = { policyType: 'Bandit' as const, slackFactor: 0 };
    assert.deepEqual(terminations(policy, 'maximize', [running('a', 0)]), []);
    assert.deepEqual(terminations(policy, 'maximize', [running('a', 1), { name: 'b', isRunning: false, reported: [0] }]), []);
  });
});

describe('the next trials', () => {
  const sweep = (limits: object, status: JobStatus = 'Running'): SweepJob =>
    ({
      name: 's',
      properties: {
        jobType: 'Sweep',
        status,
        startedAt: '2026-01-01T00:00:00Z',
        objective: { goal: 'Maximize', primaryMetric: 'm' },
        limits,
      },
    }) as never;
  const trial = (index: number, status: JobStatus, ...reported: number[]): Trial => ({ index, name: `s_${index}`, status, reported });
  const start = Date.parse('2026-01-01T00:00:00Z');

  it('fills up to what may run at once, and ends when all were tried', () => {
    const limits = { maxTotalTrials: 4, maxConcurrentTrials: 2 };
    assert.deepEqual(nextTrials(sweep(limits), [], undefined, start).create, [0, 1]);
    assert.deepEqual(nextTrials(sweep(limits), [trial(0, 'Completed', 1), trial(1, 'Running')], undefined, start).create, [2]);
    const all = [0, 1, 2, 3].map((index) => trial(index, 'Completed', index));
    assert.equal(nextTrials(sweep(limits), all, undefined, start).finish?.status, 'Completed');
    assert.deepEqual(nextTrials(sweep({ maxTotalTrials: 100, maxConcurrentTrials: 100 }), [], 3, start).create, [0, 1, 2]);
  });
  it('waits for its trials when it is canceled or late, and ends them', () => {
    const trials = [trial(0, 'Running'), trial(1, 'Completed', 1)];
    for (const [job, now] of [
      [sweep({}, 'CancelRequested'), start],
      [sweep({ timeout: 'PT1M' }), start + 60_000],
    ] as const) {
      const next = nextTrials(job, trials, undefined, now);
      assert.deepEqual([next.create, next.stop.map(({ name }) => name), next.finish], [[], ['s_0'], undefined]);
      assert.equal(nextTrials(job, [trial(0, 'Canceled'), trial(1, 'Completed', 1)], undefined, now).finish?.status, 'Canceled');
    }
  });
  it('tolerates failures once something worked, and gives up when nothing does', () => {
    const limits = { maxTotalTrials: 10, maxConcurrentTrials: 1 };
    const failures = [0, 1, 2].map((index) => trial(index, 'Failed'));
    assert.equal(nextTrials(sweep(limits), failures, undefined, start).finish?.status, 'Failed');
    assert.deepEqual(nextTrials(sweep(limits), [...failures, trial(3, 'Completed', 1)], undefined, start).create, [4]);
    assert.equal(nextTrials(sweep({ maxTotalTrials: 1 }), [trial(0, 'Completed')], undefined, start).finish?.error?.code, 'OutputMissing');
  });
});
