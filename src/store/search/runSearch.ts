import type { JobStatus } from '../../protocol/job.ts';
import type {
  Extremes,
  FoundGroups,
  FoundTable,
  MetricColumn,
  RunChoice,
  RunField,
  RunGroupQuery,
  RunOrder,
  RunPlace,
  RunQuery,
  RunScopeQuery,
  RunTableQuery,
  RunTest,
} from '../runQuery.ts';
import { type Column, compareAsNumbers, numberKeys, TextColumn, type Value } from './column.ts';
import { FirstOf } from './firstOf.ts';
import { groupRuns } from './groupRuns.ts';
import { passes } from './passes.ts';
import { type Question, RememberedOrders } from './rememberedOrders.ts';
import { type SortField, sortRuns } from './sortRuns.ts';

/** Extremes of a metric of a run that are remembered. */
const mostExtremes = 100_000;

export const idField: RunField = { of: 'attribute', key: 'run_id' };

/** What a search filters by: the workspace's own experiments among those that were asked for. */
export type Ours<Q extends RunScopeQuery> = Q & { experimentIds: string[] };

/** What every search looks at, by the run's serial: its experiment (-1 where there is no run), whether it is deleted, its start. */
export interface RunFacts {
  readonly experiments: Int32Array;
  readonly deleted: Uint8Array;
  readonly starts: Float64Array;
  /** One more than the greatest serial. */
  readonly count: number;
}

/** Runs of a scope: in order, and whether one is among them. Scopes of the same name ask for the same. */
export interface KeyScope {
  name: string;
  runs: Uint32Array;
  has(run: number): boolean;
}

/** What a search reads of a database: all of it as of one moment, and without waiting. */
export interface RunTables {
  readonly facts: RunFacts;
  /** A whole column. */
  column(field: RunField): Column;
  /** Cells of some runs: a list a field. */
  cells(fields: readonly RunField[], runs: ArrayLike<number>): Value[][];
  nameOf(run: number): string;
  /** Those of the names that there are, in that order. */
  serialsOf(names: readonly string[]): number[];
  /** What runs have of this in their datasets: `name`, `digest` or `context`. */
  datasets(key: string): Iterable<{ run: number; value: string | null }>;
  /** Of a metric of a run. */
  extremes(run: number, key: string): Extremes | undefined;
}

/** Runs of a table: how many there are, and those of the rows that are asked for. */
export interface TableRows {
  total: number;
  runs: Uint32Array;
}

/**
 * Search over runs. The columns that a search names are in memory. A search goes through them and keeps the first `limit` runs, so page 500 costs as much as page 1. The order of a table's runs is remembered.
 * When runs have changed, the caller first brings the columns up to date, and then names the runs with `note`.
 */
export class RunSearch {
  private readonly tables: RunTables;
  private readonly orders = new RememberedOrders();
  private readonly extremes = new Map<number, Map<string, Extremes | undefined>>();
  private countOfExtremes = 0;

  constructor(tables: RunTables) {
    this.tables = tables;
  }

  /** Runs were made, changed or removed, or got latest values. */
  note(runs: readonly number[]): void {
    for (const run of runs) this.extremes.delete(run);
    this.orders.note(runs);
  }

  /** An experiment was made or changed, perhaps renamed. */
  noteExperiment(): void {
    this.orders.forgetAll();
  }

  forgetAll(): void {
    this.orders.forgetAll();
    this.extremes.clear();
    this.countOfExtremes = 0;
  }

  /** Serials of the runs, and where the next page starts. */
  search(query: Ours<RunQuery>): { runs: number[]; next: RunPlace | undefined } {
    const isChosen = this.chosen(query);
    const { order, orderOfStart, compare, idOf } = this.ordered(query);
    const { starts, count } = this.tables.facts;
    const place = query.after;
    const isAfter = (run: number): boolean => {
      for (const [index, { column, descending }] of order.entries()) {
        const difference = compareValues(column.get(run), fromPlace(place!.values[index]), descending);
        if (difference) return difference > 0;
      }
      if (orderOfStart && starts[run] !== place!.start) return starts[run]! < place!.start;
      return idOf(run) > place!.id;
    };

    const first = new FirstOf(query.limit + 1, compare);
    for (let run = 0; run < count; run++) if (isChosen(run) && (!place || isAfter(run))) first.add(run);
    const found = first.sorted();
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    return {
      runs: page,
      next:
        found.length > query.limit && last !== undefined
          ? { values: order.map(({ column }) => toPlace(column.get(last))), start: starts[last]!, id: idOf(last) }
          : undefined,
    };
  }

  rows(query: Ours<RunTableQuery>): TableRows {
    const all = query.ids ? this.named(query, query.ids) : this.sorted(query);
    return { total: all.length, runs: all.subarray(query.offset, query.offset + query.limit) };
  }

  table(query: Ours<RunTableQuery>, { total, runs }: TableRows): FoundTable {
    const plain = query.columns.filter((column) => isPlain(column));
    const cells = this.tables.cells([idField, ...plain], runs);
    const ids = cells[0] as string[];
    const found = new Map(plain.map((column, at) => [column, cells[at + 1]!]));
    return {
      total,
      runs: ids,
      columns: query.columns.map((column) => found.get(column) ?? Array.from(runs, (run) => this.extremeOf(run, column))),
    };
  }

