import type { Sql } from '../sql.ts';

/** What a write of metrics needs to know about its job. `serial` is the job's row, by which its metrics are kept. */
export interface RunEntry {
  serial: number;
  name: string;
  workspace: string;
  parent: string | null;
  isDeleted: boolean;
}

const mostRuns = 20_000;
const mostKeys = 50_000;

/** Jobs and metric keys by name, remembered. What changes or removes a job calls `forgetRun`; what undoes a write calls `forgetAll`. */
export class MetricDirectory {
  private readonly sql: Sql;
  private readonly runs = new Map<string, RunEntry>();
  private readonly ids = new Map<string, number>();
  private readonly names = new Map<number, string>();

  constructor(sql: Sql) {
    this.sql = sql;
  }

  run(name: string): RunEntry | undefined {
    const known = this.runs.get(name);
    if (known) return known;
    const row = this.sql.one('SELECT serial, workspace, parent, is_deleted FROM jobs WHERE name = ?', name);
    if (!row) return undefined;
    const entry = { serial: row.serial, name, workspace: row.workspace, parent: row.parent, isDeleted: row.is_deleted === 1 };
    if (this.runs.size >= mostRuns) this.runs.clear();
    this.runs.set(name, entry);
    return entry;
  }

  /** The id of a key that has points somewhere. */
  key(name: string): number | undefined {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const row = this.sql.one('SELECT id FROM metric_keys WHERE name = ?', name);
    return row && this.remember(name, row.id);
  }

  /** The id of a key, which is made when it is new; for use in a transaction. */
  makeKey(name: string): number {
    const known = this.key(name);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.sql.prepare('INSERT INTO metric_keys (name) VALUES (?)').run(name);
    return this.remember(name, Number(lastInsertRowid));
  }

  keyName(id: number): string {
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const { name } = this.sql.one('SELECT name FROM metric_keys WHERE id = ?', id) as { name: string };
    this.remember(name, id);
    return name;
  }

  forgetRun(name: string): void {
    this.runs.delete(name);
  }

  forgetAll(): void {
    this.runs.clear();
    this.ids.clear();
    this.names.clear();
  }

  private remember(name: string, id: number): number {
    if (this.ids.size >= mostKeys) {
      this.ids.clear();
      this.names.clear();
    }
    this.ids.set(name, id);
    this.names.set(id, name);
    return id;
  }
}
