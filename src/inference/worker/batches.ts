/** Tokens of a batch at most, filled up to the longest text of it, and texts. */
const [mostTokens, mostTexts] = [4096, 32];

/**
 * Divides texts into batches. Texts of about the same length come together, since a batch is as wide as its longest text. A batch is a list of indexes into `lengths`. With `alone` every text is a batch of its
 * own: a model with 8-bit weights rounds by the largest number in the batch, so the vector of a text would depend on the texts beside it.
 */
export function batches(lengths: readonly number[], alone: boolean): number[][] {
  const order = lengths.map((_, at) => at);
  if (alone) return order.map((at) => [at]);
  order.sort((a, b) => lengths[a]! - lengths[b]!);
  const all: number[][] = [];
  for (const at of order) {
    const last = all.at(-1);
    if (last && last.length < mostTexts && (last.length + 1) * lengths[at]! <= mostTokens) last.push(at);
    else all.push([at]);
  }
  return all;
}
