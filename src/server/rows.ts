import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { laterPart } from '../base/laterPart.ts';
import { UserError } from '../base/userError.ts';
import { LogFolder } from '../store/folder/logFolder.ts';
import type { Leases } from '../store/leases.ts';
import type { Logs } from '../store/logs.ts';
import { partFolders } from '../store/maintenance/storeParts.ts';
import type { MetricStore } from '../store/metrics/metricStore.ts';
import type { PostgresPlace } from '../store/postgres/connection.ts';
import type { Joining } from '../store/postgres/joinPlane.ts';
import { openSqliteStore } from '../store/sqlite/sqliteStore.ts';
import type { Store } from '../store/store.ts';
import type { WrongTries } from '../store/wrongTries.ts';
import type { Memory } from './memory.ts';

const postgres = laterPart(() => import('../store/postgres/postgresStore.ts'));
const joining = laterPart(() => import('../store/postgres/joinPlane.ts'));

/** Rows, metrics and logs of a plane, and who it is. */
export interface OpenRows {
  store: Store;
  metrics: MetricStore;
  logs: Logs;
  id: string;
  token: string;
  shared: SharedRows | undefined;
}

/** Of rows that several servers may share. */
export interface SharedRows {
  /** By which the servers agree on who does what. */
  leases: Leases;
  /** Wrong tries that the servers count together. */
  wrongTries: WrongTries;
  /** Whether the plane's token is still the one that this server has. */
  hasToken: () => Promise<boolean>;
  /** Throws where the database does not answer, or a later Updraft has written it. */
  look: () => Promise<void>;
}

/**
 * Where a plane keeps rows, metrics and logs: in its data folder, or in a schema of a PostgreSQL database, by which its servers know each other.
 * @throws {UserError} where they are elsewhere, or belong to another plane.
 */
export async function openRows(dataFolder: string, database: PostgresPlace | undefined, known: Joining, memory: Memory): Promise<OpenRows> {
  const before = memory.read();
  if (!database) {
    if (before !== undefined)
      throw new UserError(
        'InvalidArgument',
        `The jobs of this control plane are in the database ${before}.`,
        'Start it with --database, and the address of that.',
      );
    return {
      ...openSqliteStore(dataFolder),
      logs: new LogFolder(path.join(dataFolder, partFolders.logs)),
      id: known.id ?? randomUUID(),
      token: known.token ?? (known.isTokenNew ? undefined : known.usualToken) ?? randomBytes(32).toString('base64url'),
      shared: undefined,
    };
  }
  const name = nameOf(database);
  if (before !== undefined && before !== name)
    throw new UserError(
      'InvalidArgument',
      `The jobs of this control plane are in the database ${before}, not in ${name}.`,
      'Give the address of that.',
    );
  if (before === undefined && existsSync(path.join(dataFolder, 'updraft.db')))
    throw new UserError(
      'InvalidArgument',
      `This control plane has its jobs in ${dataFolder} already, and does not move them to a database.`,
      'Start it without --database, or give a new data folder.',
    );
  const opened = (await postgres()).openPostgresStore(database);
  try {
    await opened.ready();
    const { id, token } = await (await joining()).joinPlane(database, known);
    memory.write(name);
    const { store, metrics, logs, leases, wrongTries } = opened;
    const shared = { leases, wrongTries, hasToken: () => opened.hasToken(token), look: () => opened.look() };
    return { store, metrics, logs, id, token, shared };
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
