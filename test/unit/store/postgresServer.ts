import { createHash } from 'node:crypto';
import { PostgresServer } from '../../../src/cli/tryTeam/postgresServer.ts';
import type { PostgresPlace } from '../../../src/store/postgres/connection.ts';

export { PostgresServer };

/** Where processes that this one starts find its server. */
const variable = 'UPDRAFT_TEST_POSTGRES';

/** The place of a test's folder: one server for all suites of a run, a schema for each folder. */
export function placeOf(folder: string): PostgresPlace {
  process.env[variable] ??= new PostgresServer().url;
  return { url: process.env[variable], schema: `t${createHash('sha256').update(folder).digest('hex').slice(0, 24)}` };
}
