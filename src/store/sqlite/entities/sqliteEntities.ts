import type { Change, ChangeKind } from '../../../protocol/change.ts';
import { announcedAs, type EntityKind, type EntityReader, type EntityWriter, type StoredEntity } from '../../entities.ts';
import type { Prepare, Row } from './prepare.ts';

export class SqliteEntityReader implements EntityReader {
  protected readonly prepare: Prepare;
  protected readonly workspace: string;

  constructor(prepare: Prepare, workspace: string) {
    this.prepare = prepare;
    this.workspace = workspace;
  }

  async get(kind: EntityKind, id: string): Promise<StoredEntity | undefined> {
    const row = this.prepare('SELECT * FROM entities WHERE workspace = ? AND kind = ? AND id = ?').get(this.workspace, kind, id) as
      | Row
      | undefined;
    return row && entityOf(row);
  }

  async list(kind: EntityKind, scope?: string, offset = 0, limit = -1): Promise<StoredEntity[]> {
    const rows =
      scope === undefined
        ? this.prepare('SELECT * FROM entities WHERE workspace = ? AND kind = ? ORDER BY at DESC, id LIMIT ? OFFSET ?').all(
            this.workspace,
            kind,
            limit,
            offset,
          )
        : this.prepare('SELECT * FROM entities WHERE workspace = ? AND kind = ? AND scope = ? ORDER BY at DESC, id LIMIT ? OFFSET ?').all(
            this.workspace,
            kind,
            scope,
            limit,
            offset,
          );
    return (rows as Row[]).map(entityOf);
  }

  async count(kind: EntityKind, scope: string): Promise<number> {
    return (
      this.prepare('SELECT count(*) AS n FROM entities WHERE workspace = ? AND kind = ? AND scope = ?').get(
        this.workspace,
        kind,
        scope,
      ) as { n: number }
    ).n;
  }
}

type Announce = (kind: ChangeKind, id: string, op: Change['op']) => void;

export class SqliteEntityWriter extends SqliteEntityReader implements EntityWriter {
  private readonly announce: Announce;

  constructor(prepare: Prepare, workspace: string, announce: Announce) {
    super(prepare, workspace);
    this.announce = announce;
  }

  async put(entity: StoredEntity): Promise<void> {
    const { kind, id, scope, at, body } = entity;
    this.prepare(
      'INSERT INTO entities (workspace, kind, id, scope, at, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET scope = excluded.scope, at = excluded.at, body = excluded.body',
    ).run(this.workspace, kind, id, scope, at, JSON.stringify(body));
    this.tell(kind, id, scope, 'put');
  }

  async delete(kind: EntityKind, id: string): Promise<boolean> {
    const found = await this.get(kind, id);
    if (!found) return false;
    this.prepare('DELETE FROM entities WHERE workspace = ? AND kind = ? AND id = ?').run(this.workspace, kind, id);
    this.tell(kind, id, found.scope, 'delete');
    return true;
  }

  async deleteAll(kind: EntityKind, scope: string): Promise<number> {
    const gone = this.prepare('DELETE FROM entities WHERE workspace = ? AND kind = ? AND scope = ? RETURNING id').all(
      this.workspace,
      kind,
      scope,
    ) as Row[];
    if (announcedAs[kind].by === 'id') for (const { id } of gone) this.tell(kind, id, scope, 'delete');
    else if (gone.length) this.tell(kind, '', scope, 'put');
    return gone.length;
  }

  private tell(kind: EntityKind, id: string, scope: string, op: Change['op']): void {
    const told = announcedAs[kind];
    // A part that goes is a change of its whole.
    this.announce(told.kind, told.by === 'id' ? id : scope, told.by === 'id' ? op : 'put');
  }
}

const entityOf = (row: Row): StoredEntity => ({ kind: row.kind, id: row.id, scope: row.scope, at: row.at, body: JSON.parse(row.body) });
