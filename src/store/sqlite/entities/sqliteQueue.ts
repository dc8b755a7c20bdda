import { writtenBy } from '../../../protocol/jobPlaces.ts';
import type { HeldJob, QueuedJob, QueuePlace, QueueReader, QueueWriter, RunTime, SeenRunner, StorageAt } from '../../queue.ts';
import { heldOf, heldSql, isQueued, placesSql, queuedColumns, queuedOf, rememberedMs, runnerOf } from '../../queueRows.ts';
import type { Prepare, Row } from './prepare.ts';

const headsSql = `SELECT ${queuedColumns} FROM jobs j WHERE ${isQueued('j')} AND j.workspace = ? AND j.compute = ? AND j."user" = ? ORDER BY j.rank, j.serial LIMIT ?`;

export class SqliteQueueReader implements QueueReader {
  protected readonly prepare: Prepare;
  protected readonly workspace: string;

  constructor(prepare: Prepare, workspace: string) {
    this.prepare = prepare;
    this.workspace = workspace;
  }

  async places(): Promise<QueuePlace[]> {
    return (this.prepare(placesSql('?1')).all(this.workspace) as Row[]).map(({ compute, user }) => ({ compute, user }));
  }

  async heads(places: readonly QueuePlace[], each: number): Promise<QueuedJob[]> {
    const first = this.prepare(headsSql);
    return places.flatMap(({ compute, user }) => (first.all(this.workspace, compute, user, each) as Row[]).map(queuedOf));
  }

  async ahead({ user, rank, serial }: QueuedJob, computes: readonly string[], most: number): Promise<number> {
    const found = this.prepare(
      `SELECT count(*) AS n FROM (SELECT 1 FROM jobs j WHERE ${isQueued('j')} AND j.workspace = ? AND j.compute IN (SELECT value FROM json_each(?))
       AND j."user" = ? AND (j.rank, j.serial) < (?, ?) LIMIT ?)`,
    ).get(this.workspace, JSON.stringify(computes), user, rank, serial, most) as Row;
    return found.n;
  }

  async held(): Promise<HeldJob[]> {
    return (this.prepare(`${heldSql} ?`).all(this.workspace) as Row[]).map(heldOf);
  }

  async runTime(since: number): Promise<RunTime[]> {
    return this.prepare('SELECT user, day, ms FROM run_time WHERE workspace = ? AND day >= ?').all(
      this.workspace,
      since,
    ) as unknown as RunTime[];
  }

  async storage(): Promise<{ user: string; bytes: number }[]> {
    return this.prepare('SELECT user, bytes FROM storage WHERE workspace = ? ORDER BY user').all(this.workspace) as unknown as {
      user: string;
      bytes: number;
    }[];
  }

  async storageAt(container: string, path: string): Promise<StorageAt> {
    const owner = this.ownerOf(container, path) ?? null;
    const present = this.prepare('SELECT size FROM blobs WHERE workspace = ? AND container = ? AND path = ?').get(
      this.workspace,
      container,
      path,
    ) as Row | undefined;
    const all = await this.storage();
    return {
      total: all.reduce((sum, { bytes }) => sum + bytes, 0),
      owner,
      owned: all.find(({ user }) => user === owner)?.bytes ?? 0,
      present: present?.size ?? 0,
    };
  }

  /** Whose job it is that writes at this address. */
  protected ownerOf(container: string, path: string): string | undefined {
    const job = writtenBy(container, path);
    if (job === undefined) return undefined;
    return (this.prepare('SELECT user FROM jobs WHERE name = ? AND workspace = ?').get(job, this.workspace) as Row | undefined)?.user;
  }

  async runners(): Promise<SeenRunner[]> {
    return (this.prepare('SELECT * FROM runners WHERE workspace = ?').all(this.workspace) as Row[]).map(runnerOf);
  }
}

export class SqliteQueueWriter extends SqliteQueueReader implements QueueWriter {
  async noteRunner({ id, computes, others, seenAt }: SeenRunner): Promise<void> {
    this.prepare('DELETE FROM runners WHERE workspace = ? AND seen_at < ?').run(this.workspace, seenAt - rememberedMs);
    this.prepare('INSERT OR REPLACE INTO runners (workspace, id, computes, others, seen_at) VALUES (?, ?, ?, ?, ?)').run(
      this.workspace,
      id,
      JSON.stringify(computes),
      others ? 1 : 0,
      seenAt,
    );
  }

  addRunTime(user: string, days: readonly { day: number; ms: number }[]): void {
    for (const { day, ms } of days)
      this.prepare(
        'INSERT INTO run_time (workspace, user, day, ms) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET ms = ms + excluded.ms',
      ).run(this.workspace, user, day, ms);
  }

  /** Notes whose storage a blob takes; answers the owner for its row. To be called before the blob is written. */
  replaceBlob(container: string, path: string, size: number): string {
    const before = this.prepare('SELECT owner, size FROM blobs WHERE workspace = ? AND container = ? AND path = ?').get(
      this.workspace,
      container,
      path,
    ) as Row | undefined;
    const owner = this.ownerOf(container, path) ?? '';
    if (before) this.addStorage(before.owner, -before.size);
    this.addStorage(owner, size);
    return owner;
  }

  addStorage(user: string, bytes: number): void {
    this.prepare(
      'INSERT INTO storage (workspace, user, bytes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes',
    ).run(this.workspace, user, bytes);
  }
}
