import type pg from 'pg';

/** How far the numbers of a column have come, also those of rows that are gone. */
export interface Sequence {
  table: string;
  column: string;
  last: string;
  isCalled: boolean;
}

/** Of all columns that number their rows. */
export async function sequencesOf(client: pg.ClientBase, schema: string): Promise<Sequence[]> {
  const { rows } = await client.query(
    `SELECT c.relname AS "table", a.attname AS "column", pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' WHERE c.relkind = 'r' AND c.relnamespace = $1::regnamespace ORDER BY 1, 2`,
    [schema],
  );
  const found: Sequence[] = [];
  for (const { table, column, sequence } of rows) {
    const { rows: state } = await client.query(`SELECT last_value::text AS last, is_called::text AS called FROM ${sequence}`);
    found.push({ table, column, last: state[0].last, isCalled: state[0].called === 'true' });
  }
  return found;
}

export async function setSequence(client: pg.ClientBase, { table, column, last, isCalled }: Sequence): Promise<void> {
  await client.query('SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3::bigint, $4::boolean)', [
    table,
    column,
    last,
    isCalled,
  ]);
}
