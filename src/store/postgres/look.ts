import type { Rows } from './rows.ts';

/** Things of one kind that are read together, each by its key. */
export interface Batch<K, T> {
  /** What stands for a thing until it is read. */
  meanwhile: T;
  read(rows: Rows, keys: K[]): Promise<Map<K, T>>;
}

/**
 * Runs calculations that read as they go, and that don't wait, over a database for which one has to wait. The calculation is run; what it asks for and is not known yet is stood in for; what it asked for is
 * then read, all of it at once, and the calculation is run anew, until it has asked for nothing new. So it takes as many round trips as what it reads depends on what it has read, and not one for each row.
 * A calculation changes nothing and gives the same for the same.
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
      // Whatever it found, or threw, came of things that stood in.
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
