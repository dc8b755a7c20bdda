import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Emitter } from '../../base/event.ts';
import type { Store, StoreWriter } from '../store.ts';
import { GroupCommit } from './groupCommit.ts';
import { migrate } from './migrations.ts';
import { SqliteReader } from './reader.ts';
import { SqliteWriter } from './writer.ts';

/** Opens (and makes, or brings up to date) the database of a data folder. */
export function openSqliteStore(dataFolder: string): Store {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = path.join(dataFolder, 'updraft.db');
  const db = new DatabaseSync(file);
  // FULL: an answered write is on the disk, not only handed to the system.
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;',
  );
  migrate(db, dataFolder);
  return new SqliteStore(db);
}

class SqliteStore extends SqliteReader implements Store {
  private readonly writer: SqliteWriter;
  private readonly group: GroupCommit;
  private readonly commits = new Emitter<number>();
  readonly onDidCommit = this.commits.event;

  constructor(db: DatabaseSync) {
    super(db);
    this.writer = new SqliteWriter(db);
    let seen = this.seq();
    this.group = new GroupCommit(db, () => {
      const seq = this.seq();
      if (seq === seen) return;
      seen = seq;
      this.commits.fire(seq);
    });
  }

  write<T>(work: (writer: StoreWriter) => T): Promise<T> {
    return this.group.run(() => work(this.writer));
  }

  async close(): Promise<void> {
    await this.group.whenIdle();
    this.commits.dispose();
    this.db.close();
  }
}
