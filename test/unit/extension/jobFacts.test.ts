import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Figures } from '../../../src/extension/state/jobFigures.ts';
import { changedParams, metricFacts } from '../../../src/extension/views/jobFacts.ts';
import type { Job } from '../../../src/protocol/job.ts';

const job = (name: string, properties: object = {}) =>
  ({ name, properties: { jobType: 'Command', command: 'true', environmentId: 'e', ...properties } }) as unknown as Job;
const input = (value: string) => ({ jobInputType: 'literal', value });

describe('what a row of a job tells of it', () => {
  it('are metrics in few digits, and what is no number by its word', () => {
    const figures = {
      metrics: [
        ['acc', 0.123456],
        ['loss', 'NaN'],
      ] as const,
      params: {},
    };
    assert.deepEqual(metricFacts(job('a'), figures), [
      ['acc', '0.1235'],
      ['loss', 'NaN'],
    ]);
    assert.deepEqual(metricFacts(job('a'), undefined), []);
  });

  it('is the best trial of a sweep first', () => {
    const sweep = job('s', { jobType: 'Sweep', objective: { primaryMetric: 'auc' }, properties: { score: '0.98765' } });
    assert.deepEqual(metricFacts(sweep, { metrics: [['epochs', 3]], params: {} }), [
      ['best auc', '0.9877'],
      ['epochs', '3'],
    ]);
  });

  it('are the parameters that others have with another value, given or logged', () => {
    const [a, b, c] = [
      job('a', { inputs: { lr: input('0.1'), seed: input('1') } }),
      job('b', { inputs: { lr: input('0.2'), seed: input('1') } }),
      job('c'),
    ];
    const figuresOf = (name: string): Figures => ({
      metrics: [],
      params: name === 'c' ? { lr: '0.1', alone: 'x' } : { optimizer: name },
    });
    assert.deepEqual(changedParams(a!, [a!, b!, c!], figuresOf), [
      ['optimizer', 'a'],
      ['lr', '0.1'],
    ]);
    assert.deepEqual(changedParams(c!, [a!, c!], figuresOf), []);
  });
});
