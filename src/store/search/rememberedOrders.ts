/** Questions whose answers are remembered, the newest last, and runs of all of them. */
const mostQuestions = 12;
const mostRuns = 4_000_000;
/** Of more changed runs the order is made anew. */
const mostChanged = 1000;

interface Remembered {
  runs: Uint32Array;
  /** Runs that changed since. */
  changed: Set<number>;
}

/** What the runs of a question must be like, and how they are sorted. */
export interface Question {
  isChosen(run: number): boolean;
  compare(a: number, b: number): number;
}

/** Runs in the order of the last few questions, so that another part of the same table costs nothing, and a run that changed only finds its new place. */
export class RememberedOrders {
  private readonly orders = new Map<string, Remembered>();

  note(runs: readonly number[]): void {
    for (const [name, { changed }] of this.orders) {
      for (const run of runs) changed.add(run);
      if (changed.size > mostChanged) this.orders.delete(name);
    }
  }

  forgetAll(): void {
    this.orders.clear();
  }

  /** The runs of a question by its name; `questionOf` is asked only when something changed since, `all` when nothing is remembered. */
  runs(name: string, questionOf: () => Question, all: () => Uint32Array): Uint32Array {
    const remembered = this.orders.get(name);
    this.orders.delete(name);
    const runs = !remembered ? all() : remembered.changed.size === 0 ? remembered.runs : moved(remembered, questionOf());
    this.orders.set(name, { runs, changed: new Set() });
    let total = 0;
    for (const [other, { runs }] of [...this.orders].reverse()) {
      total += runs.length;
      if (other !== name && (this.orders.size > mostQuestions || total > mostRuns)) this.orders.delete(other);
    }
    return runs;
  }
}

/** The same order with the changed runs where they belong now. */
function moved({ runs, changed }: Remembered, { isChosen, compare }: Question): Uint32Array {
  const rest = runs.filter((run) => !changed.has(run));
  const coming = [...changed].filter(isChosen).sort(compare);
  const whole = new Uint32Array(rest.length + coming.length);
  let [from, to] = [0, 0];
  for (const run of coming) {
    let [low, high] = [from, rest.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(rest[middle]!, run) < 0) low = middle + 1;
      else high = middle;
    }
    whole.set(rest.subarray(from, low), to);
    to += low - from;
    whole[to++] = run;
    from = low;
  }
  whole.set(rest.subarray(from), to);
  return whole;
}
