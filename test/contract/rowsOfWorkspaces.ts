import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { placeOf } from '../unit/store/postgresServer.ts';

type Row = Record<string, unknown>;
/** Rows of each table of the database. */
export type Tables = Map<string, Row[]>;

/** Every row of a plane's database but those of its change log, whichever it has. The plane may be running. */
export async function allRows(folder: string): Promise<Tables> {
  const file = path.join(folder, 'updraft.db');
  return existsSync(file) ? ofFile(file) : ofDatabase(folder);
}

function ofFile(file: string): Tables {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as {
      name: string;
    }[];
    return tables(
      names.map(({ name }) => name),
      (name) => {
        const read = db.prepare(`SELECT * FROM ${name}`);
        read.setReadBigInts(true);
        return read.all() as Row[];
      },
    );
  } finally {
    db.close();
  }
}

async function ofDatabase(folder: string): Promise<Tables> {
  const { url, schema } = placeOf(folder);
  const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1', [schema]);
    const found = new Map<string, Row[]>();
    for (const { name } of rows) found.set(name, (await client.query(`SELECT * FROM ${name}`)).rows);
    return tables([...found.keys()], (name) => found.get(name)!);
  } finally {
    await client.end();
  }
}

const tables = (names: string[], read: (name: string) => Row[]): Tables =>
  new Map(names.filter((name) => name !== 'changes' && name !== 'leases').map((name) => [name, read(name)]));

/** What tells whose a row is: its workspace, the number or the name of its job, what of metrics belongs to such a row. */
interface Owned {
  workspace: string;
  runs: Set<string>;
  jobs: Set<string>;
}

/** The workspace, and all of its jobs, as they are now. */
export function ownedBy(all: Tables, workspace: string): Owned {
  const jobs = all.get('jobs')!.filter((row) => row.workspace === workspace);
  return { workspace, runs: new Set(jobs.map(({ serial }) => String(serial))), jobs: new Set(jobs.map(({ name }) => String(name))) };
}

/** The rows of a workspace, by table, as texts; tables without any are left out. */
export function rowsOf(all: Tables, { workspace, runs, jobs }: Owned): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [table, rows] of all) {
    const own = rows.filter(
      (row) =>
        row.workspace === workspace ||
        (row.run !== undefined && table !== 'model_metrics' && runs.has(String(row.run))) ||
        (row.job !== undefined && jobs.has(String(row.job))),
    );
    if (own.length > 0)
      found[table] = own.map((row) => JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).sort();
  }
  return found;
}
