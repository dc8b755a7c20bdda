import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';

/** A part of the series of a request: steps, or ms since 1970. Inclusive. */
export interface SeriesWindow {
  axis: 'step' | 'time';
  from: number;
  to: number;
}

const pick = (part: SeriesPart, indexes: ArrayLike<number>): SeriesPart => {
  const column = (from: Float64Array) => Float64Array.from({ length: indexes.length }, (_, at) => from[indexes[at]!]!);
  return { ...part, steps: column(part.steps), times: column(part.times), values: column(part.values) };
};

const joined = (first: SeriesPart, second: SeriesPart, total: number): SeriesPart => {
  const column = (a: Float64Array, b: Float64Array) => {
    const both = new Float64Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  return {
    job: second.job,
    key: second.key,
    total,
    steps: column(first.steps, second.steps),
    times: column(first.times, second.times),
    values: column(first.values, second.values),
  };
};

/** What of a series fulfils a test, in its order. */
const where = (part: SeriesPart, test: (at: number) => boolean): SeriesPart => {
  const indexes: number[] = [];
  for (let at = 0; at < part.steps.length; at++) if (test(at)) indexes.push(at);
  return indexes.length === part.steps.length ? part : pick(part, indexes);
};

const isOrdered = (column: Float64Array): boolean => {
  for (let at = 1; at < column.length; at++) if (column[at]! < column[at - 1]!) return false;
  return true;
};

/**
 * A series with what came since: `news` has its points from the time `from` on. `missing` says that points were logged which neither has, such as those of an
 * earlier time: then all is to be read anew.
 */
export function withNews(known: SeriesPart, news: SeriesPart, from: number): { series: SeriesPart; missing: boolean } {
  if (news.steps.length === 0) return { series: known, missing: news.total > known.total };
  const before = where(known, (at) => known.times[at]! < from);
  const replaced = known.steps.length - before.steps.length;
  let series = joined(before, news, news.total);
  if (!isOrdered(series.steps)) {
    const order = Uint32Array.from({ length: series.steps.length }, (_, at) => at).sort(
      (a, b) => series.steps[a]! - series.steps[b]! || series.times[a]! - series.times[b]! || a - b,
    );
    series = pick(series, order);
  }
  return { series, missing: news.total - known.total > news.steps.length - replaced };
}

/** First, last, least and greatest of each of `points / 4` equal parts of the steps; what is not a number stays for the first of each part. */
export function thinned(series: SeriesPart, points: number): SeriesPart {
  const { steps, times, values } = series;
  const count = steps.length;
  if (count <= points) return series;
  const buckets = Math.max(1, Math.floor(points / 4));
  const along = steps[0] === steps[count - 1] ? times : steps;
  const from = along[0]!;
  const width = (along[count - 1]! - from) / buckets || 1;
  const kept: number[] = [];
  let start = 0;
  while (start < count) {
    const bucket = Math.min(buckets - 1, Math.floor((along[start]! - from) / width));
    let end = start;
    let [low, high, odd] = [-1, -1, -1];
    while (end < count && Math.min(buckets - 1, Math.floor((along[end]! - from) / width)) === bucket) {
      const value = values[end]!;
      if (!Number.isFinite(value)) odd = odd < 0 ? end : odd;
      else {
        if (low < 0 || value < values[low]!) low = end;
        if (high < 0 || value > values[high]!) high = end;
      }
      end++;
    }
    // Time that runs backwards would give a part no points.
    if (end === start) end++;
    kept.push(...[...new Set([start, low, high, odd, end - 1])].filter((at) => at >= 0).sort((a, b) => a - b));
    start = end;
  }
  return pick(series, kept);
}

/** The whole series with what lies in the window in detail: lines go on beyond the edges of a chart, and smoothing knows what came before. */
export function withDetail(whole: SeriesPart, detail: SeriesPart | undefined, { axis, from }: SeriesWindow): SeriesPart {
  if (!detail?.values.length) return whole;
  const along = axis === 'step' ? whole.steps : whole.times;
  // What was logged since the detail was read is in the whole alone.
  const last = (axis === 'step' ? detail.steps : detail.times).at(-1)!;
  const before = where(whole, (at) => along[at]! < from);
  const after = where(whole, (at) => along[at]! > last);
  return joined(joined(before, detail, whole.total), after, whole.total);
}
