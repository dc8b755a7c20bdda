import type { Change, ChangeKind } from '../../protocol/change.ts';
import type { Row, Sql } from './sql.ts';

/** A change to be written. `run` is the row of the job that it is about: readers of this database refresh by it what they remember. */
export interface NewChange extends Pick<Change, 'kind' | 'id' | 'op'> {
  workspace: string;
  /** Its id. */
  principal: string;
  parent?: string | null | undefined;
  keys?: string[] | undefined;
  run?: number | undefined;
}

/** A change of more metric keys than this does not name them: any may have points. */
const mostKeysTold = 40;

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
      .run(
        kind,
        id,
        op,
        new Date().toISOString(),
        workspace,
        principal,
        parent ?? null,
        keys && keys.length <= mostKeysTold ? JSON.stringify(keys) : null,
        run ?? null,
      );
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

/** A line of the change log as it is told. */
export const changeOf = (row: Row): Change => ({
  seq: row.seq,
  kind: row.kind as ChangeKind,
  id: row.id,
  op: row.op,
  at: row.at,
  ...(row.workspace ? { workspace: row.workspace } : {}),
  ...(row.principal ? { principal: row.principal } : {}),
  ...(row.parent ? { parent: row.parent } : {}),
  ...(row.keys ? { keys: JSON.parse(row.keys) } : {}),
});
