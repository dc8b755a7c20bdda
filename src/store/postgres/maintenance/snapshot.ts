import type pg from 'pg';
import { UserError } from '../../../base/userError.ts';
import { ClientRows, connect, type PostgresPlace } from '../connection.ts';
import { formatVersion, mustBeKnown } from '../migrations.ts';
import type { Rows } from '../rows.ts';

/** One state of a plane's database, whoever writes meanwhile. */
export interface Snapshot {
  client: pg.Client;
  rows: Rows;
  /** The format of its schema. */
  format: number;
}

/**
 * Looks at a database, and changes nothing. `more` are options of the connection.
 * @throws {UserError} where it can't be reached, has no plane, or one of a later Updraft.
 */
export async function inSnapshot<T>(
  place: PostgresPlace,
  work: (snapshot: Snapshot) => Promise<T>,
  more: pg.ClientConfig = {},
): Promise<T> {
  const client = await connectedTo(place, more);
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // What is read is written to a disk in between, which may take its time.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    const { rows: known } = await client.query("SELECT to_regclass('format') IS NOT NULL AS is_there");
    if (!known[0].is_there)
      throw new UserError(
        'NotFound',
        `The schema "${place.schema}" of the database has no control plane.`,
        'Give the database and schema of the plane: postgres://HOST/DATABASE?schema=NAME.',
      );
    const format = Number((await client.query('SELECT version FROM format')).rows[0]?.version ?? 0);
    mustBeKnown(format, place.schema);
    return await work({ client, rows: new ClientRows(client), format });
  } finally {
    await client.end().catch(() => {});
  }
}

/** As `inSnapshot`, of a database that has the format of this Updraft. Throws `InvalidValue` for an older one. */
export function inPresentSnapshot<T>(place: PostgresPlace, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return inSnapshot(place, (snapshot) => {
    if (snapshot.format < formatVersion)
      throw new UserError(
        'InvalidValue',
        `The schema "${place.schema}" has the older format ${snapshot.format}; this Updraft reads ${formatVersion}.`,
        'Start a server of this version: it brings the database up to date.',
      );
    return work(snapshot);
  });
}

/** A connection; throws `PlaneUnreachable` where the database does not answer. */
export async function connectedTo(place: PostgresPlace, more: pg.ClientConfig = {}): Promise<pg.Client> {
  try {
    return await connect(place, more);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { host, pathname } = new URL(place.url);
    throw new UserError(
      'PlaneUnreachable',
      `The database ${host}${pathname} does not answer: ${(error as Error).message || 'no connection'}.`,
      'Look whether PostgreSQL runs there, and whether the address is right.',
    );
  }
}
