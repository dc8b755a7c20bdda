import type { RunField } from '../../runQuery.ts';
import { type Column, NumberColumn, TextColumn, type Value } from '../../search/column.ts';
import type { Sql } from '../sql.ts';

/** Columns are forgotten, the one used longest ago first, when they take more than this together (in numbers of eight bytes). */
const mostCells = 4_000_000;
/** Runs, and characters of their texts, that are read from the database as one JSON. */
const runsAtOnce = 20_000;
const charactersAtOnce = 30_000_000;

/** MLflow's uri of a run's artifacts; see `artifactUri` of the server. */
const artifactColumn = "rtrim(coalesce(e.artifact_location, 'mlflow-artifacts:/' || e.id), '/') || '/' || j.name || '/artifacts'";

/** A run's own fields as SQL over its row `j` and that of its experiment `e`. */
const attributes: Record<string, { sql: string; isNumber?: boolean }> = {
  run_id: { sql: 'j.name' },
  run_name: { sql: 'coalesce(j.display_name, j.name)' },
  status: { sql: 'j.status' },
  user_id: { sql: 'j.user' },
  start_time: { sql: 'coalesce(j.started_at, j.created_at)', isNumber: true },
  end_time: { sql: 'j.ended_at', isNumber: true },
  duration: { sql: 'j.ended_at - j.started_at', isNumber: true },
  experiment: { sql: 'e.name' },
  parent: { sql: 'j.parent' },
  job_type: { sql: "json_extract(j.properties, '$.jobType')" },
  artifact_uri: { sql: artifactColumn },
};

/** The attribute that stands for a tag which a job does not have; see `toRun`. */
const standIns: Record<string, string> = { 'mlflow.runName': 'run_name', 'mlflow.parentRunId': 'parent' };

/**
 * Fields of runs. Those that searches filter or sort by are read whole from their index, once, and kept up to date from then on; of others the few cells that are shown
 * are looked up.
 */
export class Columns {
  private readonly sql: Sql;
  private readonly loaded = new Map<string, Column>();

  constructor(sql: Sql) {
    this.sql = sql;
  }

  /** A whole column. */
  get(field: RunField): Column {
    const name = nameOf(field);
    let column = this.loaded.get(name);
    if (column) this.loaded.delete(name);
    else column = this.load(field);
    this.loaded.set(name, column);
    this.forgetOldest();
    return column;
  }

  /** Cells of some of `count` runs: a list a field. */
  cells(fields: readonly RunField[], runs: ArrayLike<number>, count: number): Value[][] {
    // A tenth of the cells, one by one, takes as long as the whole column, which is then remembered.
    const isMany = 10 * runs.length >= count;
    const missing = isMany ? [] : fields.filter((field) => !this.loaded.has(nameOf(field)));
    const found = this.lookUp(missing, runs);
    return fields.map((field) => {
      const cells = found.get(field);
      if (cells) return cells;
      const column = this.get(field);
      return Array.from(runs, (run) => column.get(run));
    });
  }

  /** Reads what is remembered of some runs again. */
  read(runs: readonly number[]): void {
    const fields = [...this.loaded.keys()].map(fieldOf);
    for (const [field, cells] of this.lookUp(fields, runs)) {
      const column = this.loaded.get(nameOf(field))!;
      for (const [at, run] of runs.entries()) column.set(run, cells[at]);
    }
    this.forgetOldest();
  }

  forget(field: RunField): void {
    this.loaded.delete(nameOf(field));
  }

  clear(): void {
    this.loaded.clear();
  }

  private forgetOldest(): void {
    let total = 0;
    for (const [name, { size }] of [...this.loaded].reverse()) {
      // The newest is in use.
      if (total > 0 && total + size > mostCells) this.loaded.delete(name);
      else total += size;
    }
  }

