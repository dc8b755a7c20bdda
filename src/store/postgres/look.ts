import type { Rows } from './rows.ts';

/** Things of one kind that are read together, each by its key. */
export interface Batch<K, T> {
  /** What stands for a thing until it is read. */
  meanwhile: T;
  read(rows: Rows, keys: K[]): Promise<Map<K, T>>;
}

/**
 * Runs a synchronous calculation over a database that answers asynchronously. The calculation asks for values with `get`. A value that is not known yet is replaced by a placeholder. After a run, all values that
 * were missing are read at once, and the calculation is run again, until none is missing. So the round trips are as many as the reads that depend on each other, not as many as the rows. A calculation must
 * change nothing, and give the same result for the same values.
 */
export class Look {
  readonly rows: Rows;
  private readonly known = new Map<object, Map<unknown, unknown>>();
  private asked = new Map<Batch<any, any>, Set<unknown>>();

  constructor(rows: Rows) {
    this.rows = rows;
  }

  get<K, T>(batch: Batch<K, T>, key: K): T {
    const known = this.known.get(batch);
    if (known?.has(key)) return known.get(key) as T;
    const asked = this.asked.get(batch);
    if (asked) asked.add(key);
    else this.asked.set(batch, new Set([key]));
    return batch.meanwhile;
  }

  async answer<T>(calculation: () => T): Promise<T> {
    for (;;) {
      this.asked = new Map();
      const found = attempt(calculation);
      if (this.asked.size === 0) return found();
      // Its result, or its error, rests on placeholders.
      for (const [batch, keys] of this.asked) {
        const read = await batch.read(this.rows, [...keys]);
        const known = this.known.get(batch) ?? new Map();
        for (const key of keys) known.set(key, read.has(key) ? read.get(key) : batch.meanwhile);
        this.known.set(batch, known);
      }
    }
  }
}

function attempt<T>(calculation: () => T): () => T {
  try {
    const found = calculation();
    return () => found;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
