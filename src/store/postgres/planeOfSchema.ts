import { UserError } from '../../base/userError.ts';
import { connect, type PostgresPlace } from './connection.ts';
import { lockKey } from './locks.ts';

const about = 'A control plane of Updraft: ';

/**
 * Notes at the schema which plane it belongs to, once it is there.
 * @throws {UserError} where it belongs to another one.
 */
export async function notePlaneOfSchema(place: PostgresPlace, id: string): Promise<void> {
  const client = await connect(place);
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(${lockKey(place.schema, 'plane')})`);
    const { rows } = await client.query("SELECT obj_description($1::regnamespace, 'pg_namespace') AS said", [place.schema]);
    const said: string = rows[0].said ?? '';
    if (said.startsWith(about) && said !== about + id)
      throw new UserError(
        'InvalidArgument',
        `The schema "${place.schema}" of the database belongs to another control plane (${said.slice(about.length)}).`,
        'Start it with the data folder of that plane, or give this one a schema of its own: postgres://HOST/DATABASE?schema=NAME.',
      );
    if (!said) await client.query(`COMMENT ON SCHEMA ${place.schema} IS ${client.escapeLiteral(about + id)}`);
    await client.query('COMMIT');
  } finally {
    await client.end().catch(() => {});
  }
}
