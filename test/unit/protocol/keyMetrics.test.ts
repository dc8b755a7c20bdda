import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { keyMetrics } from '../../../src/protocol/keyMetrics.ts';

describe('the key metrics of a run', () => {
  it('are never what the machine did', () => {
    assert.deepEqual(keyMetrics(['system/cpu_utilization_percentage', 'speed']), ['speed']);
  });

  it('begin with what a sweep searches by, then come those that tell most, then the others in their order', () => {
    assert.deepEqual(keyMetrics(['lr', 'train/loss', 'epoch_time', 'val_acc', 'gap'], 'gap'), [
      'gap',
      'val_acc',
      'train/loss',
      'lr',
      'epoch_time',
    ]);
  });

  it('are known by whole words, in any case', () => {
    assert.deepEqual(keyMetrics(['accumulated', 'glossary', 'Accuracy', 'eval-loss', 'F1']), [
      'eval-loss',
      'Accuracy',
      'F1',
      'accumulated',
      'glossary',
    ]);
  });
});
