import type { JobStatus } from '../../../protocol/job.ts';
import type { FoundRuns, FoundTable, RunChoice, RunField, RunKeys, RunOrder, RunPlace, RunQuery, RunTableQuery } from '../../runQuery.ts';
import type { StoredJob } from '../../store.ts';
import type { Sql } from '../sql.ts';
import { artifactColumn, type Column, Columns } from './columns.ts';
import { passes } from './passes.ts';

/** Changed runs that are read one by one. */
const mostChanged = 5000;

/**
 * Search over runs. The columns that a search names lie in memory, read from their indexes when they are asked for first; a search is a walk over them and
 * a choice of the first `limit`, which costs as much on page 500 as on page 1. Runs that changed are read again before the next search.
 */
export class RunSearch {
  private readonly sql: Sql;
  private readonly columns: Columns;
  private experiments: Int32Array | undefined;
  private deleted = new Uint8Array(0);
  private starts = new Float64Array(0);
  private count = 0;
  private readonly changed = new Set<number>();

  constructor(sql: Sql) {
    this.sql = sql;
    this.columns = new Columns(sql);
  }

  /** A run was made, changed or removed, or got a latest value. */
  note(run: number): void {
    // Before the first search there is nothing to bring up to date.
    if (this.experiments) this.changed.add(run);
  }

  forgetAll(): void {
    this.columns.clear();
    this.experiments = undefined;
    this.changed.clear();
  }

  /** Brings what is remembered up to date. */
  private follow(): void {
    // So many are read faster from the indexes.
    if (this.changed.size > mostChanged) return this.forgetAll();
    for (const run of this.changed) this.read(run);
    this.changed.clear();
  }

  private read(run: number): void {
    if (!this.experiments) return;
    const row = this.sql.one(
      `SELECT j.*, json_extract(j.properties, '$.jobType') AS job_type, e.name AS experiment, ${artifactColumn} AS artifact_uri FROM jobs j JOIN experiments e ON e.id = j.experiment_id WHERE j.serial = ?`,
      run,
    );
    if (!row) {
      if (run < this.count) this.experiments[run] = -1;
      return;
    }
    this.makeRoom(run);
    this.count = Math.max(this.count, run + 1);
    this.experiments[run] = row.experiment_id;
    this.deleted[run] = row.is_deleted;
    this.starts[run] = row.started_at ?? row.created_at;
    this.columns.read(run, {
      run_id: row.name,
      run_name: row.display_name ?? row.name,
      status: row.status,
      user_id: row.user,
      start_time: row.started_at ?? row.created_at,
      end_time: row.ended_at ?? undefined,
      artifact_uri: row.artifact_uri,
      experiment: row.experiment,
      job_type: row.job_type ?? undefined,
      parent: row.parent ?? undefined,
    });
  }

  /** `jobOf` reads a job by its serial. */
  search(query: RunQuery, jobOf: (serial: number) => StoredJob): FoundRuns {
    const isChosen = this.chosen(query);
    const { order, orderOfStart, compare, idOf } = this.ordered(query);
    const { starts } = this;
    const place = query.after;
    const isAfter = (run: number): boolean => {
      for (const [index, { column, sign }] of order.entries()) {
        const difference = compareValues(column[run], fromPlace(place!.values[index]), sign);
        if (difference) return difference > 0;
      }
      if (orderOfStart && starts[run] !== place!.start) return starts[run]! < place!.start;
      return idOf(run) > place!.id;
    };

    const first = new FirstOf(query.limit + 1, compare);
    for (let run = 0; run < this.count; run++) if (isChosen(run) && (!place || isAfter(run))) first.add(run);
    const found = first.sorted();
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    return {
      jobs: page.map(jobOf),
      next:
        found.length > query.limit && last !== undefined
          ? { values: order.map(({ column }) => toPlace(column[last])), start: starts[last]!, id: idOf(last) }
          : undefined,
    };
  }

  table(query: RunTableQuery): FoundTable {
    const isChosen = this.chosen(query);
    const { compare, idOf } = this.ordered(query);
    const chosen: number[] = [];
    for (let run = 0; run < this.count; run++) if (isChosen(run)) chosen.push(run);
    const rows = chosen.sort(compare).slice(query.offset, query.offset + query.limit);
    return {
      total: chosen.length,
      runs: rows.map(idOf),
      columns: query.columns.map((field) => {
        const column = this.columns.get(field);
        return rows.map((run) => column[run]);
      }),
    };
  }

  /** What the runs of these experiments have. */
  keys(experimentIds: string[]): RunKeys {
    const of = (sql: string) => this.sql.all(sql, JSON.stringify(experimentIds.map(Number))).map(({ name }) => name as string);
    const runs = 'SELECT serial FROM jobs WHERE experiment_id IN (SELECT value FROM json_each(?))';
    return {
      metrics: of(`SELECT name FROM metric_keys WHERE id IN (SELECT key FROM latest WHERE run IN (${runs})) ORDER BY name`),
      params: of(`SELECT DISTINCT key AS name FROM params WHERE run IN (${runs}) ORDER BY key`),
      tags: of(`SELECT DISTINCT key AS name FROM tags WHERE run IN (${runs}) ORDER BY key`),
    };
  }

