import type { RunField } from '../../runQuery.ts';
import type { Sql } from '../sql.ts';

/** One field of every run, by the run's serial: undefined where it has none. A NaN is kept as such. */
export type Column = (number | string | undefined)[];

/** Columns are forgotten, the one used longest ago first, when they hold more cells than this together. */
const mostCells = 3_000_000;

/** MLflow's uri of a run's artifacts; see `artifactUri` of the server. */
export const artifactColumn = "rtrim(coalesce(e.artifact_location, 'mlflow-artifacts:/' || e.id), '/') || '/' || j.name || '/artifacts'";

const attributes: Record<string, string> = {
  run_id: 'SELECT serial, name FROM jobs',
  run_name: 'SELECT serial, coalesce(display_name, name) FROM jobs',
  status: 'SELECT serial, status FROM jobs',
  user_id: 'SELECT serial, user FROM jobs',
  start_time: 'SELECT serial, coalesce(started_at, created_at) FROM jobs',
  end_time: 'SELECT serial, ended_at FROM jobs WHERE ended_at IS NOT NULL',
  experiment: 'SELECT j.serial, e.name FROM jobs j JOIN experiments e ON e.id = j.experiment_id',
  parent: 'SELECT serial, parent FROM jobs WHERE parent IS NOT NULL',
  job_type: "SELECT serial, json_extract(properties, '$.jobType') FROM jobs",
  artifact_uri: `SELECT j.serial, ${artifactColumn} FROM jobs j JOIN experiments e ON e.id = j.experiment_id`,
};

/** What stands for a tag that a job does not have; see `toRun`. */
const standIns: Record<string, string> = {
  'mlflow.runName': 'SELECT serial, coalesce(display_name, name) FROM jobs',
  'mlflow.parentRunId': 'SELECT serial, parent FROM jobs WHERE parent IS NOT NULL',
};

/** Fields that searches asked for, read whole from their index once and kept up to date from then on. */
export class Columns {
  private readonly sql: Sql;
  private readonly loaded = new Map<string, Column>();
  private readonly words = new Map<string, string>();

  constructor(sql: Sql) {
    this.sql = sql;
  }

  get({ of, key }: RunField): Column {
    const name = `${of}:${key}`;
    let column = this.loaded.get(name);
    if (column) this.loaded.delete(name);
    else {
      column = this.load(of, key);
      let cells = column.length;
      for (const [other, { length }] of [...this.loaded].reverse()) {
        cells += length;
        if (cells > mostCells) this.loaded.delete(other);
      }
    }
    this.loaded.set(name, column);
    return column;
  }

  /** Reads the cells of one run again. `attributes` are its own, and its parent. */
  read(run: number, attributes: Record<string, number | string | undefined>): void {
    if (this.loaded.size === 0) return;
    const [tags, params] = [this.pairs('tags', run), this.pairs('params', run)];
    for (const name of this.loaded.keys()) {
      const at = name.indexOf(':');
      const [of, key] = [name.slice(0, at), name.slice(at + 1)];
      if (of === 'attribute') this.set(name, run, attributes[key]);
      else if (of === 'tag') {
        const standIn = key === 'mlflow.runName' ? attributes.run_name : key === 'mlflow.parentRunId' ? attributes.parent : undefined;
        this.set(name, run, tags.get(key) ?? standIn);
      } else if (of === 'param') this.set(name, run, params.get(key));
      else {
        const row = this.sql.one(
          'SELECT value, nan FROM latest WHERE run = ? AND key = (SELECT id FROM metric_keys WHERE name = ?)',
          run,
          key,
        );
        this.set(name, run, row && (row.nan ? Number.NaN : row.value));
      }
    }
  }

  private pairs(table: 'tags' | 'params', run: number): Map<string, string> {
    const isNeeded = [...this.loaded.keys()].some((name) => name.startsWith(`${table.slice(0, -1)}:`));
    return new Map(
      isNeeded ? this.sql.all(`SELECT key, value FROM ${table} WHERE run = ?`, run).map(({ key, value }) => [key, value]) : [],
    );
  }

  private set(name: string, run: number, value: number | string | undefined): void {
    const column = this.loaded.get(name)!;
    // Searches walk over a dense array.
    while (column.length < run) column.push(undefined);
    column[run] = typeof value === 'string' ? this.word(value) : value;
  }

  clear(): void {
    this.loaded.clear();
    this.words.clear();
  }

  private load(of: RunField['of'], key: string): Column {
    const column: Column = [];
    const read = (sql: string, ...values: (string | number)[]) => {
      for (const [run, value, nan] of this.rows(sql, ...values)) {
        while (column.length < (run as number)) column.push(undefined);
        column[run as number] = nan ? Number.NaN : typeof value === 'string' ? this.word(value) : (value as number);
      }
    };
    if (of === 'attribute') read(attributes[key]!);
    else if (of === 'metric')
      read('SELECT run, value, nan FROM latest WHERE key = (SELECT id FROM metric_keys WHERE name = ?) ORDER BY run', key);
    else {
      if (of === 'tag' && standIns[key]) read(standIns[key]);
      read(`SELECT run, value FROM ${of}s WHERE key = ? ORDER BY run`, key);
    }
    return column;
  }

  private rows(sql: string, ...values: (string | number)[]): Iterable<unknown[]> {
    const statement = this.sql.prepare(sql);
    statement.setReturnArrays(true);
    return statement.iterate(...values) as unknown as Iterable<unknown[]>;
  }

  /** One text for equal ones: a parameter has few values over many runs. */
  private word(text: string): string {
    const known = this.words.get(text);
    if (known !== undefined) return known;
    if (this.words.size > 200_000) this.words.clear();
    this.words.set(text, text);
    return text;
  }
}
