import type { Change, ChangeKind } from '../../../protocol/change.ts';
import { announcedAs, type EntityKind, type EntityReader, type EntityWriter, type StoredEntity } from '../../entities.ts';
import type { Row, Rows } from '../rows.ts';

export class PostgresEntityReader implements EntityReader {
  protected readonly rows: Rows;
  protected readonly workspace: string;

  constructor(rows: Rows, workspace: string) {
    this.rows = rows;
    this.workspace = workspace;
  }

  async get(kind: EntityKind, id: string): Promise<StoredEntity | undefined> {
    const row = await this.rows.one('SELECT * FROM entities WHERE workspace = $1 AND kind = $2 AND id = $3', this.workspace, kind, id);
    return row && entityOf(row);
  }

  async list(kind: EntityKind, scope?: string, offset = 0, limit?: number): Promise<StoredEntity[]> {
    // No limit is NULL.
    const most = limit === undefined || limit < 0 ? null : limit;
    const found =
      scope === undefined
        ? await this.rows.all(
            'SELECT * FROM entities WHERE workspace = $1 AND kind = $2 ORDER BY at DESC, id LIMIT $3 OFFSET $4',
            this.workspace,
            kind,
            most,
            offset,
          )
        : await this.rows.all(
            'SELECT * FROM entities WHERE workspace = $1 AND kind = $2 AND scope = $5 ORDER BY at DESC, id LIMIT $3 OFFSET $4',
            this.workspace,
            kind,
            most,
            offset,
            scope,
          );
    return found.map(entityOf);
  }

  async count(kind: EntityKind, scope: string): Promise<number> {
    const found = await this.rows.one(
      'SELECT count(*) AS n FROM entities WHERE workspace = $1 AND kind = $2 AND scope = $3',
      this.workspace,
      kind,
      scope,
    );
    return found!.n;
  }
}

type Announce = (kind: ChangeKind, id: string, op: Change['op']) => void;

export class PostgresEntityWriter extends PostgresEntityReader implements EntityWriter {
  private readonly announce: Announce;

  constructor(rows: Rows, workspace: string, announce: Announce) {
    super(rows, workspace);
    this.announce = announce;
  }

  async put({ kind, id, scope, at, body }: StoredEntity): Promise<void> {
    await this.rows.run(
      `INSERT INTO entities (workspace, kind, id, scope, at, body) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (workspace, kind, id) DO UPDATE SET scope = excluded.scope, at = excluded.at, body = excluded.body`,
      this.workspace,
      kind,
      id,
      scope,
      at,
      JSON.stringify(body),
    );
    this.tell(kind, id, scope, 'put');
  }

  async delete(kind: EntityKind, id: string): Promise<boolean> {
    const gone = await this.rows.one(
      'DELETE FROM entities WHERE workspace = $1 AND kind = $2 AND id = $3 RETURNING scope',
      this.workspace,
      kind,
      id,
    );
    if (gone) this.tell(kind, id, gone.scope, 'delete');
    return gone !== undefined;
  }

  async deleteAll(kind: EntityKind, scope: string): Promise<number> {
    const gone = await this.rows.all(
      'DELETE FROM entities WHERE workspace = $1 AND kind = $2 AND scope = $3 RETURNING id',
      this.workspace,
      kind,
      scope,
    );
    if (announcedAs[kind].by === 'id') for (const { id } of gone) this.tell(kind, id, scope, 'delete');
    else if (gone.length > 0) this.tell(kind, '', scope, 'put');
    return gone.length;
  }

  private tell(kind: EntityKind, id: string, scope: string, op: Change['op']): void {
    const told = announcedAs[kind];
    // A part that goes is a change of its whole.
    this.announce(told.kind, told.by === 'id' ? id : scope, told.by === 'id' ? op : 'put');
  }
}

const entityOf = (row: Row): StoredEntity => ({ kind: row.kind, id: row.id, scope: row.scope, at: row.at, body: JSON.parse(row.body) });
