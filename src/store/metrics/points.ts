/**
 * Points of one series as columns of equal length: `steps` and `ats` (ms since 1970) are whole numbers (beyond 2^53 the nearest that a double holds), `values` any double.
 * Their order is total: by step, time, value (NaN counts as 0, as in MLflow's table) and, last, NaN after 0.
 */
export interface Points {
  steps: Float64Array;
  ats: Float64Array;
  values: Float64Array;
}

/** Place of one point in the order; what a chunk is addressed by. */
export interface Place {
  step: number;
  at: number;
  value: number;
}

export const noPoints: Points = { steps: new Float64Array(0), ats: new Float64Array(0), values: new Float64Array(0) };

export const countOf = (points: Points): number => points.steps.length;

export function emptyPoints(count: number): Points {
  // One allocation for three columns.
  const bytes = new ArrayBuffer(count * 24);
  return {
    steps: new Float64Array(bytes, 0, count),
    ats: new Float64Array(bytes, count * 8, count),
    values: new Float64Array(bytes, count * 16, count),
  };
}

export const placeAt = ({ steps, ats, values }: Points, index: number): Place => ({
  step: steps[index]!,
  at: ats[index]!,
  value: values[index]!,
});

const byValue = (a: number, b: number): number => {
  const [x, y] = [Number.isNaN(a) ? 0 : a, Number.isNaN(b) ? 0 : b];
  return x === y ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : x < y ? -1 : 1;
};

export const comparePlaces = (a: Place, b: Place): number =>
  a.step !== b.step ? (a.step < b.step ? -1 : 1) : a.at !== b.at ? (a.at < b.at ? -1 : 1) : byValue(a.value, b.value);

function compareAt(a: Points, i: number, b: Points, j: number): number {
  if (a.steps[i] !== b.steps[j]) return a.steps[i]! < b.steps[j]! ? -1 : 1;
  if (a.ats[i] !== b.ats[j]) return a.ats[i]! < b.ats[j]! ? -1 : 1;
  return byValue(a.values[i]!, b.values[j]!);
}

export function slice(points: Points, from: number, to: number): Points {
  return { steps: points.steps.subarray(from, to), ats: points.ats.subarray(from, to), values: points.values.subarray(from, to) };
}

export function concat(parts: Points[]): Points {
  if (parts.length === 1) return parts[0]!;
  const whole = emptyPoints(parts.reduce((sum, part) => sum + countOf(part), 0));
  let at = 0;
  for (const part of parts) {
    whole.steps.set(part.steps, at);
    whole.ats.set(part.ats, at);
    whole.values.set(part.values, at);
    at += countOf(part);
  }
  return whole;
}

export function pick(points: Points, indexes: ArrayLike<number>): Points {
  const picked = emptyPoints(indexes.length);
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i]!;
    picked.steps[i] = points.steps[index]!;
    picked.ats[i] = points.ats[index]!;
    picked.values[i] = points.values[index]!;
  }
  return picked;
}

/** The points in order, each once. Answers the argument itself when it is so already. */
export function sortedSet(points: Points): Points {
  const count = countOf(points);
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) sorted = compareAt(points, i - 1, points, i) < 0;
  if (sorted) return points;
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => compareAt(points, a, points, b));
  let kept = 0;
  for (let i = 0; i < count; i++) if (i === 0 || compareAt(points, order[kept - 1]!, points, order[i]!) !== 0) order[kept++] = order[i]!;
  return pick(points, order.subarray(0, kept));
}

/** Both sets in one, each point once. */
export function merge(a: Points, b: Points): Points {
  const [n, m] = [countOf(a), countOf(b)];
  if (n === 0) return b;
  if (m === 0) return a;
  const merged = emptyPoints(n + m);
  let [i, j, k] = [0, 0, 0];
  while (i < n || j < m) {
    const order = i === n ? 1 : j === m ? -1 : compareAt(a, i, b, j);
    const [from, index] = order <= 0 ? [a, i] : [b, j];
    merged.steps[k] = from.steps[index]!;
    merged.ats[k] = from.ats[index]!;
    merged.values[k++] = from.values[index]!;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return slice(merged, 0, k);
}

/** Index of the first point that is not before `place` (or, with `after`, that is behind it), from `start` on. */
export function indexOf(points: Points, place: Place, after: boolean, start = 0): number {
  let [low, high] = [start, countOf(points)];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = comparePlaces(placeAt(points, middle), place);
    if (order < 0 || (after && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the order by step is an order by time as well. */
export function isTimeOrdered({ ats, steps, values }: Points): boolean {
  for (let i = 1; i < ats.length; i++)
    if (!timeOrdered(ats[i - 1]!, steps[i - 1]!, values[i - 1]!, ats[i]!, steps[i]!, values[i]!)) return false;
  return true;
}

const timeOrdered = (at: number, step: number, value: number, nextAt: number, nextStep: number, nextValue: number): boolean =>
  at < nextAt || (at === nextAt && (step < nextStep || (step === nextStep && byValue(value, nextValue) <= 0)));

export const isBeforeInTime = (a: Place, b: Place): boolean => timeOrdered(a.at, a.step, a.value, b.at, b.step, b.value);

/** The points by time, then step, then value: the order of MLflow's history. */
export function byTime(points: Points): Points {
  const { ats, steps, values } = points;
  const order = Uint32Array.from({ length: countOf(points) }, (_, i) => i).sort((a, b) =>
    ats[a] !== ats[b] ? ats[a]! - ats[b]! : steps[a] !== steps[b] ? steps[a]! - steps[b]! : byValue(values[a]!, values[b]!),
  );
  return pick(points, order);
}
