import { writtenBy } from '../../../protocol/jobPlaces.ts';
import type { HeldJob, QueuedJob, QueuePlace, QueueReader, QueueWriter, RunTime, SeenRunner, StorageAt } from '../../queue.ts';
import { heldOf, heldSql, isQueued, placesSql, queuedColumns, queuedOf, rememberedMs, runnerOf } from '../../queueRows.ts';
import type { Rows } from '../rows.ts';

export class PostgresQueueReader implements QueueReader {
  protected readonly rows: Rows;
  protected readonly workspace: string;

  constructor(rows: Rows, workspace: string) {
    this.rows = rows;
    this.workspace = workspace;
  }

  async places(): Promise<QueuePlace[]> {
    return (await this.rows.all(placesSql('$1'), this.workspace)).map(({ compute, user }) => ({ compute, user }));
  }

  async heads(places: readonly QueuePlace[], each: number): Promise<QueuedJob[]> {
    if (places.length === 0) return [];
    const found = await this.rows.all(
      `SELECT h.* FROM unnest($2::text[], $3::text[]) AS p (compute, "user") CROSS JOIN LATERAL (SELECT ${queuedColumns} FROM jobs j
       WHERE ${isQueued('j')} AND j.workspace = $1 AND j.compute = p.compute AND j."user" = p."user" ORDER BY j.rank, j.serial LIMIT $4) h`,
      this.workspace,
      places.map(({ compute }) => compute),
      places.map(({ user }) => user),
      each,
    );
    return found.map(queuedOf);
  }

  async ahead({ user, rank, serial }: QueuedJob, computes: readonly string[], most: number): Promise<number> {
    const found = await this.rows.one(
      `SELECT count(*) AS n FROM (SELECT 1 FROM jobs j WHERE ${isQueued('j')} AND j.workspace = $1 AND j.compute = ANY($2) AND j."user" = $3
       AND (j.rank, j.serial) < ($4, $5) LIMIT $6) ahead`,
      this.workspace,
      [...computes],
      user,
      rank,
      serial,
      most,
    );
    return found!.n;
  }

  async held(): Promise<HeldJob[]> {
    return (await this.rows.all(`${heldSql} $1`, this.workspace)).map(heldOf);
  }

  async runTime(since: number): Promise<RunTime[]> {
    return (await this.rows.all(
      'SELECT "user", day, ms FROM run_time WHERE workspace = $1 AND day >= $2',
      this.workspace,
      since,
    )) as RunTime[];
  }

  async storage(): Promise<{ user: string; bytes: number }[]> {
    return (await this.rows.all('SELECT "user", bytes FROM storage WHERE workspace = $1 ORDER BY "user"', this.workspace)) as {
      user: string;
      bytes: number;
    }[];
  }

  async storageAt(container: string, path: string): Promise<StorageAt> {
    const found = await this.rows.one(
      `SELECT o."user" AS owner, (SELECT coalesce(sum(bytes), 0)::bigint FROM storage WHERE workspace = $1) AS total,
         coalesce((SELECT bytes FROM storage s WHERE s.workspace = $1 AND s."user" = o."user"), 0) AS owned,
         coalesce((SELECT size FROM blobs WHERE workspace = $1 AND container = $2 AND path = $3), 0) AS present
       FROM (SELECT 1) one LEFT JOIN jobs o ON o.name = $4 AND o.workspace = $1`,
      this.workspace,
      container,
      path,
      writtenBy(container, path) ?? null,
    );
    return { total: found!.total, owner: found!.owner, owned: found!.owned, present: found!.present };
  }

  async runners(): Promise<SeenRunner[]> {
    return (await this.rows.all('SELECT * FROM runners WHERE workspace = $1', this.workspace)).map(runnerOf);
  }
}

export class PostgresQueueWriter extends PostgresQueueReader implements QueueWriter {
  async noteRunner({ id, computes, others, seenAt }: SeenRunner): Promise<void> {
    await this.rows.run('DELETE FROM runners WHERE workspace = $1 AND seen_at < $2', this.workspace, seenAt - rememberedMs);
    await this.rows.run(
      `INSERT INTO runners (workspace, id, computes, others, seen_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, id) DO UPDATE
       SET computes = excluded.computes, others = excluded.others, seen_at = excluded.seen_at`,
      this.workspace,
      id,
      JSON.stringify(computes),
      others ? 1 : 0,
      seenAt,
    );
  }

  async addRunTime(user: string, days: readonly { day: number; ms: number }[]): Promise<void> {
    if (days.length === 0) return;
    await this.rows.run(
      `INSERT INTO run_time (workspace, "user", day, ms) SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[])
       ON CONFLICT (workspace, "user", day) DO UPDATE SET ms = run_time.ms + excluded.ms`,
      this.workspace,
      user,
      days.map(({ day }) => day),
      days.map(({ ms }) => ms),
    );
  }

  /** Writes a blob's row, and notes whose storage it takes, in one statement. */
  async putBlob(container: string, path: string, sha256: string, size: number, now: number, metadata: string): Promise<void> {
    await this.rows.run(
      `WITH before AS (SELECT owner, size FROM blobs WHERE workspace = $1 AND container = $2 AND path = $3),
         after AS (SELECT coalesce((SELECT "user" FROM jobs WHERE name = $8 AND workspace = $1), '') AS owner),
         change AS (SELECT owner, sum(bytes)::bigint AS bytes FROM (SELECT owner, $5::bigint AS bytes FROM after UNION ALL SELECT owner, -size FROM before) each GROUP BY owner),
         counted AS (INSERT INTO storage (workspace, "user", bytes) SELECT $1, owner, bytes FROM change
           ON CONFLICT (workspace, "user") DO UPDATE SET bytes = storage.bytes + excluded.bytes)
       INSERT INTO blobs (workspace, container, path, sha256, size, modified_at, metadata, owner) SELECT $1, $2, $3, $4, $5, $6, $7, owner FROM after
       ON CONFLICT (workspace, container, path) DO UPDATE
       SET sha256 = excluded.sha256, size = excluded.size, modified_at = excluded.modified_at, metadata = excluded.metadata, owner = excluded.owner`,
      this.workspace,
      container,
      path,
      sha256,
      size,
      now,
      metadata,
      writtenBy(container, path) ?? null,
    );
  }

  /** Removes blobs, and what they took of storage; answers how many there were. */
  async deleteBlobs(container: string, prefix: string): Promise<number> {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    const found = await this.rows.one(
      `WITH gone AS (DELETE FROM blobs WHERE workspace = $1 AND container = $2 AND (path = $3 OR (path >= $4 AND path < $5)) RETURNING owner, size),
         counted AS (INSERT INTO storage (workspace, "user", bytes) SELECT $1, owner, -sum(size)::bigint FROM gone GROUP BY owner
           ON CONFLICT (workspace, "user") DO UPDATE SET bytes = storage.bytes + excluded.bytes)
       SELECT count(*) AS n FROM gone`,
      this.workspace,
      container,
      prefix,
      folder,
      `${folder.slice(0, -1)}0`,
    );
    return found!.n;
  }
}
