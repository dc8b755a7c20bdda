/** Tokens of a batch at most, filled up to the longest text of it, and texts. */
const [mostTokens, mostTexts] = [4096, 32];

/**
 * Which texts are worked on together: those of about one length, so that little is filled up. Answers the places of the texts in `lengths`. Each text of a model with `alone` is one by itself: where numbers are
 * rounded by the largest one in the batch, a text would get another vector beside other texts.
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
