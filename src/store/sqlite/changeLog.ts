import type { Change } from '../../protocol/change.ts';
import type { Sql } from './sql.ts';

/** A change to be written. `run` is the row of the job that it is about: readers of this database refresh by it what they remember. */
export interface NewChange extends Pick<Change, 'kind' | 'id' | 'op'> {
  workspace?: string | undefined;
  parent?: string | null | undefined;
  keys?: string[] | undefined;
  run?: number | undefined;
}

/** A change of more metric keys than this does not name them: any may have points. */
const mostKeysTold = 40;

/** The change log: who writes something adds a line in the same transaction. */
export class ChangeLog {
  private readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  add({ kind, id, op, workspace, parent, keys, run }: NewChange): void {
    this.sql
      .prepare('INSERT INTO changes (kind, id, op, at, workspace, parent, keys, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        kind,
        id,
        op,
        new Date().toISOString(),
        workspace ?? null,
        parent ?? null,
        keys && keys.length <= mostKeysTold ? JSON.stringify(keys) : null,
        run ?? null,
      );
  }

  /** Drops all but the newest `kept` lines; a feed that is further behind starts anew. */
  prune(kept: number): void {
    this.sql.run("DELETE FROM changes WHERE seq <= (SELECT seq FROM sqlite_sequence WHERE name = 'changes') - ?", kept);
  }
}
