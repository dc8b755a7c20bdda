import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { MetricSeries } from '../../../src/protocol/mlflow.ts';
import { windowOf, withDetail } from '../../../webview/job/metrics/zoom.ts';
import { columnOf, extremes } from '../../../webview/shared/chart/chartData.ts';
import { formatNumber } from '../../../webview/shared/chart/numbers.ts';
import { smooth } from '../../../webview/shared/chart/smoothing.ts';

const series = (
  values: (number | null)[],
  steps = values.map((_, index) => index),
  times = values.map((_, index) => 1000 * index),
): MetricSeries => ({
  key: 'm',
  total: values.length,
  steps,
  values,
  times,
});
const line = (points: MetricSeries, startedAt = 0) => ({ label: 'l', color: '#000', points, startedAt });

describe('what a chart draws', () => {
  it('smooths without the bias of the start, and keeps gaps', () => {
    assert.deepEqual(
      smooth([3, 3, null, 3], 0.9).map((value) => value && Math.round(value * 1e9) / 1e9),
      [3, 3, null, 3],
    );
    const [, second] = smooth([0, 1], 0.5);
    assert.equal(second, 2 / 3);
    assert.deepEqual(smooth([1, 5], 0), [1, 5]);
  });

  it('has steps, wall time and time since the start as its axis', () => {
    const points = series([1, 2], [5, 6], [61_000, 62_000]);
    assert.deepEqual(columnOf(line(points, 60_000), 'step', 0, false).x, [5, 6]);
    assert.deepEqual(columnOf(line(points, 60_000), 'time', 0, false).x, [61, 62]);
    assert.deepEqual(columnOf(line(points, 60_000), 'relative', 0, false).x, [1, 2]);
    assert.deepEqual(columnOf(line(points, 90_000), 'relative', 0, false).x, [0, 1]);
  });

  it('asks for the part that is shown, in steps or in time, and puts it into the whole', () => {
    assert.deepEqual(windowOf([3, 9], 'step', 60_000), { axis: 'step', from: 3, to: 9 });
    assert.deepEqual(windowOf([3, 9], 'time', 60_000), { axis: 'time', from: 3000, to: 9000 });
    assert.deepEqual(windowOf([3, 9], 'relative', 60_000), { axis: 'time', from: 63_000, to: 69_000 });
    const whole = series([0, 5, 9], [0, 5, 9]);
    const zoomed = withDetail(whole, series([4, 5, 6], [4, 5, 6]), { axis: 'step', from: 4, to: 6 });
    assert.deepEqual(
      [zoomed.steps, zoomed.values],
      [
        [0, 4, 5, 6, 9],
        [0, 4, 5, 6, 9],
      ],
    );
    assert.equal(withDetail(whole, undefined, { axis: 'step', from: 4, to: 6 }), whole);
  });

  it('draws points without steps in the order of time', () => {
    const column = columnOf(line(series([3, 1, 2], [0, 0, 0], [30, 10, 20])), 'step', 0, false);
    assert.deepEqual(
      [column.x, column.raw],
      [
        [0, 1, 2],
        [1, 2, 3],
      ],
    );
  });

  it('leaves out of a log scale what has no logarithm, and counts it', () => {
    const column = columnOf(line(series([1, 0, -1, null, 10])), 'step', 0, true);
    assert.deepEqual([column.raw, column.hidden], [[1, null, null, null, 10], 2]);
  });

  it('finds the latest, least and greatest value', () => {
    assert.deepEqual(extremes(series([2, null, -1, 5])), { last: 5, min: -1, max: 5 });
    assert.deepEqual(extremes(series([null])), { last: null, min: null, max: null });
  });

  it('writes numbers for people', () => {
    const texts = [0, 1, 0.96444, 123456.789, 0.00001234, 12345678, null, Number.NaN, 1e-7, -0.5].map(formatNumber);
    assert.deepEqual(texts, ['0', '1', '0.9644', '123500', '1.23e-5', '1.23e7', '–', '–', '1e-7', '-0.5']);
  });
});