  private lookUp(fields: readonly RunField[], runs: ArrayLike<number>): Map<RunField, Value[]> {
    const found = new Map<RunField, Value[]>();
    if (fields.length === 0) return found;
    const list = JSON.stringify(Array.from(runs));
    for (const field of fields) found.set(field, new Array<Value>(runs.length).fill(undefined));
    for (const field of fields) {
      const attribute = field.of === 'attribute' ? field.key : field.of === 'tag' ? standIns[field.key] : undefined;
      if (attribute === undefined) continue;
      const { sql } = attributes[attribute]!;
      for (const [at, value] of this.rows(
        `SELECT r.key, ${sql} FROM json_each(?) r CROSS JOIN jobs j ON j.serial = r.value ${experimentFor(sql)}`,
        list,
      ))
        found.get(field)![at as number] = (value as Value | null) ?? undefined;
    }
    for (const kind of ['metric', 'param', 'tag'] as const) {
      const asked = fields.filter((field) => field.of === kind);
      if (asked.length === 0) continue;
      const keys = asked.map(({ key }) => (kind === 'metric' ? this.keyOf(key) : key));
      // CROSS: a look-up for each cell, and never a walk over a table.
      const sql =
        kind === 'metric'
          ? 'SELECT r.key, k.key, l.value, l.nan FROM json_each(?1) r CROSS JOIN json_each(?2) k CROSS JOIN latest l ON l.run = r.value AND l.key = k.value'
          : `SELECT r.key, k.key, t.value FROM json_each(?1) r CROSS JOIN json_each(?2) k CROSS JOIN ${kind}s t ON t.run = r.value AND t.key = k.value`;
      for (const [at, index, value, nan] of this.rows(sql, list, JSON.stringify(keys)))
        found.get(asked[index as number]!)![at as number] = nan ? Number.NaN : (value as Value);
    }
    return found;
  }

  private load({ of, key }: RunField): Column {
    if (of === 'attribute') return this.loadAttribute(key);
    if (of === 'metric') {
      const column = new NumberColumn();
      const id = this.keyOf(key);
      if (id !== undefined) this.loadInto(column, "iif(nan, 'NaN', value)", 'run', 'latest WHERE key = ?3', id);
      return column;
    }
    const column = of === 'tag' && standIns[key] ? this.loadAttribute(standIns[key]) : new TextColumn();
    this.loadInto(column, 'value', 'run', `${of}s WHERE key = ?3`, key);
    return column;
  }

  private loadAttribute(key: string): Column {
    const { sql, isNumber } = attributes[key]!;
    const column = isNumber ? new NumberColumn() : new TextColumn();
    this.loadInto(column, sql, 'j.serial', `jobs j NOT INDEXED ${experimentFor(sql)} WHERE ${sql} IS NOT NULL`);
    return column;
  }

  /** Rows come in the order of their runs, as in the index that has them. As JSON they are read several times faster than one by one. */
  private loadInto(column: Column, value: string, run: string, from: string, ...key: (string | number)[]): void {
    const isText = column instanceof TextColumn;
    const some = `FROM ${from} AND ${run} >= ?1 AND ${run} < ?2`;
    const last = this.sql.one('SELECT max(serial) AS last FROM jobs')!.last ?? 0;
    for (let start = 0; start <= last; start += runsAtOnce) {
      const where = [start, start + runsAtOnce, ...key];
      const isLong = isText && (this.rows(`SELECT sum(length(${value})) ${some}`, ...where)[0]![0] as number) > charactersAtOnce;
      if (isLong) {
        const statement = this.sql.prepare(`SELECT ${run}, ${value} ${some}`);
        statement.setReturnArrays(true);
        for (const [at, each] of statement.iterate(...where) as unknown as Iterable<[number, string]>) column.set(at, each);
        continue;
      }
      const [count, first, end, json] = this.rows(
        `SELECT count(*), min(${run}), max(${run}), json_group_array(${value}) ${some}`,
        ...where,
      )[0] as [number, number, number, string];
      if (count === 0) continue;
      const values = JSON.parse(json) as (number | string)[];
      // Where every run has a value, the first says which runs they are.
      const runs =
        end - first + 1 === count
          ? undefined
          : (JSON.parse(this.rows(`SELECT json_group_array(${run}) ${some}`, ...where)[0]![0] as string) as number[]);
      for (let i = 0; i < count; i++) column.set(runs ? runs[i]! : first + i, isText ? values[i]! : Number(values[i]));
    }
  }

  private keyOf(name: string): number | undefined {
    return this.sql.one('SELECT id FROM metric_keys WHERE name = ?', name)?.id;
  }

  private rows(sql: string, ...values: (string | number)[]): unknown[][] {
    const statement = this.sql.prepare(sql);
    statement.setReturnArrays(true);
    return statement.all(...values) as unknown as unknown[][];
  }
}

/** CROSS keeps the order of the jobs. */
const experimentFor = (sql: string): string => (/\be\./.test(sql) ? 'CROSS JOIN experiments e ON e.id = j.experiment_id' : '');

const nameOf = ({ of, key }: RunField): string => `${of}:${key}`;

function fieldOf(name: string): RunField {
  const at = name.indexOf(':');
  return { of: name.slice(0, at) as RunField['of'], key: name.slice(at + 1) };
}
