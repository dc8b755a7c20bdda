import type { Extremes, RunField } from '../../runQuery.ts';
import { type Column, NumberColumn, TextColumn, type Value } from '../../search/column.ts';
import { FactColumns } from '../../search/factColumns.ts';
import type { RunTables } from '../../search/runSearch.ts';
import type { Value as Bound, Rows } from '../rows.ts';

/** Columns are forgotten, the one used longest ago first, when they take more than this together (in numbers of eight bytes). */
const mostCells = 8_000_000;

/** MLflow's uri of a run's artifacts; see `artifactUri` of the server. */
const artifactColumn = "rtrim(coalesce(e.artifact_location, 'mlflow-artifacts:/' || e.id), '/') || '/' || j.name || '/artifacts'";

/** A run's own fields as SQL over its row `j` and that of its experiment `e`. */
const attributes: Record<string, { sql: string; isNumber?: boolean }> = {
  run_id: { sql: 'j.name' },
  run_name: { sql: 'coalesce(j.display_name, j.name)' },
  status: { sql: 'j.status' },
  user_id: { sql: 'j."user"' },
  start_time: { sql: 'coalesce(j.started_at, j.created_at)', isNumber: true },
  end_time: { sql: 'j.ended_at', isNumber: true },
  duration: { sql: 'j.ended_at - j.started_at', isNumber: true },
  experiment: { sql: 'e.name' },
  parent: { sql: 'j.parent' },
  job_type: { sql: 'j.job_type' },
  artifact_uri: { sql: artifactColumn },
};

/** The attribute that stands for a tag which a job does not have; see `toRun`. */
const standIns: Record<string, string> = { 'mlflow.runName': 'run_name', 'mlflow.parentRunId': 'parent' };

/** What of the runs is in memory. What a search needs is read before it, since it does not wait. */
export class PostgresRunTables implements RunTables {
  readonly facts = new FactColumns();
  private readonly loaded = new Map<string, Column>();
  private serials = new Map<string, number>();
  private readonly ofDatasets = new Map<string, { run: number; value: string | null }[]>();
  private readonly ofSeries = new Map<string, Extremes | undefined>();

  /** Reads the facts of all runs, or of some again. */
  async readFacts(rows: Rows, runs?: readonly number[]): Promise<void> {
    if (runs) for (const run of runs) this.facts.remove(run);
    else this.facts.clear();
    const found = await rows.all(
      `SELECT serial, experiment_id, is_deleted, coalesce(started_at, created_at) AS start FROM jobs ${runs ? 'WHERE serial = ANY($1::bigint[])' : ''}`,
      ...(runs ? [runs] : []),
    );
    this.facts.makeRoom(found.reduce((last, { serial }) => Math.max(last, serial), 0));
    for (const { serial, experiment_id, is_deleted, start } of found) this.facts.set(serial, experiment_id, is_deleted, start);
  }

  /** Reads columns that are not in memory. */
  async load(rows: Rows, fields: readonly RunField[]): Promise<void> {
    for (const field of fields) {
      const name = nameOf(field);
      const present = this.loaded.get(name);
      // Used last, last.
      this.loaded.delete(name);
      const column = present ?? newColumn(field);
      if (!present) await fill(rows, column, field);
      this.loaded.set(name, column);
    }
  }

  /** Reads what is in memory of some runs again. */
  async readAgain(rows: Rows, runs: readonly number[]): Promise<void> {
    for (const [name, column] of this.loaded) {
      for (const run of runs) column.set(run, undefined);
      await fill(rows, column, fieldOf(name), runs);
    }
  }

  async loadSerials(rows: Rows, names: readonly string[]): Promise<void> {
    const found = await rows.all('SELECT name, serial FROM jobs WHERE name = ANY($1)', names);
    this.serials = new Map(found.map(({ name, serial }) => [name, serial]));
  }

