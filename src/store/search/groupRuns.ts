import type { FoundGroups, GroupOrder, MetricSummary } from '../runQuery.ts';
import { type Column, compareAsNumbers, type Value } from './column.ts';

/** Groups beyond these are not made: nobody reads so many, and each costs memory. */
export const mostGroups = 200_000;

class Group {
  readonly values: Value[];
  readonly summaries: Summary[];
  runs = 0;

  constructor(values: Value[], metrics: number) {
    this.values = values;
    this.summaries = Array.from({ length: metrics }, () => new Summary());
  }
}

/** Mean and deviation as the values come: Welford's way, which loses no digits. */
class Summary {
  count = 0;
  notFinite = 0;
  private mean = 0;
  private squares = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    if (!Number.isFinite(value)) {
      this.notFinite++;
      return;
    }
    this.count++;
    const difference = value - this.mean;
    this.mean += difference / this.count;
    this.squares += difference * (value - this.mean);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  read(): MetricSummary {
    const { count, notFinite, mean, squares, min, max } = this;
    if (count === 0) return { count, notFinite };
    return { count, notFinite, mean, min, max, ...(count > 1 ? { deviation: Math.sqrt(squares / (count - 1)) } : {}) };
  }
}

/** Runs in groups of equal values. */
export function groupRuns(
  runs: Iterable<number>,
  by: Column[],
  metrics: Column[],
  order: GroupOrder[],
  { offset, limit }: { offset: number; limit: number },
): FoundGroups {
  const groups = new Map<string | number, Group>();
  for (const run of runs) {
    const code = by.length === 1 ? by[0]!.codeOf(run) : by.map((column) => column.codeOf(run)).join();
    let group = groups.get(code);
    if (!group) {
      if (groups.size === mostGroups) continue;
      groups.set(
        code,
        (group = new Group(
          by.map((column) => column.get(run)),
          metrics.length,
        )),
      );
    }
    group.runs++;
    for (let i = 0; i < metrics.length; i++) {
      const value = metrics[i]!.get(run);
      if (value !== undefined) group.summaries[i]!.add(value as number);
    }
  }
  const found = [...groups.values()].map(({ values, runs, summaries }) => ({
    values,
    runs,
    metrics: summaries.map((each) => each.read()),
  }));
  // What is the same so far is sorted by its values, so that parts fit together.
  const whole: GroupOrder[] = [...order, ...by.map((_, index) => ({ of: 'value' as const, index, descending: false }))];
  const sorted = found.sort((a, b) => {
    for (const each of whole) {
      const difference = compareValues(fieldOf(a, each), fieldOf(b, each), each.descending);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return { total: sorted.length, groups: sorted.slice(offset, offset + limit) };
}

const fieldOf = (group: FoundGroups['groups'][number], order: GroupOrder): Value =>
  order.of === 'runs' ? group.runs : order.of === 'value' ? group.values[order.index] : group.metrics[order.index]?.[order.stat];

/** What is missing last, in either direction. */
function compareValues(a: Value, b: Value, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  const difference = typeof a === 'string' ? compareAsNumbers(a, String(b)) : a - Number(b);
  return descending ? -difference : difference;
}
