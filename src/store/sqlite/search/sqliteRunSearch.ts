import type {
  Extremes,
  FoundGroups,
  FoundTable,
  RunField,
  RunGroupQuery,
  RunKeys,
  RunPlace,
  RunQuery,
  RunScopeQuery,
  RunTableQuery,
} from '../../runQuery.ts';
import type { Column, Value } from '../../search/column.ts';
import { type Ours, RunSearch, type RunTables } from '../../search/runSearch.ts';
import type { Sql } from '../sql.ts';
import { Columns } from './columns.ts';
import { KeyLists } from './keyLists.ts';
import { RunBase } from './runBase.ts';

/** Changed runs that are read again by themselves. */
const mostChanged = 2000;

/** Search over the runs of a database. Columns are read from their indexes when they are asked for first; runs that changed are read again before the next search. */
export class SqliteRunSearch implements RunTables {
  private readonly sql: Sql;
  private readonly columns: Columns;
  private readonly keyLists: KeyLists;
  private readonly inMemory: RunSearch;
  private readonly changed = new Set<number>();
  readonly facts: RunBase;
  /** Reads a series of a run, by its serial. */
  readonly extremes: (run: number, key: string) => Extremes | undefined;

  constructor(sql: Sql, extremes: (run: number, key: string) => Extremes | undefined) {
    this.sql = sql;
    this.columns = new Columns(sql);
    this.facts = new RunBase(sql);
    this.keyLists = new KeyLists(sql);
    this.inMemory = new RunSearch(this);
    this.extremes = extremes;
  }

  /** A run was made, changed or removed, or got a latest value. */
  note(run: number): void {
    // Before the first search there is nothing to bring up to date.
    if (this.facts.isLoaded) this.changed.add(run);
  }

  /** An experiment was made or changed, perhaps renamed. */
  noteExperiment(): void {
    this.columns.forget({ of: 'attribute', key: 'experiment' });
    this.inMemory.noteExperiment();
  }

  forgetAll(): void {
    this.columns.clear();
    this.facts.forget();
    this.inMemory.forgetAll();
    this.keyLists.forgetAll();
    this.changed.clear();
  }

  search(query: Ours<RunQuery>): { runs: number[]; next: RunPlace | undefined } {
    return this.followed().search(query);
  }

  table(query: Ours<RunTableQuery>): FoundTable {
    const search = this.followed();
    return search.table(query, search.rows(query));
  }

  groups(query: Ours<RunGroupQuery>): FoundGroups {
    return this.followed().groups(query);
  }

  /** What the runs of a scope have. */
  keys(query: Ours<RunScopeQuery>): RunKeys {
    return this.keyLists.keys(this.followed().scope(query));
  }

  column(field: RunField): Column {
    return this.columns.get(field);
  }

  cells(fields: readonly RunField[], runs: ArrayLike<number>): Value[][] {
    return this.columns.cells(fields, runs, this.facts.count);
  }

  nameOf(run: number): string {
    return this.sql.one('SELECT name FROM jobs WHERE serial = ?', run)!.name;
  }

  serialsOf(names: readonly string[]): number[] {
    return this.sql
      .all('SELECT j.serial FROM json_each(?) n CROSS JOIN jobs j ON j.name = n.value ORDER BY n.key', JSON.stringify(names))
      .map(({ serial }) => serial as number);
  }

  datasets(key: string): { run: number; value: string | null }[] {
    const names: Record<string, string> = { name: 'name', digest: 'digest', context: 'context' };
    return this.sql.all(`SELECT j.serial AS run, d.${names[key]} AS value FROM run_datasets d JOIN jobs j ON j.name = d.job`) as never;
  }

  /** The search, with what it remembers brought up to date. */
  private followed(): RunSearch {
    // So many are read faster from the indexes.
    if (this.changed.size > mostChanged) this.forgetAll();
    this.facts.load();
    if (this.changed.size > 0) {
      const runs = [...this.changed];
      this.changed.clear();
      this.facts.read(runs);
      this.columns.read(runs);
      this.inMemory.note(runs);
      this.keyLists.note(runs);
    }
    return this.inMemory;
  }
}
