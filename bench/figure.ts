/** Minimum, median and maximum of some samples. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** One line of the report. A `ratio` is ours divided by the peer's, pair by pair in one run; `goal` says what is wanted. */
export interface Figure {
  what: string;
  spread: Spread;
  unit: string;
  goal?: string;
  met?: boolean;
}

/** A benchmark: `name` selects it on the command line. */
export interface Benchmark {
  name: string;
  what: string;
  run(): Promise<Figure[]>;
}

export function spreadOf(samples: number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

/** What all but the slowest twentieth of the samples stay below. */
export const p95 = (samples: number[]): number => samples.toSorted((a, b) => a - b)[Math.floor(samples.length * 0.95)]!;

/** A figure that must not be above (or below) `limit`; judged by its median. */
export function figure(what: string, samples: number[], unit: string, goal?: { atMost?: number; atLeast?: number }): Figure {
  const spread = spreadOf(samples);
  if (!goal) return { what, spread, unit };
  const met = (goal.atMost === undefined || spread.median <= goal.atMost) && (goal.atLeast === undefined || spread.median >= goal.atLeast);
  return { what, spread, unit, goal: goal.atMost !== undefined ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`, met };
}

/** Runs `a` and `b` in turn, `rounds` times after one uncounted round; answers the milliseconds of each. */
export async function inTurn(
  rounds: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
): Promise<{ a: number[]; b: number[]; ratio: number[] }> {
  const times = { a: [] as number[], b: [] as number[], ratio: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const first = await timed(a);
    const second = await timed(b);
    if (round < 0) continue;
    times.a.push(first);
    times.b.push(second);
    times.ratio.push(first / second);
  }
  return times;
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
