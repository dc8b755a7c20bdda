import type { Sql } from './sql.ts';

/** Epochs that are remembered: a reader who missed more of them begins anew. */
const kept = 100;

/**
 * Tells whether a reader's place in the change log is still valid. After a data folder was restored from an older copy, the numbers of changes start again from the copy's last one. The same number then
 * means another change than the one that a reader has seen.
 *
 * An epoch begins with the first write after each opening of the store. It is a row with a random id and the number of the newest change at that moment. Two copies of a folder have the epochs in common that
 * began before the copy was made, and none that began later. A reader keeps its place together with the epoch of that time. The place is valid when this log has that epoch, and when the place is not
 * beyond the start of the next epoch. Where two processes have the folder open, both use the newest epoch.
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
