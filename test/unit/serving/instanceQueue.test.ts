import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { InstanceQueue } from '../../../src/serving/instanceQueue.ts';

describe('the queue of a deployment', () => {
  it('takes the instance with the fewest requests first', async () => {
    const instances = [{ running: 0 }, { running: 0 }];
    const queue = new InstanceQueue(() => instances);
    for (let each = 0; each < 4; each++) await queue.take(2, 0);
    assert.deepEqual(
      instances.map(({ running }) => running),
      [2, 2],
    );
    assert.equal(await queue.take(2, 0), undefined);
  });

  it('lets requests in by the order in which they came', async () => {
    const instances = [{ running: 1 }];
    const queue = new InstanceQueue(() => instances);
    const order: string[] = [];
    const first = queue.take(1, 10_000).then((got) => got && order.push('first'));
    const second = queue.take(1, 10_000).then((got) => got && order.push('second'));
    queue.leave(instances[0]!);
    await first;
    assert.deepEqual([order, queue.length], [['first'], 1]);
    queue.leave(instances[0]!);
    await second;
    assert.deepEqual([order, queue.length, instances[0]!.running], [['first', 'second'], 0, 1]);
  });

  it('gives up when there is no room for too long, and when nobody waits any more', async () => {
    const queue = new InstanceQueue(() => [{ running: 1 }]);
    assert.equal(await queue.take(1, 5), undefined);
    const hangUp = new AbortController();
    const waiting = queue.take(1, 10_000, hangUp.signal);
    hangUp.abort();
    assert.equal(await waiting, undefined);
    assert.equal(queue.length, 0);
  });

  it('lets in those that wait when an instance becomes ready', async () => {
    const instances: { running: number }[] = [];
    const queue = new InstanceQueue(() => instances);
    const waiting = queue.take(1, 10_000);
    instances.push({ running: 0 });
    queue.pump();
    assert.equal(await waiting, instances[0]);
  });
});