  /** Whether a run is one of those that are asked for. */
  private chosen(query: RunChoice): (run: number) => boolean {
    this.follow();
    const experiments = this.base();
    const { deleted } = this;
    const wanted = new Set((query.experimentIds ?? []).filter((id) => /^\d+$/.test(id)).map(Number));
    const { parent } = query;
    const parents = parent === undefined ? undefined : this.columns.get({ of: 'attribute', key: 'parent' });
    const tests = query.tests.map((test) => {
      const pass = passes(test);
      if (test.of === 'dataset') {
        const runs = this.runsOfDatasets(test.key, pass);
        return (run: number) => runs.has(run);
      }
      const column = this.column(test, query);
      return (run: number) => pass(column[run]);
    });
    return (run) => {
      if (!wanted.has(experiments[run]!)) return false;
      if (query.deleted !== undefined && deleted[run] !== Number(query.deleted)) return false;
      if (parents && parents[run] !== (parent ?? undefined)) return false;
      for (const test of tests) if (!test(run)) return false;
      return true;
    };
  }

  private ordered(query: RunChoice & { order: RunOrder[] }) {
    const order = query.order.map((each) => ({ column: this.column(each, query), sign: each.descending ? -1 : 1 }));
    const orderOfStart = query.order.some(({ of, key }) => of === 'attribute' && key === 'start_time') ? 0 : 1;
    let ids: Column | undefined;
    const idOf = (run: number) => (ids ??= this.columns.get({ of: 'attribute', key: 'run_id' }))[run] as string;
    const { starts } = this;
    const compare = (a: number, b: number): number => {
      for (const { column, sign } of order) {
        const difference = compareValues(column[a], column[b], sign);
        if (difference) return difference;
      }
      if (orderOfStart && starts[a] !== starts[b]) return starts[b]! - starts[a]!;
      const [x, y] = [idOf(a), idOf(b)];
      return x < y ? -1 : x > y ? 1 : 0;
    };
    return { order, orderOfStart, compare, idOf };
  }

  private column(field: RunField, query: RunChoice): Column {
    const column = this.columns.get(field);
    return field.of === 'attribute' && field.key === 'status'
      ? column.map((status) => status && query.statusName(status as JobStatus))
      : column;
  }

  /** Runs with a dataset that passes. */
  private runsOfDatasets(key: string, pass: (value: string | undefined) => boolean): Set<number> {
    const names: Record<string, string> = { name: 'name', digest: 'digest', context: 'context' };
    const runs = new Set<number>();
    for (const { run, value } of this.sql.all(
      `SELECT j.serial AS run, d.${names[key]} AS value FROM run_datasets d JOIN jobs j ON j.name = d.job`,
    ))
      if (pass(value ?? undefined)) runs.add(run);
    return runs;
  }

  /** What every search looks at: each run's experiment (-1 where there is no run), whether it is deleted, its start. */
  private base(): Int32Array {
    if (this.experiments) return this.experiments;
    const last = this.sql.one('SELECT max(serial) AS last FROM jobs')?.last ?? 0;
    this.experiments = new Int32Array(0);
    this.makeRoom(last);
    this.count = last + 1;
    const statement = this.sql.prepare('SELECT serial, experiment_id, is_deleted, coalesce(started_at, created_at) AS start FROM jobs');
    statement.setReturnArrays(true);
    for (const [serial, experiment, deleted, start] of statement.iterate() as unknown as Iterable<[number, number, number, number]>) {
      this.experiments[serial] = experiment;
      this.deleted[serial] = deleted;
      this.starts[serial] = start;
    }
    return this.experiments;
  }

  private makeRoom(serial: number): void {
    const { length } = this.experiments!;
    if (serial < length) return;
    const size = Math.max(1024, serial + 1, Math.floor(length * 1.5));
    const experiments = new Int32Array(size).fill(-1);
    experiments.set(this.experiments!);
    this.experiments = experiments;
    const deleted = new Uint8Array(size);
    deleted.set(this.deleted);
    this.deleted = deleted;
    const starts = new Float64Array(size);
    starts.set(this.starts);
    this.starts = starts;
  }
}

type Value = number | string | undefined;

/** NaN after every number and what is missing last, in either direction. */
function compareValues(a: Value, b: Value, sign: number): number {
  if (a === b) return 0;
  const [x, y] = [rank(a), rank(b)];
  if (x !== y) return x - y;
  return x > 0 ? 0 : a! < b! ? -sign : sign;
}

const rank = (value: Value): number => (value === undefined ? 2 : typeof value === 'number' && Number.isNaN(value) ? 1 : 0);

/** JSON has no NaN and no infinity: in a place, null is nothing and a number that is not finite a list of its name. */
const toPlace = (value: Value): RunPlace['values'][number] =>
  value === undefined ? null : typeof value === 'number' && !Number.isFinite(value) ? `\0${value}` : value;
const fromPlace = (value: RunPlace['values'][number] | undefined): Value =>
  value === null || value === undefined ? undefined : typeof value === 'string' && value.startsWith('\0') ? Number(value.slice(1)) : value;

/** The first few of many, as a heap with the last of them on top. */
class FirstOf {
  private readonly most: number;
  private readonly compare: (a: number, b: number) => number;
  private readonly heap: number[] = [];

  constructor(most: number, compare: (a: number, b: number) => number) {
    this.most = most;
    this.compare = compare;
  }

  add(item: number): void {
    const { heap, compare } = this;
    if (heap.length < this.most) {
      heap.push(item);
      let child = heap.length - 1;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (compare(heap[parent]!, heap[child]!) >= 0) return;
        [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
        child = parent;
      }
    } else if (compare(item, heap[0]!) < 0) {
      heap[0] = item;
      let parent = 0;
      for (;;) {
        let child = 2 * parent + 1;
        if (child >= heap.length) return;
        if (child + 1 < heap.length && compare(heap[child + 1]!, heap[child]!) > 0) child++;
        if (compare(heap[parent]!, heap[child]!) >= 0) return;
        [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
        parent = child;
      }
    }
  }

  sorted(): number[] {
    return this.heap.sort(this.compare);
  }
}
