import { existsSync } from 'node:fs';
import path from 'node:path';
import { laterPart } from '../base/laterPart.ts';
import { UserError } from '../base/userError.ts';
import type { MetricStore } from '../store/metrics/metricStore.ts';
import type { PostgresPlace } from '../store/postgres/connection.ts';
import { openSqliteStore } from '../store/sqlite/sqliteStore.ts';
import type { Store } from '../store/store.ts';
import type { Memory } from './memory.ts';

const postgres = laterPart(() => import('../store/postgres/postgresStore.ts'));
const planeOfSchema = laterPart(() => import('../store/postgres/planeOfSchema.ts'));

/**
 * Where a plane keeps rows and metrics: in its data folder, or in a schema of a PostgreSQL database. `id` is the plane's.
 * @throws {UserError} where they are elsewhere, or belong to another plane.
 */
export async function openRows(
  dataFolder: string,
  database: PostgresPlace | undefined,
  id: string,
  memory: Memory,
): Promise<{ store: Store; metrics: MetricStore }> {
  const known = memory.read();
  if (!database) {
    if (known !== undefined)
      throw new UserError(
        'InvalidArgument',
        `The jobs of this control plane are in the database ${known}.`,
        'Start it with --database, and the address of that.',
      );
    return openSqliteStore(dataFolder);
  }
  const name = nameOf(database);
  if (known !== undefined && known !== name)
    throw new UserError(
      'InvalidArgument',
      `The jobs of this control plane are in the database ${known}, not in ${name}.`,
      'Give the address of that.',
    );
  if (known === undefined && existsSync(path.join(dataFolder, 'updraft.db')))
    throw new UserError(
      'InvalidArgument',
      `This control plane has its jobs in ${dataFolder} already, and does not move them to a database.`,
      'Start it without --database, or give a new data folder.',
    );
  const opened = (await postgres()).openPostgresStore(database);
  try {
    await opened.ready();
    await (await planeOfSchema()).notePlaneOfSchema(database, id);
    memory.write(name);
    return opened;
  } catch (error) {
    await opened.store.close().catch(() => {});
    throw error;
  }
}

/** A database without what opens it. */
function nameOf({ url, schema }: PostgresPlace): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port && `:${port}`}${pathname} (schema ${schema})`;
}
