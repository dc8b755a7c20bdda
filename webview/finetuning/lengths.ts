import type { TokenCounts } from '../../src/protocol/finetuningForm.ts';

/** What the lengths of rows say of a training. */
export interface Lengths {
  median: number;
  longest: number;
  /** Tokens of a row, filled up to the longest of its batch. */
  padded: number;
  sum: number;
  /** Rows that have more tokens than are allowed, with their lines; `isAtLeast`: there may be more. */
  tooLong: TokenCounts['longest'];
  tooLongCount: number;
  isAtLeast: boolean;
}

export function lengthsOf({ lengths, longest, isWhole }: TokenCounts, mostTokens: number, batchSize: number): Lengths | undefined {
  if (lengths.length === 0) return undefined;
  const sorted = [...lengths].sort((a, b) => a - b);
  const fitting = sorted.filter((each) => each <= mostTokens);
  const tooLong = longest.filter(({ tokens }) => tokens > mostTokens);
  return {
    median: sorted[Math.floor(sorted.length / 2)]!,
    longest: longest[0]?.tokens ?? sorted.at(-1)!,
    padded: longestOf(fitting.length > 0 ? fitting : sorted, batchSize),
    sum: sorted.reduce((total, each) => total + each, 0),
    tooLong,
    tooLongCount: isWhole ? sorted.length - fitting.length : tooLong.length,
    isAtLeast: !isWhole,
  };
}

/** How long the longest of so many rows is on average, when they are drawn at random. `sorted`: the shortest first. */
function longestOf(sorted: readonly number[], count: number): number {
  const all = sorted.length;
  return sorted.reduce((sum, each, at) => sum + each * (((at + 1) / all) ** count - (at / all) ** count), 0);
}

/** How many rows there are of each of some ranges of lengths, all of the same width. */
export function histogram(lengths: readonly number[], most: number, bars = 24): { width: number; counts: number[] } {
  const width = Math.max(1, Math.ceil(most / bars));
  const counts = new Array<number>(Math.max(1, Math.ceil((most + 1) / width))).fill(0);
  for (const each of lengths) counts[Math.min(counts.length - 1, Math.floor(each / width))]!++;
  return { width, counts };
}
