import { FactColumns } from '../../search/factColumns.ts';
import type { Sql } from '../sql.ts';

/** What every search looks at, from the index that has it. */
export class RunBase extends FactColumns {
  private readonly sql: Sql;
  isLoaded = false;

  constructor(sql: Sql) {
    super();
    this.sql = sql;
  }

  load(): void {
    if (this.isLoaded) return;
    this.clear();
    this.makeRoom(this.sql.one('SELECT max(serial) AS last FROM jobs')?.last ?? 0);
    this.take('jobs INDEXED BY jobs_base');
    this.isLoaded = true;
  }

  /** Reads some runs again. */
  read(runs: readonly number[]): void {
    for (const run of runs) this.remove(run);
    this.makeRoom(runs.reduce((most, run) => Math.max(most, run), 0));
    this.take('json_each(?) r CROSS JOIN jobs ON serial = r.value', JSON.stringify(runs));
  }

  forget(): void {
    this.isLoaded = false;
  }

  private take(from: string, ...values: string[]): void {
    const read = (sql: string) => {
      const statement = this.sql.prepare(`SELECT ${sql} FROM ${from}`);
      statement.setReturnArrays(true);
      return statement.get(...values) as unknown as [number, number, number, string, string];
    };
    // As JSON, lists are read several times faster than row by row.
    const [count, first, last, states, starts] = read(
      'count(*), min(serial), max(serial), json_group_array(2 * experiment_id + is_deleted), json_group_array(coalesce(started_at, created_at))',
    );
    if (count === 0) return;
    const runs =
      last - first + 1 === count && values.length === 0
        ? undefined
        : (JSON.parse(read('json_group_array(serial)')[0] as never) as number[]);
    const [stateOf, startOf] = [JSON.parse(states) as number[], JSON.parse(starts) as number[]];
    for (let i = 0; i < count; i++) {
      const run = runs ? runs[i]! : first + i;
      this.set(run, stateOf[i]! >> 1, stateOf[i]! & 1, startOf[i]!);
    }
  }
}
