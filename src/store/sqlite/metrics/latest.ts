import { isLater, type Latest } from '../../metrics/latestPoint.ts';
import type { Sql } from '../sql.ts';
import type { LoosePoints } from './loose.ts';

/** The latest values of a run by key, the keys of which the table has an older one or none, and the last record that was looked at. */
interface Current {
  latest: Map<number, Latest>;
  ahead: Set<number>;
  last: number;
}

/** Runs, and values of all of them, that are remembered. */
const mostRuns = 256;
const mostValues = 100_000;

/**
 * The latest value of each key, in a table with an index by value, for search. Points that are appended are not noted there: the table follows when a search asks,
 * or when the run's points are sealed, so that a value that changes a thousand times a second is not indexed as often. Of a run that is asked for while it is written to
 * the values are remembered, and only the records that came since are read: MLflow's client reads the run before each value that it logs.
 */
export class LatestValues {
  private readonly sql: Sql;
  private readonly loose: LoosePoints;
  private readonly remembered = new Map<number, Current>();

  constructor(sql: Sql, loose: LoosePoints) {
    this.sql = sql;
    this.loose = loose;
  }

  /** By the id of the key. */
  of(run: number): ReadonlyMap<number, Latest> {
    return this.current(run).latest;
  }

  /** Writes to the table what it does not have yet; for use in a transaction. */
  write(run: number): void {
    const { latest, ahead } = this.current(run);
    const put = this.sql.prepare('INSERT OR REPLACE INTO latest (run, key, step, at, value, nan) VALUES (?, ?, ?, ?, ?, ?)');
    for (const key of ahead) {
      const { step, at, value } = latest.get(key)!;
      const nan = Number.isNaN(value);
      put.run(run, key, step, at, nan ? 0 : value, nan ? 1 : 0);
    }
    ahead.clear();
  }

  /** The points of a run, or of any, left the write-ahead part, or are not what they were. */
  forget(run?: number): void {
    if (run === undefined) this.remembered.clear();
    else this.remembered.delete(run);
  }

  private current(run: number): Current {
    const current = this.remembered.get(run) ?? this.fromTable(run);
    for (const { id, keys, points } of this.loose.records(run, current.last)) {
      current.last = id;
      for (let i = 0; i < keys.length; i++)
        note(current, keys[i]!, { step: points.steps[i]!, at: points.ats[i]!, value: points.values[i]! });
    }
    // Without records the table alone says it, at no more cost.
    if (current.last > 0) this.remember(run, current);
    return current;
  }

  private remember(run: number, current: Current): void {
    if (this.remembered.has(run)) return;
    let values = 0;
    for (const { latest } of this.remembered.values()) values += latest.size;
    if (this.remembered.size >= mostRuns || values >= mostValues) this.remembered.clear();
    this.remembered.set(run, current);
  }

  private fromTable(run: number): Current {
    const current: Current = { latest: new Map(), ahead: new Set(), last: 0 };
    for (const row of this.sql.all('SELECT key, step, at, value, nan FROM latest WHERE run = ?', run))
      current.latest.set(row.key, { step: row.step, at: row.at, value: row.nan ? Number.NaN : row.value });
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
