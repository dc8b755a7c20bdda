import type { Sql } from './sql.ts';

/** Epochs that are remembered: a reader who missed more of them begins anew. */
const kept = 100;

/**
 * Tells whether a place in the change log is in this log or in that of another copy of the data folder. A folder that is restored from an older copy goes back in its numbers, so that a number
 * may mean another change than its reader knows.
 *
 * Each opening of the store begins an epoch with its first write: a row with a random id, and the number of the newest change so far. Copies of a folder share what was written before they
 * parted, and no epoch that began later. A reader keeps the epoch in which its place was read. The place is in this log when the log has that epoch, and when the next one had not begun before
 * the place. Where two processes have the folder open, the second one's epoch takes over for both.
 */
export class Epochs {
  private readonly writing: Sql;
  private readonly reading: Sql;

  constructor(writing: Sql, reading: Sql) {
    this.writing = writing;
    this.reading = reading;
  }

  /** To be called in the first write's transaction, before it changes anything. */
  begin(): void {
    this.writing.run(
      `INSERT INTO epochs (id, since) VALUES (lower(hex(randomblob(8))), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0))`,
    );
    this.writing.run('DELETE FROM epochs WHERE serial <= (SELECT max(serial) FROM epochs) - ?', kept);
  }

  newest(): string {
    return this.reading.one('SELECT id FROM epochs ORDER BY serial DESC LIMIT 1')!.id;
  }

  /** Whether the place after the change `seq` (0: before the first one), read in this epoch, is in this log. */
  has(epoch: string, seq: number): boolean {
    const last = this.reading.one(
      `SELECT coalesce((SELECT since FROM epochs WHERE serial > e.serial ORDER BY serial LIMIT 1),
         (SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0) AS seq FROM epochs e WHERE id = ?`,
      epoch,
    );
    return last !== undefined && seq <= last.seq;
  }
}
