import type { ChangeKind } from '../../protocol/change.ts';
import { keysToTell, type NewChange } from '../changes.ts';
import type { Sql } from './sql.ts';

/** The change log: who writes something adds a line in the same transaction. */
export class ChangeLog {
  private readonly sql: Sql;
  private kinds = new Set<ChangeKind>();

  constructor(sql: Sql) {
    this.sql = sql;
  }

  add({ kind, id, op, workspace, principal, parent, keys, run }: NewChange): void {
    this.kinds.add(kind);
    this.sql
      .prepare('INSERT INTO changes (kind, id, op, at, workspace, principal, parent, keys, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(kind, id, op, new Date().toISOString(), workspace, principal, parent ?? null, keysToTell(keys), run ?? null);
  }

  /** The kinds of what was added since this was asked last, also of what was undone. */
  takeKinds(): ReadonlySet<ChangeKind> {
    const { kinds } = this;
    this.kinds = new Set();
    return kinds;
  }

  /** Drops all but the newest `kept` lines; a feed that is further behind starts anew. */
  prune(kept: number): void {
    this.sql.run("DELETE FROM changes WHERE seq <= (SELECT seq FROM sqlite_sequence WHERE name = 'changes') - ?", kept);
  }
}
