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

/**
 * The latest value of each key, in a table with an index by value, for search. A write of points only marks its run; the table follows when it is asked
 * for more than one run, or when the run's points are sealed, so that a value that changes a thousand times a second is not indexed as often.
 */
export class LatestValues {
  private readonly sql: Sql;
  private readonly directory: MetricDirectory;
  private readonly loose: LoosePoints;
  private readonly search: RunSearch;
  /** Runs with logged points that the table may not know. */
  private readonly behind = new Set<number>();

  constructor(sql: Sql, directory: MetricDirectory, loose: LoosePoints, search: RunSearch) {
    this.search = search;
    this.sql = sql;
    this.directory = directory;
    this.loose = loose;
    for (const { run } of loose.logged()) this.behind.add(run);
  }

  mark(run: number): void {
    this.behind.add(run);
  }

  get isBehind(): boolean {
    return this.behind.size > 0;
  }

  of(run: number): Point[] {
    const found = new Map<number, Latest>();
    for (const row of this.sql.all('SELECT key, step, at, value, nan FROM latest WHERE run = ?', run))
      found.set(row.key, { step: row.step, at: row.at, value: row.nan ? Number.NaN : row.value });
    if (this.behind.has(run)) for (const [key, latest] of this.logged(run, (key) => found.get(key))) found.set(key, latest);
    return [...found].map(([key, { step, at, value }]) => ({ key: this.directory.keyName(key), value, at, step }));
  }

  /** Brings the table up to date; for use in a transaction. */
  follow(runs: Iterable<number> = [...this.behind]): void {
    for (const run of runs) {
      if (!this.behind.has(run)) continue;
      const known = (key: number): Latest | undefined => {
        const row = this.sql.one('SELECT step, at, value, nan FROM latest WHERE run = ? AND key = ?', run, key);
        return row && { step: row.step, at: row.at, value: row.nan ? Number.NaN : row.value };
      };
      for (const [key, { step, at, value }] of this.logged(run, known)) {
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
      this.behind.delete(run);
    }
  }

  remove(run: number): void {
    this.behind.delete(run);
    this.sql.run('DELETE FROM latest WHERE run = ?', run);
  }

  /** What was undone may have been followed already. */
  reset(): void {
    for (const { run } of this.loose.logged()) this.behind.add(run);
  }

  /** The keys whose latest value is in the write-ahead part. */
  private logged(run: number, known: (key: number) => Latest | undefined): Map<number, Latest> {
    const newest = new Map<number, Latest>();
    for (const { keys, points } of this.loose.records(run)) {
      for (let i = 0; i < keys.length; i++) {
        const next = { step: points.steps[i]!, at: points.ats[i]!, value: points.values[i]! };
        const present = newest.get(keys[i]!);
        if (!present || isLater(next, present)) newest.set(keys[i]!, next);
      }
    }
    for (const [key, latest] of newest) {
      const before = known(key);
      if (before && !isLater(latest, before)) newest.delete(key);
    }
    return newest;
  }
}