  /** Extremes that a table shows and that are not remembered. */
  extremesToRead({ columns }: RunTableQuery, { runs }: TableRows): { run: number; key: string }[] {
    const keys = [...new Set(columns.filter((column) => !isPlain(column)).map(({ key }) => key))];
    return keys.flatMap((key) => [...runs].filter((run) => !this.extremes.get(run)?.has(key)).map((run) => ({ run, key })));
  }

  groups(query: Ours<RunGroupQuery>): FoundGroups {
    const isChosen = this.chosen(query);
    const { count } = this.tables.facts;
    const runs: Iterable<number> = query.ids ? this.named({ ...query, order: [] }, query.ids) : chosenUpTo(count, isChosen);
    return groupRuns(
      runs,
      query.by.map((field) => this.tables.column(field)),
      query.metrics.map((key) => this.tables.column({ of: 'metric', key })),
      query.order,
      query,
    );
  }

  /** The runs of a scope. */
  scope(query: Ours<RunScopeQuery>): KeyScope {
    const isChosen = this.chosen({ ...query, tests: [], statusName: String });
    const runs = query.ids
      ? this.named({ ...query, tests: [], statusName: String, order: [] }, query.ids).sort()
      : chosenUpTo(this.tables.facts.count, isChosen);
    const listed = query.ids && new Set(runs);
    const has = (run: number) => (listed ? listed.has(run) : isChosen(run));
    return { name: scopeName(query), runs, has };
  }

  /** All runs that are chosen, in their order. */
  private sorted(query: Ours<RunTableQuery>): Uint32Array {
    // What is known of data sets is not followed.
    if ([query.tests, ...(query.anyOf ?? [])].flat().some(({ of }) => of === 'dataset')) return this.sortedAnew(query);
    return this.orders.runs(
      JSON.stringify([scopeName(query), query.tests, query.anyOf, query.order, query.ownStatuses]),
      (): Question => ({ isChosen: this.chosen(query), compare: this.ordered(query).compare }),
      () => this.sortedAnew(query),
    );
  }

  private sortedAnew(query: Ours<RunTableQuery>): Uint32Array {
    return this.inOrder(chosenUpTo(this.tables.facts.count, this.chosen(query)), query);
  }

  /** Of the runs with these names those that are chosen; in the order of the names where no other was asked for. */
  private named(query: Ours<RunChoice & { order: RunOrder[] }>, ids: string[]): Uint32Array {
    const isChosen = this.chosen(query);
    const serials = new Set(this.tables.serialsOf(ids));
    const runs = Uint32Array.from([...serials].filter(isChosen));
    return query.order.length > 0 ? this.inOrder(runs, query) : runs;
  }

  private inOrder(runs: Uint32Array, query: RunChoice & { order: RunOrder[] }): Uint32Array {
    const { order, orderOfStart, compareBeforeId, idOf } = this.ordered(query);
    const { starts } = this.tables.facts;
    const start: SortField = {
      descending: true,
      column: { sortKeys: (some, { descending }, high, low) => numberKeys(starts, some, descending, high, low) },
    };
    const sorted = sortRuns(runs, orderOfStart ? [...order, start] : order);
    const isTied = (a: number, b: number) => (!orderOfStart || starts[a] === starts[b]) && compareBeforeId(a, b) === 0;
    // Equal ones by their ids, which are compared for these only.
    for (let from = 0; from < sorted.length; ) {
      let to = from + 1;
      while (to < sorted.length && isTied(sorted[from]!, sorted[to]!)) to++;
      if (to - from > 1) {
        const tied = [...sorted.subarray(from, to)].map((run) => ({ run, id: idOf(run) }));
        tied.sort((a, b) => (a.id < b.id ? -1 : 1));
        for (const [at, { run }] of tied.entries()) sorted[from + at] = run;
      }
      from = to;
    }
    return sorted;
  }

  /** Whether a run is one of those that are asked for. */
  private chosen(query: Ours<RunChoice>): (run: number) => boolean {
    const { experiments, deleted } = this.tables.facts;
    const wanted = new Set(query.experimentIds.filter((id) => /^\d+$/.test(id)).map(Number));
    const { parent } = query;
    const parents = parent === undefined ? undefined : this.tables.column({ of: 'attribute', key: 'parent' });
    const isChild = parents?.passing((value) => value === (parent ?? undefined));
    const tests = query.tests.map((test) => this.testOf(test, query));
    const anyOf = query.anyOf?.map((each) => each.map((test) => this.testOf(test, query)));
    const state = query.deleted === undefined ? undefined : Number(query.deleted);
    return (run) => {
      if (!wanted.has(experiments[run] ?? -1)) return false;
      if (state !== undefined && deleted[run] !== state) return false;
      if (isChild && !isChild(run)) return false;
      for (const test of tests) if (!test(run)) return false;
      return !anyOf || anyOf.some((each) => each.every((test) => test(run)));
    };
  }

