import { Readable } from 'node:stream';
import type { ByteRange } from '../blobs.ts';
import { checkJobOfLog, checkOffset, hole, logAndFolder, noLog, partsOfLog, tooLong } from '../logNames.ts';
import type { Logs } from '../logs.ts';
import { lockKey } from './locks.ts';
import type { Rows } from './rows.ts';
import type { WriteGroups } from './writeGroups.ts';

/** Bytes of a piece, at most; and up to which the last piece grows, so that a log of many short appends is not as many rows. */
const mostOfPiece = 1 << 20;
const growsUpTo = 16 << 10;
/** A path that does not go into an index is no path of a log. */
const longestPath = 1000;

/** Logs of jobs as rows, a piece each, for several servers. An append joins the transaction of the writes of its moment. */
export class PostgresLogs implements Logs {
  private readonly schema: string;
  private readonly rows: Rows;
  private readonly groups: WriteGroups;

  constructor(schema: string, rows: Rows, groups: WriteGroups) {
    this.schema = schema;
    this.rows = rows;
    this.groups = groups;
  }

  async append(job: string, file: string, offset: number, bytes: Uint8Array): Promise<number> {
    checkOffset(offset);
    checkJobOfLog(job);
    const parts = partsOfLog(file);
    if (Buffer.byteLength(file) > longestPath) throw tooLong(file);
    const folders = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
    const { answer } = await this.groups.run(undefined, async (rows) => {
      await this.lock(rows, job);
      const last = await rows.one(
        'SELECT start, octet_length(data) AS length FROM logs WHERE job = $1 AND file = $2 ORDER BY start DESC LIMIT 1',
        job,
        file,
      );
      if (
        !last &&
        (await rows.one(
          'SELECT 1 AS x FROM logs WHERE job = $1 AND (file = ANY($2) OR starts_with(file, $3)) LIMIT 1',
          job,
          folders,
          `${file}/`,
        ))
      )
        throw logAndFolder(file);
      const size = last ? last.start + last.length : 0;
      if (offset > size) throw hole(job, file, size, offset);
      const fresh = bytes.subarray(Math.min(bytes.byteLength, size - offset));
      await this.write(rows, job, file, last as { start: number; length: number } | undefined, fresh);
      return size + fresh.byteLength;
    });
    return answer;
  }

  async read(job: string, file: string, { start, end = Number.POSITIVE_INFINITY }: ByteRange = { start: 0 }): Promise<Readable> {
    const size = await this.size(job, file);
    if (size === undefined) throw noLog(job, file);
    return Readable.from(this.pieces(job, file, start, Math.min(end + 1, size)), { objectMode: false });
  }

  async size(job: string, file: string): Promise<number | undefined> {
    checkJobOfLog(job);
    partsOfLog(file);
    const last = await this.rows.one(
      'SELECT start + octet_length(data) AS size FROM logs WHERE job = $1 AND file = $2 ORDER BY start DESC LIMIT 1',
      job,
      file,
    );
    return last?.size;
  }

  async list(job: string): Promise<{ path: string; size: number }[]> {
    checkJobOfLog(job);
    const found = await this.rows.all('SELECT file, max(start + octet_length(data)) AS size FROM logs WHERE job = $1 GROUP BY file', job);
    return found.map(({ file, size }) => ({ path: file as string, size: size as number })).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async remove(job: string): Promise<void> {
    checkJobOfLog(job);
    await this.groups.run(undefined, async (rows) => {
      await this.lock(rows, job);
      await rows.run('DELETE FROM logs WHERE job = $1', job);
    });
  }

  /** Appends to the logs of a job follow each other, whichever server takes them. */
  private async lock(rows: Rows, job: string): Promise<void> {
    await rows.one(`SELECT pg_advisory_xact_lock(${lockKey(this.schema, `logs of ${job}`)}) AS x`);
  }

  private async write(
    rows: Rows,
    job: string,
    file: string,
    last: { start: number; length: number } | undefined,
    fresh: Uint8Array,
  ): Promise<void> {
    if (last && fresh.byteLength === 0) return;
    if (last && last.length + fresh.byteLength <= growsUpTo) {
      await rows.run('UPDATE logs SET data = data || $4 WHERE job = $1 AND file = $2 AND start = $3', job, file, last.start, fresh);
      return;
    }
    let start = last ? last.start + last.length : 0;
    for (let at = 0; at === 0 || at < fresh.byteLength; at += mostOfPiece) {
      const piece = fresh.subarray(at, at + mostOfPiece);
      await rows.run('INSERT INTO logs (job, file, start, data) VALUES ($1, $2, $3, $4)', job, file, start, piece);
      start += piece.byteLength;
    }
  }

  /** From `at` up to `end`, a few pieces at a time. */
  private async *pieces(job: string, file: string, from: number, end: number): AsyncIterable<Uint8Array> {
    for (let at = from; at < end; ) {
      const found = await this.rows.all(
        `SELECT greatest(start, $3) AS start, substr(data, greatest($3 - start, 0)::int + 1, ($4 - greatest(start, $3))::int) AS data
         FROM logs WHERE job = $1 AND file = $2 AND start > $3 - ${mostOfPiece} AND start < $4 AND start + octet_length(data) > $3 ORDER BY start`,
        job,
        file,
        at,
        Math.min(at + mostOfPiece, end),
      );
      const before = at;
      for (const { start, data } of found as { start: number; data: Uint8Array }[]) {
        if (start !== at) break;
        at += data.byteLength;
        yield data;
      }
      // The job was removed meanwhile.
      if (at === before) throw noLog(job, file);
    }
  }
}
