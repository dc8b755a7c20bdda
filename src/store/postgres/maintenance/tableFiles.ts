import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import pg from 'pg';

/** Rows that are fetched or written at a time, and characters of them. */
const rowsAtOnce = 200;
const charactersAtOnce = 4_000_000;

/** Values as PostgreSQL writes them, so that it reads the same again. */
export const asWritten: pg.ClientConfig = { types: { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig };

/** A table in a backup. */
export interface TableFile {
  name: string;
  columns: string[];
  rows: number;
  /** Of the file. */
  sha256: string;
}

export const fileOf = (folder: string, table: string): string => path.join(folder, `${table}.rows.gz`);

const quoted = (name: string): string => pg.escapeIdentifier(name);

/** The tables of the schema, each with the columns that are written (not those that the database works out). */
export async function tablesOf(client: pg.ClientBase, schema: string): Promise<{ name: string; columns: string[] }[]> {
  const { rows } = await client.query(
    `SELECT c.relname AS name, json_agg(a.attname ORDER BY a.attnum)::text AS columns FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relkind = 'r' AND c.relnamespace = $1::regnamespace GROUP BY c.relname ORDER BY c.relname`,
    [schema],
  );
  return rows.map(({ name, columns }) => ({ name, columns: JSON.parse(columns) }));
}

/** Writes the rows of a table to a file: a line of JSON each, packed. The client reads values `asWritten`. */
export async function writeTable(client: pg.ClientBase, folder: string, table: { name: string; columns: string[] }): Promise<TableFile> {
  let rows = 0;
  await client.query(
    `DECLARE reading NO SCROLL CURSOR FOR SELECT row(${table.columns.map(quoted).join(', ')})::text AS line FROM ${quoted(table.name)}`,
  );
  async function* lines(): AsyncGenerator<string> {
    for (;;) {
      const { rows: found } = await client.query(`FETCH ${rowsAtOnce} FROM reading`);
      if (found.length === 0) return;
      rows += found.length;
      yield found.map(({ line }) => `${JSON.stringify(line)}\n`).join('');
    }
  }
  const sha256 = await writeLines(fileOf(folder, table.name), lines());
  await client.query('CLOSE reading');
  return { ...table, rows, sha256 };
}

/** Writes text to a packed file, and to the disk; answers the SHA-256 of the file. */
export async function writeLines(file: string, text: AsyncIterable<string>): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    Readable.from(text),
    createGzip({ level: 1 }),
    async function* (bytes: AsyncIterable<Buffer>) {
      for await (const piece of bytes) {
        hash.update(piece);
        yield piece;
      }
    },
    createWriteStream(file, { flush: true, mode: 0o600 }),
  );
  return hash.digest('hex');
}

/** The lines of a packed file, each read as JSON. */
export async function* readLines(file: string): AsyncGenerator<unknown> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const unpacked = createReadStream(file).pipe(createGunzip());
  for await (const bytes of unpacked) {
    const lines = (rest + decoder.write(bytes as Buffer)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

/** Puts the rows of a file into a table, which is emptied before. Answers how many there were. */
export async function loadTable(client: pg.ClientBase, folder: string, { name, columns }: TableFile): Promise<number> {
  const table = quoted(name);
  // Text of a row is read as a row of a type that has just these columns.
  await client.query(`DELETE FROM ${table}`);
  await client.query(
    `CREATE TYPE pg_temp.line AS (${(await typesOf(client, name, columns)).map(({ column, type }) => `${quoted(column)} ${type}`).join(', ')})`,
  );
  const insert = `INSERT INTO ${table} (${columns.map(quoted).join(', ')}) OVERRIDING SYSTEM VALUE
    SELECT ${columns.map((column) => `(line).${quoted(column)}`).join(', ')} FROM (SELECT unnest($1::text[])::pg_temp.line AS line OFFSET 0) AS lines`;
  let [count, size, lines] = [0, 0, [] as string[]];
  const put = async () => {
    await client.query(insert, [lines]);
    count += lines.length;
    [size, lines] = [0, []];
  };
  for await (const line of readLines(fileOf(folder, name))) {
    lines.push(String(line));
    size += String(line).length;
    if (lines.length === rowsAtOnce || size > charactersAtOnce) await put();
  }
  if (lines.length > 0) await put();
  await client.query('DROP TYPE pg_temp.line');
  return count;
}

async function typesOf(client: pg.ClientBase, table: string, columns: readonly string[]): Promise<{ column: string; type: string }[]> {
  const { rows } = await client.query(
    'SELECT attname AS column, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0',
    [quoted(table)],
  );
  const types = new Map(rows.map(({ column, type }) => [column as string, type as string]));
  return columns.map((column) => ({ column, type: types.get(column)! }));
}
