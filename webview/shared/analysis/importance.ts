import { type Dimension, varies } from './dimension.ts';
import { type Feature, growTree, predict } from './forest.ts';
import { seededRandom } from './seededRandom.ts';

export interface ImportanceRow {
  key: string;
  label: string;
  /** From 0 to 1, all together 1; undefined where nothing explains the objective. */
  share: number | undefined;
  /** Rank correlation with the objective, from -1 to 1; undefined for categories. */
  correlation: number | undefined;
}

export interface Importance {
  /** The most important first. */
  rows: ImportanceRow[];
  /** Runs that have the objective, and how many of them were used. */
  runs: number;
  used: number;
  /** Share of the objective's variance that the trees foretold of runs they had not seen; 0 and less: nothing that can be trusted. */
  explained: number;
}

const trees = 50;
/** Runs that are used: more would make a page wait, and hardly change what is found. With many parameters fewer of them have to do. */
const mostRuns = (parameters: number): number => Math.round(Math.min(600, Math.max(150, 6000 / parameters)));
/** With fewer runs anything looks important. */
export const leastRuns = 8;

/**
 * Which parameters matter for the objective: a random forest of regression trees foretells it, and a parameter counts as much as the error grows when its values
 * are shuffled among the runs that a tree has not seen. The same runs give the same answer. Undefined for fewer than `leastRuns` runs. It stops after each tree, so
 * that a page can do something else meanwhile.
 */
export function* findImportance(parameters: readonly Dimension[], objective: Dimension): Generator<undefined, Importance | undefined> {
  const known = [...objective.values.keys()].filter((run) => !Number.isNaN(objective.values[run]!));
  const kept = parameters.filter(varies);
  if (known.length < leastRuns || !varies(objective)) return undefined;
  const runs = spread(known, mostRuns(kept.length));
  const target = Float64Array.from(runs, (run) => (objective.isLog ? Math.log10(objective.values[run]!) : objective.values[run]!));
  // A run without a parameter is told apart by a value that no other one has.
  const features = kept.map(
    ({ values, categories, min, max }): Feature => ({
      values: Float64Array.from(runs, (run) => (Number.isNaN(values[run]!) ? min - (max - min) - 1 : values[run]!)),
      isCategory: categories !== undefined,
    }),
  );
  const { growth, explained } = yield* permuted(features, target);
  const sum = growth.reduce((total, each) => total + Math.max(0, each), 0);
  const rows = kept.map(
    (dimension, index): ImportanceRow => ({
      key: dimension.key,
      label: dimension.label,
      share: sum > 0 && explained > 0 ? Math.max(0, growth[index]!) / sum : undefined,
      correlation: dimension.categories ? undefined : spearman(features[index]!.values, target),
    }),
  );
  rows.sort((a, b) => (b.share ?? 0) - (a.share ?? 0) || Math.abs(b.correlation ?? 0) - Math.abs(a.correlation ?? 0));
  return { rows, runs: known.length, used: runs.length, explained };
}

/** At most `most` of the items, evenly over all of them. */
function spread(items: readonly number[], most: number): number[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]!);
}

/** How much the squared error grows by shuffling each feature, over all trees, and what the trees explain. */
function* permuted(features: readonly Feature[], target: Float64Array): Generator<undefined, { growth: number[]; explained: number }> {
  const random = seededRandom(1);
  const size = target.length;
  const growth = features.map(() => 0);
  const [foretold, votes] = [new Float64Array(size), new Float64Array(size)];
  for (let each = 0; each < trees && features.length > 0; each++) {
    const rows = Int32Array.from({ length: size }, () => Math.floor(random() * size));
    const seen = new Set(rows);
    const unseen = [...target.keys()].filter((row) => !seen.has(row));
    const tree = growTree(features, target, rows, random);
    const plain = unseen.map((row) => predict(tree, (feature) => features[feature]!.values[row]!));
    for (const [at, row] of unseen.entries()) {
      foretold[row]! += plain[at]!;
      votes[row]!++;
    }
    for (const [index, { values }] of features.entries()) {
      const other = shuffled(unseen, random);
      for (const [at, row] of unseen.entries()) {
        const wrong = predict(tree, (feature) => (feature === index ? values[other[at]!]! : features[feature]!.values[row]!));
        growth[index]! += ((wrong - target[row]!) ** 2 - (plain[at]! - target[row]!) ** 2) / unseen.length;
      }
    }
    yield;
  }
  return { growth, explained: explainedOf(foretold, votes, target) };
}

function explainedOf(foretold: Float64Array, votes: Float64Array, target: Float64Array): number {
  const rows = [...target.keys()].filter((row) => votes[row]! > 0);
  const mean = rows.reduce((sum, row) => sum + target[row]!, 0) / rows.length;
  let [left, whole] = [0, 0];
  for (const row of rows) {
    left += (target[row]! - foretold[row]! / votes[row]!) ** 2;
    whole += (target[row]! - mean) ** 2;
  }
  return whole > 0 ? 1 - left / whole : 0;
}

function shuffled(items: readonly number[], random: () => number): number[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}

/** Rank correlation: 1 where both grow together, -1 where one falls as the other grows. */
export function spearman(a: Float64Array, b: Float64Array): number {
  const [ranksA, ranksB] = [ranksOf(a), ranksOf(b)];
  const middle = (a.length + 1) / 2;
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [ranksA[at]! - middle, ranksB[at]! - middle];
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return squaresA > 0 && squaresB > 0 ? both / Math.sqrt(squaresA * squaresB) : 0;
}

/** Equal values share the middle of their ranks. */
function ranksOf(values: Float64Array): Float64Array {
  const order = [...values.keys()].sort((x, y) => values[x]! - values[y]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) ranks[order[at]!] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}
