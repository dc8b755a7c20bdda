import type { Point } from '../../store.ts';
import type { RunSearch } from '../search/runSearch.ts';
import type { Sql } from '../sql.ts';
import type { MetricDirectory } from './directory.ts';
import type { LoosePoints } from './loose.ts';

interface Latest {
  step: number;
  at: number;
  value: number;
}

/** MLflow's rule for "the latest": greatest step, then time, then value, NaN counting as 0; of equals the first that came. */
const isLater = (a: Latest, b: Latest): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  if (a.at !== b.at) return a.at > b.at;
  return (Number.isNaN(a.value) ? 0 : a.value) > (Number.isNaN(b.value) ? 0 : b.value);
};

/** The latest values of a run by key, and the keys of which the table has an older one or none. */
interface Current {
  latest: Map<number, Latest>;
  ahead: Set<number>;
}

/** Runs, and values of all of them, that are remembered. */
const mostRuns = 256;
const mostValues = 100_000;

/**
 * The latest value of each key, in a table with an index by value, for search. A write of points only marks its run; the table follows when it is asked
 * for more than one run, or when the run's points are sealed, so that a value that changes a thousand times a second is not indexed as often. Of a run that is
 * asked for while it is written to the values are remembered: MLflow's client reads the run before each value that it logs.
 */
export class LatestValues {
  private readonly sql: Sql;
  private readonly directory: MetricDirectory;
  private readonly loose: LoosePoints;
  private readonly search: RunSearch;
  /** Runs with logged points that the table may not know. */
  private readonly behind = new Set<number>();
  /** Of some runs, kept up to date by `mark`. */
  private readonly remembered = new Map<number, Current>();

  constructor(sql: Sql, directory: MetricDirectory, loose: LoosePoints, search: RunSearch) {
    this.search = search;
    this.sql = sql;
    this.directory = directory;
    this.loose = loose;
    for (const { run } of loose.logged()) this.behind.add(run);
  }

  /** Points of a run were appended, the keys of which are known. */
  mark(run: number, points: Point[]): void {
    this.behind.add(run);
    const current = this.remembered.get(run);
    // -0 is kept as 0.
    if (current) for (const { key, step, at, value } of points) note(current, this.directory.key(key)!, { step, at, value: value + 0 });
  }

  get isBehind(): boolean {
    return this.behind.size > 0;
  }

  of(run: number): Point[] {
    const { latest } = this.behind.has(run) ? this.current(run) : this.read(run);
    return [...latest].map(([key, { step, at, value }]) => ({ key: this.directory.keyName(key), value, at, step }));
  }

  /** Brings the table up to date; for use in a transaction. */
  follow(runs: Iterable<number> = [...this.behind]): void {
    for (const run of runs) {
      if (!this.behind.has(run)) continue;
      const { latest, ahead } = this.current(run);
      for (const key of ahead) {
        const { step, at, value } = latest.get(key)!;
        const nan = Number.isNaN(value);
        this.sql.run(
          'INSERT OR REPLACE INTO latest (run, key, step, at, value, nan) VALUES (?, ?, ?, ?, ?, ?)',
          run,
          key,
          step,
          at,
          nan ? 0 : value,
          nan ? 1 : 0,
        );
        this.search.set('metric', this.directory.keyName(key), run, value);
      }
      ahead.clear();
      this.behind.delete(run);
    }
  }

  /** The run's points leave the write-ahead part: the table has all, and points of a run that nobody asks for are not looked at. In a transaction. */
  seal(run: number): void {
    this.follow([run]);
    this.remembered.delete(run);
  }

  remove(run: number): void {
    this.behind.delete(run);
    this.remembered.delete(run);
    this.sql.run('DELETE FROM latest WHERE run = ?', run);
  }

  /** What was undone may have been followed or remembered already. */
  reset(): void {
    this.remembered.clear();
    for (const { run } of this.loose.logged()) this.behind.add(run);
  }

  private current(run: number): Current {
    const known = this.remembered.get(run);
    if (known) return known;
    let values = 0;
    for (const { latest } of this.remembered.values()) values += latest.size;
    if (this.remembered.size >= mostRuns || values >= mostValues) this.remembered.clear();
    const current = this.read(run);
    this.remembered.set(run, current);
    return current;
  }

  /** From the table and, where that may be older, the write-ahead part. */
  private read(run: number): Current {
    const current: Current = { latest: new Map(), ahead: new Set() };
    for (const row of this.sql.all('SELECT key, step, at, value, nan FROM latest WHERE run = ?', run))
      current.latest.set(row.key, { step: row.step, at: row.at, value: row.nan ? Number.NaN : row.value });
    if (!this.behind.has(run)) return current;
    for (const { keys, points } of this.loose.records(run))
      for (let i = 0; i < keys.length; i++)
        note(current, keys[i]!, { step: points.steps[i]!, at: points.ats[i]!, value: points.values[i]! });
    return current;
  }
}

/** Takes a point if it is later. */
function note({ latest, ahead }: Current, key: number, next: Latest): void {
  const present = latest.get(key);
  if (present && !isLater(next, present)) return;
  latest.set(key, next);
  ahead.add(key);
}