  async loadDatasets(rows: Rows, keys: readonly string[]): Promise<void> {
    const columns: Record<string, string> = { name: 'name', digest: 'digest', context: 'context' };
    for (const key of new Set(keys))
      this.ofDatasets.set(
        key,
        (await rows.all(`SELECT j.serial AS run, d.${columns[key]} AS value FROM run_datasets d JOIN jobs j ON j.name = d.job`)) as never,
      );
  }

  /** Keeps extremes of a series until `forgetPassing`. */
  keepExtremes(run: number, key: string, extremes: Extremes | undefined): void {
    this.ofSeries.set(`${run} ${key}`, extremes);
  }

  /** Forgets what only one search needed, and columns that take too much memory. */
  forgetPassing(): void {
    this.serials.clear();
    this.ofDatasets.clear();
    this.ofSeries.clear();
    let total = 0;
    for (const [name, { size }] of [...this.loaded].reverse()) {
      if (total > 0 && total + size > mostCells) this.loaded.delete(name);
      else total += size;
    }
  }

  forget(field: RunField): void {
    this.loaded.delete(nameOf(field));
  }

  clear(): void {
    this.facts.clear();
    this.loaded.clear();
    this.forgetPassing();
  }

  column(field: RunField): Column {
    const column = this.loaded.get(nameOf(field));
    if (!column) throw new Error(`A search was begun without ${nameOf(field)}.`);
    return column;
  }

  cells(fields: readonly RunField[], runs: ArrayLike<number>): Value[][] {
    return fields.map((field) => {
      const column = this.column(field);
      return Array.from(runs, (run) => column.get(run));
    });
  }

  nameOf(run: number): string {
    return this.column({ of: 'attribute', key: 'run_id' }).get(run) as string;
  }

  serialsOf(names: readonly string[]): number[] {
    return names.flatMap((name) => this.serials.get(name) ?? []);
  }

  datasets(key: string): Iterable<{ run: number; value: string | null }> {
    return this.ofDatasets.get(key)!;
  }

  extremes(run: number, key: string): Extremes | undefined {
    return this.ofSeries.get(`${run} ${key}`);
  }
}

function newColumn({ of, key }: RunField): Column {
  return of === 'metric' || (of === 'attribute' && attributes[key]!.isNumber) ? new NumberColumn() : new TextColumn();
}

/** Reads a field of all runs into its column, or that of some. */
async function fill(rows: Rows, column: Column, { of, key }: RunField, runs?: readonly number[]): Promise<void> {
  const attribute = of === 'attribute' ? key : of === 'tag' ? standIns[key] : undefined;
  const some: Bound[] = runs ? [runs] : [];
  if (attribute !== undefined) {
    const { sql } = attributes[attribute]!;
    const experiment = /\be\./.test(sql) ? 'JOIN experiments e ON e.id = j.experiment_id' : '';
    const found = await rows.all(
      `SELECT j.serial AS run, ${sql} AS value FROM jobs j ${experiment} WHERE ${sql} IS NOT NULL ${runs ? 'AND j.serial = ANY($1::bigint[])' : ''}`,
      ...some,
    );
    for (const { run, value } of found) column.set(run, value);
  }
  if (of === 'metric') {
    const found = await rows.all(
      `SELECT l.run, l.value, l.nan FROM latest l JOIN metric_keys k ON k.id = l.key WHERE k.name = $1 ${runs ? 'AND l.run = ANY($2::bigint[])' : ''}`,
      key,
      ...some,
    );
    for (const { run, value, nan } of found) column.set(run, nan ? Number.NaN : value);
  } else if (of !== 'attribute') {
    const found = await rows.all(`SELECT run, value FROM ${of}s WHERE key = $1 ${runs ? 'AND run = ANY($2::bigint[])' : ''}`, key, ...some);
    for (const { run, value } of found) column.set(run, value);
  }
}

const nameOf = ({ of, key }: RunField): string => `${of}:${key}`;

function fieldOf(name: string): RunField {
  const at = name.indexOf(':');
  return { of: name.slice(0, at) as RunField['of'], key: name.slice(at + 1) };
}
