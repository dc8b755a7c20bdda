/** Columns of numbers, one a feature, of equal length. Categories are places, whose order a tree puts aside. */
export interface Feature {
  values: Float64Array;
  isCategory: boolean;
}

interface Split {
  feature: number;
  /** Of numbers: at most this goes left. */
  threshold: number;
  /** Of categories: these go left. */
  left?: ReadonlySet<number>;
  below: Node;
  above: Node;
}
type Node = number | Split;

const mostDepth = 12;
/** Runs in a leaf at least: sweeps have few runs, and what one tree learns by heart the others do not. */
const leastLeaf = 1;

/** A regression tree over the given rows, which may repeat. Each split looks at some of the features, drawn by `random`. */
export function growTree(features: readonly Feature[], target: Float64Array, rows: Int32Array, random: () => number): Node {
  const tried = Math.max(1, Math.ceil(features.length * 0.75));

  function grow(part: Int32Array, depth: number): Node {
    const middle = meanOf(part, target);
    if (depth >= mostDepth || part.length < 2 * leastLeaf) return middle;
    let best: { gain: number; split: Omit<Split, 'below' | 'above'> } | undefined;
    for (const feature of drawn(features.length, tried, random)) {
      const found = bestSplit(features[feature]!, target, part);
      if (found && (!best || found.gain > best.gain)) best = { gain: found.gain, split: { feature, ...found.split } };
    }
    if (!best) return middle;
    const { split } = best;
    const goesLeft = (row: number) => isLeft(split, features[split.feature]!.values[row]!);
    return {
      ...split,
      below: grow(
        part.filter((row) => goesLeft(row)),
        depth + 1,
      ),
      above: grow(
        part.filter((row) => !goesLeft(row)),
        depth + 1,
      ),
    };
  }
  return grow(rows, 0);
}

/** What a tree expects of a run whose value of each feature is `valueIn(feature)`. */
export function predict(tree: Node, valueIn: (feature: number) => number): number {
  let node = tree;
  while (typeof node !== 'number') node = isLeft(node, valueIn(node.feature)) ? node.below : node.above;
  return node;
}

const isLeft = ({ left, threshold }: Omit<Split, 'below' | 'above'>, value: number) => (left ? left.has(value) : value <= threshold);

const meanOf = (rows: Int32Array, target: Float64Array) => rows.reduce((sum, row) => sum + target[row]!, 0) / rows.length;

/** `count` of the numbers below `size`. */
function drawn(size: number, count: number, random: () => number): number[] {
  const all = Array.from({ length: size }, (_, index) => index);
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (size - at));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, count);
}

/** The split of the rows that leaves the least squared error; undefined where they can't be told apart. */
function bestSplit(
  { values, isCategory }: Feature,
  target: Float64Array,
  rows: Int32Array,
): { gain: number; split: { threshold: number; left?: ReadonlySet<number> } } | undefined {
  // Categories stand in the order of their means: the best split of all is then one of that order.
  const means = isCategory ? meansByCategory(values, target, rows) : undefined;
  const keyOf = (row: number) => (means ? means.get(values[row]!)! : values[row]!);
  const sorted = rows.slice().sort((a, b) => keyOf(a) - keyOf(b) || values[a]! - values[b]!);
  let whole = 0;
  for (const row of sorted) whole += target[row]!;
  const count = sorted.length;
  const base = (whole * whole) / count;
  let sum = 0;
  let best = 0;
  let gain = 1e-12 * (1 + Math.abs(base));
  for (let at = 1; at < count; at++) {
    sum += target[sorted[at - 1]!]!;
    if (at < leastLeaf || count - at < leastLeaf || values[sorted[at - 1]!] === values[sorted[at]!]) continue;
    const found = (sum * sum) / at + ((whole - sum) * (whole - sum)) / (count - at) - base;
    if (found > gain) [best, gain] = [at, found];
  }
  if (best === 0) return undefined;
  const threshold = (values[sorted[best - 1]!]! + values[sorted[best]!]!) / 2;
  if (!isCategory) return { gain, split: { threshold } };
  return { gain, split: { threshold, left: new Set(Array.from(sorted.subarray(0, best), (row) => values[row]!)) } };
}

function meansByCategory(values: Float64Array, target: Float64Array, rows: Int32Array): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const row of rows) {
    const entry = sums.get(values[row]!) ?? { sum: 0, count: 0 };
    entry.sum += target[row]!;
    entry.count++;
    sums.set(values[row]!, entry);
  }
  return new Map([...sums].map(([place, { sum, count }]) => [place, sum / count]));
}
