import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Emitter } from '../../../src/base/event.ts';
import { UserError } from '../../../src/base/userError.ts';
import type { ChangeFeed } from '../../../src/client/feed/changeStream.ts';
import type { Change } from '../../../src/protocol/change.ts';
import type { SeriesRequest } from '../../../src/protocol/runTable.ts';
import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { SeriesSource } from '../../../webview/shared/chart/seriesSource.ts';
import { ManualTimers, settle } from '../client/manualTimers.ts';

/** Runs that log one point a step, and the requests that were made of them. */
class Logged {
  readonly requests: (SeriesRequest & { signal: AbortSignal })[] = [];
  readonly changes = new Emitter<Change>();
  readonly resets = new Emitter<void>();
  readonly states = new Emitter<string>();
  readonly feed: ChangeFeed = {
    state: 'live',
    onDidChange: this.changes.event,
    onDidReset: this.resets.event,
    onDidChangeState: this.states.event,
  };
  readonly timers = new ManualTimers();
  /** Points of every series. */
  count = 10;
  /** What the next request fails with. */
  failure: Error | undefined;
  /** Requests wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly source = new SeriesSource({ series: (request, signal) => this.series(request, signal!) }, this.feed, this.timers, () => 5000);

  private async *series(request: SeriesRequest, signal: AbortSignal): AsyncGenerator<SeriesPart> {
    this.requests.push({ ...request, signal });
    await this.gate;
    if (this.failure) throw this.failure;
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, axis } = request;
    const factor = axis === 'time' ? 1000 : 1;
    const steps = Array.from({ length: this.count }, (_, at) => at).filter((at) => at * factor >= from && at * factor <= to);
    for (const key of request.keys)
      for (const job of request.jobs)
        yield {
          job,
          key,
          total: this.count,
          steps: Float64Array.from(steps),
          times: Float64Array.from(steps, (step) => step * 1000),
          values: Float64Array.from(steps),
        };
  }

  log(job: string, key: string): void {
    this.changes.fire({ seq: 1, kind: 'metric', id: job, op: 'put', at: '', keys: [key] });
  }

  length = (job: string, key: string) => this.source.series(job, key)?.steps.length;
}

const asked = ({ jobs, keys, points, from }: SeriesRequest) => ({ jobs, keys, points, ...(from === undefined ? {} : { from }) });

describe('the series of charts in view', () => {
  it('are asked for together, and told as they come', async () => {
    const logged = new Logged();
    let told = 0;
    for (const key of ['a', 'b']) logged.source.watch({ jobs: ['x', 'y'], keys: [key], points: 100 }, () => told++);
    await logged.timers.advance(0);
    assert.deepEqual(logged.requests.map(asked), [{ jobs: ['x', 'y'], keys: ['a', 'b'], points: 100 }]);
    assert.ok(told >= 4 && logged.length('y', 'b') === 10);
    logged.source.watch({ jobs: ['x', 'y', 'z'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(0);
    assert.deepEqual(logged.requests.slice(1).map(asked), [{ jobs: ['z'], keys: ['a'], points: 100 }]);
    logged.source.dispose();
  });

  it('are not waited for when their charts are gone, and are kept for when they come back', async () => {
    const logged = new Logged();
    let open = () => {};
    logged.gate = new Promise((resolve) => (open = resolve));
    const away = logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(0);
    away.dispose();
    await logged.timers.advance(200);
    assert.ok(logged.requests[0]!.signal.aborted);
    open();
    await settle();
    logged.source.watch({ jobs: ['x'], keys: ['b'], points: 100 }, () => {}).dispose();
    await logged.timers.advance(10);
    const count = logged.requests.length;
    const back = logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(10);
    back.dispose();
    await logged.timers.advance(1000);
    logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(10);
    assert.equal(logged.length('x', 'a'), 10);
    assert.equal(logged.requests.filter(({ keys }) => keys.includes('a')).length <= 2, true);
    assert.ok(logged.requests.length <= count + 1);
    logged.source.dispose();
  });

  it('grow by what is new alone, once a second at most', async () => {
    const logged = new Logged();
    logged.source.watch({ jobs: ['x', 'y'], keys: ['a', 'b'], points: 100 }, () => {});
    await logged.timers.advance(0);
    logged.count = 12;
    for (const job of ['x', 'y', 'unknown']) logged.log(job, 'a');
    await logged.timers.advance(150);
    assert.deepEqual(logged.requests.slice(1).map(asked), [{ jobs: ['y', 'x'], keys: ['a'], points: 100, from: 9000 }]);
    assert.deepEqual([logged.length('x', 'a'), logged.length('x', 'b')], [12, 10]);
    logged.count = 13;
    logged.log('x', 'a');
    await logged.timers.advance(500);
    assert.equal(logged.requests.length, 2);
    await logged.timers.advance(600);
    assert.equal(logged.requests.length, 3);
    assert.equal(logged.length('x', 'a'), 13);
    logged.source.dispose();
  });

  it('of what is out of view are asked for when it is in view again', async () => {
    const logged = new Logged();
    const watch = logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(0);
    watch.dispose();
    logged.count = 11;
    logged.log('x', 'a');
    await logged.timers.advance(5000);
    assert.equal(logged.requests.length, 1);
    logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(5000);
    assert.deepEqual(logged.requests.slice(1).map(asked), [{ jobs: ['x'], keys: ['a'], points: 100, from: 9000 }]);
    logged.source.dispose();
  });

  it('have what a window shows in detail', async () => {
    const logged = new Logged();
    const window = { axis: 'step', from: 3, to: 6 } as const;
    const watch = logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100, window }, () => {});
    await logged.timers.advance(0);
    assert.deepEqual(
      logged.requests.map(({ from, to }) => [from, to]),
      [
        [undefined, undefined],
        [3, 6],
      ],
    );
    assert.equal(logged.source.series('x', 'a', window)?.steps.length, 10);
    watch.dispose();
    logged.source.dispose();
  });

  it('are tried again after a failure, at once when the plane is back', async () => {
    const logged = new Logged();
    logged.failure = new UserError('PlaneUnreachable', 'away');
    logged.source.watch({ jobs: ['x'], keys: ['a'], points: 100 }, () => {});
    await logged.timers.advance(0);
    assert.equal(logged.source.error?.message, 'away');
    await logged.timers.advance(4000);
    assert.equal(logged.requests.length, 1);
    logged.failure = undefined;
    logged.states.fire('live');
    await logged.timers.advance(0);
    assert.deepEqual([logged.length('x', 'a'), logged.source.error], [10, undefined]);
    logged.count = 11;
    logged.resets.fire();
    await logged.timers.advance(0);
    assert.equal(logged.length('x', 'a'), 11);
    logged.source.dispose();
  });
});
