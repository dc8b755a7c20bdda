import type { Rows } from '../rows.ts';
import type { Transaction } from '../transaction.ts';

const mostKeys = 50_000;

/** Metric keys by name, remembered: none ever goes, or gets another number. */
export class MetricKeys {
  private readonly ids = new Map<string, number>();

  /** Those that there are. */
  async known(rows: Rows, names: readonly string[]): Promise<Map<string, number>> {
    const missing = names.filter((name) => !this.ids.has(name));
    const found = new Map<string, number>();
    if (missing.length > 0)
      for (const { name, id } of await rows.all('SELECT name, id FROM metric_keys WHERE name = ANY($1)', missing)) found.set(name, id);
    for (const name of names) {
      const id = this.ids.get(name);
      if (id !== undefined) found.set(name, id);
    }
    return found;
  }

  /** All of them; new ones are made. */
  async make(transaction: Transaction, names: readonly string[]): Promise<Map<string, number>> {
    const found = await this.known(transaction, names);
    // In one order, so that no two processes wait for each other.
    const missing = names.filter((name) => !found.has(name)).sort();
    if (missing.length > 0) {
      await transaction.run('INSERT INTO metric_keys (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING', missing);
      for (const [name, id] of await this.known(transaction, missing)) found.set(name, id);
    }
    transaction.afterwards.push(() => this.remember(found));
    return found;
  }

  private remember(found: ReadonlyMap<string, number>): void {
    if (this.ids.size >= mostKeys) this.ids.clear();
    for (const [name, id] of found) this.ids.set(name, id);
  }
}