  private testOf(test: RunTest, { statusName, ownStatuses }: RunChoice): (run: number) => boolean {
    const pass = passes(test);
    if (test.of === 'dataset') {
      const runs = this.runsOfDatasets(test.key, pass);
      return (run) => runs.has(run);
    }
    const column = this.tables.column(test);
    if (test.of !== 'attribute' || test.key !== 'status') return column.passing(pass);
    // What is not a word is not the other one either.
    const isNot = test.operator === '!=' || test.operator === 'NOT IN';
    return column.passing((status) => {
      const named = pass(status && statusName(status as JobStatus));
      if (!ownStatuses) return named;
      return isNot ? named && pass(status) : named || pass(status);
    });
  }

  private ordered(query: RunChoice & { order: RunOrder[] }) {
    const order = query.order.map(({ descending, asNumbers, ...field }) => ({
      column: this.orderColumn(field, query),
      descending,
      asNumbers,
    }));
    const orderOfStart = !query.order.some(({ of, key }) => of === 'attribute' && key === 'start_time');
    const names = new Map<number, string>();
    const idOf = (run: number): string => {
      let name = names.get(run);
      if (name === undefined) {
        name = this.tables.nameOf(run);
        names.set(run, name);
      }
      return name;
    };
    const { starts } = this.tables.facts;
    const compareBeforeId = (a: number, b: number): number => {
      for (const { column, descending, asNumbers } of order) {
        const difference = compareValues(column.get(a), column.get(b), descending, asNumbers);
        if (difference) return difference;
      }
      return orderOfStart ? starts[b]! - starts[a]! : 0;
    };
    const compare = (a: number, b: number): number => {
      const difference = compareBeforeId(a, b);
      if (difference !== 0 || a === b) return difference;
      return idOf(a) < idOf(b) ? -1 : 1;
    };
    return { order, orderOfStart, compare, compareBeforeId, idOf };
  }

  /** Statuses are sorted by the words of who asks. */
  private orderColumn(field: RunField, { statusName }: RunChoice): Column {
    const column = this.tables.column(field);
    if (field.of !== 'attribute' || field.key !== 'status') return column;
    const named = new TextColumn();
    for (let run = this.tables.facts.count - 1; run >= 0; run--) {
      const status = column.get(run);
      if (status !== undefined) named.set(run, statusName(status as JobStatus));
    }
    return named;
  }

  /** Runs with a dataset that passes. */
  private runsOfDatasets(key: string, pass: (value: string | undefined) => boolean): Set<number> {
    const runs = new Set<number>();
    for (const { run, value } of this.tables.datasets(key)) if (pass(value ?? undefined)) runs.add(run);
    return runs;
  }

  private extremeOf(run: number, { key, value }: MetricColumn): Value {
    let ofRun = this.extremes.get(run);
    if (!ofRun) {
      if (this.countOfExtremes > mostExtremes) {
        this.extremes.clear();
        this.countOfExtremes = 0;
      }
      this.extremes.set(run, (ofRun = new Map()));
    }
    if (!ofRun.has(key)) {
      ofRun.set(key, this.tables.extremes(run, key));
      this.countOfExtremes++;
    }
    const found = ofRun.get(key);
    if (!found) return undefined;
    return value === 'min' ? found.min.value : value === 'max' ? found.max.value : value === 'minStep' ? found.min.step : found.max.step;
  }
}

export const isPlain = ({ value }: MetricColumn): boolean => value === undefined || value === 'last';

// As an object: in a list, what is undefined would be null, and "no parent" the same as "whatever parent".
const scopeName = ({ experimentIds, deleted, parent, ids }: RunScopeQuery): string =>
  JSON.stringify({ experimentIds, deleted, parent, ids });

function chosenUpTo(count: number, isChosen: (run: number) => boolean): Uint32Array {
  const chosen = new Uint32Array(count);
  let length = 0;
  for (let run = 0; run < count; run++) if (isChosen(run)) chosen[length++] = run;
  return chosen.slice(0, length);
}

/** NaN after every number and what is missing last, in either direction. */
function compareValues(a: Value, b: Value, descending: boolean, asNumbers = false): number {
  if (a === b) return 0;
  const [x, y] = [rank(a), rank(b)];
  if (x !== y) return x - y;
  if (x > 0) return 0;
  const difference = asNumbers ? compareAsNumbers(String(a), String(b)) : a! < b! ? -1 : 1;
  return descending ? -difference : difference;
}

const rank = (value: Value): number => (value === undefined ? 2 : typeof value === 'number' && Number.isNaN(value) ? 1 : 0);

/** JSON has no NaN and no infinity: in a place, null is nothing and a number that is not finite a list of its name. */
const toPlace = (value: Value): RunPlace['values'][number] =>
  value === undefined ? null : typeof value === 'number' && !Number.isFinite(value) ? `\0${value}` : value;
const fromPlace = (value: RunPlace['values'][number] | undefined): Value =>
  value === null || value === undefined ? undefined : typeof value === 'string' && value.startsWith('\0') ? Number(value.slice(1)) : value;
