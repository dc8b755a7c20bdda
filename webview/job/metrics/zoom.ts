import type { MetricSeries, MetricWindow } from '../../../src/protocol/mlflow.ts';
import type { Axis } from '../../shared/chart/chartData.ts';

/** The part of a job's series that a chart shows. `range` is on the axis, in seconds for times; `origin` is where the job's relative time begins, in ms since 1970. */
export function windowOf([from, to]: readonly [number, number], axis: Axis, origin: number): MetricWindow {
  if (axis === 'step') return { axis, from, to };
  const start = axis === 'relative' ? origin : 0;
  return { axis: 'time', from: start + from * 1000, to: start + to * 1000 };
}

/** The whole series with what lies in the window in detail: lines go on beyond the edges of a chart, and smoothing knows what came before. */
export function withDetail(whole: MetricSeries, detail: MetricSeries | undefined, { axis, from, to }: MetricWindow): MetricSeries {
  if (!detail?.values.length) return whole;
  const along = axis === 'step' ? whole.steps : whole.times;
  const spread = <T>(column: (series: MetricSeries) => T[]): T[] => [
    ...column(whole).filter((_, i) => along[i]! < from),
    ...column(detail),
    ...column(whole).filter((_, i) => along[i]! > to),
  ];
  return {
    key: whole.key,
    total: whole.total,
    steps: spread(({ steps }) => steps),
    values: spread(({ values }) => values),
    times: spread(({ times }) => times),
  };
}
