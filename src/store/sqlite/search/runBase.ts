import type { Sql } from '../sql.ts';

/** What every search looks at, by the run's serial: its experiment (-1 where there is no run), whether it is deleted, its start. */
export class RunBase {
  private readonly sql: Sql;
  experiments = new Int32Array(0);
  deleted = new Uint8Array(0);
  starts = new Float64Array(0);
  /** One more than the greatest serial. */
  count = 0;
  isLoaded = false;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  load(): void {
    if (this.isLoaded) return;
    this.count = 0;
    this.makeRoom(this.sql.one('SELECT max(serial) AS last FROM jobs')?.last ?? 0);
    this.take('jobs INDEXED BY jobs_base');
    this.isLoaded = true;
  }

  /** Reads some runs again. */
  read(runs: readonly number[]): void {
    for (const run of runs) if (run < this.count) this.experiments[run] = -1;
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
      this.experiments[run] = stateOf[i]! >> 1;
      this.deleted[run] = stateOf[i]! & 1;
      this.starts[run] = startOf[i]!;
    }
  }

  private makeRoom(last: number): void {
    this.count = Math.max(this.count, last + 1);
    const { length } = this.experiments;
    if (!this.isLoaded) this.experiments.fill(-1);
    if (last < length) return;
    const size = Math.max(1024, last + 1, Math.floor(length * 1.5));
    const experiments = new Int32Array(size).fill(-1);
    experiments.set(this.experiments);
    this.experiments = experiments;
    const deleted = new Uint8Array(size);
    deleted.set(this.deleted);
    this.deleted = deleted;
    const starts = new Float64Array(size);
    starts.set(this.starts);
    this.starts = starts;
  }
}
