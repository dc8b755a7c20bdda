import pg from 'pg';
import { UserError } from '../../base/userError.ts';
import type { Row, Rows, Value } from './rows.ts';
import { fromDatabase, toDatabase } from './text.ts';

/** Where a plane's rows are. Each plane has a schema of its own; several may share a database. */
export interface PostgresPlace {
  /** `postgres://user:password@host:port/database`. */
  url: string;
  schema: string;
  /** How long a request waits for the database while it is away, in ms; half a minute when absent. */
  patienceMs?: number;
}

/** What the server calls the types of columns: https://www.postgresql.org/docs/current/catalog-pg-type.html */
const oid = { bytes: 17, int8: 20, text: 25, numeric: 1700 };

const parsers: Record<number, (text: string) => unknown> = {
  // Whole numbers of ours are below 2^53.
  [oid.int8]: Number,
  [oid.numeric]: Number,
  [oid.text]: fromDatabase,
  // Bytes of their own: those of a `Buffer` are a part of others.
  [oid.bytes]: (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')),
};
const types = {
  getTypeParser: (type: number, format?: any) => parsers[type] ?? pg.types.getTypeParser(type, format),
} as pg.CustomTypesConfig;

/** Milliseconds that a process may say nothing in an open transaction. One that sleeps, or whose machine is gone, keeps others from writing no longer. */
const mostSilentMs = 8000;

/** Options of a connection. Whoever stops answering in the middle of a write loses it, so that others may write. */
export function connectionConfig({ url, schema }: PostgresPlace): pg.ClientConfig {
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema))
    throw new UserError('InvalidName', `"${schema}" is no name for a schema: lower-case letters, digits and _, at most 41.`);
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new UserError(
      'InvalidValue',
      'The address of the database is none of PostgreSQL.',
      'It looks like postgres://user:password@host:5432/database.',
    );
  return {
    connectionString: url,
    application_name: 'updraft',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: `-c search_path=${schema} -c idle_in_transaction_session_timeout=${mostSilentMs}`,
    types,
  };
}

/** A connection; what happens to it when nobody asks it anything must not end the process. Throws `InvalidValue` when the server refuses it. */
export async function connect(place: PostgresPlace, more: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...connectionConfig(place), ...more });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw asRefused(error);
  }
  return client;
}

/** Password or user (28), no such database (3D), or not allowed (42501). */
export function asRefused(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  return code !== undefined && /^(28|3D|42501)/.test(code)
    ? new UserError(
        'InvalidValue',
        `The control plane's database refuses it: ${message}.`,
        'Correct the address, the user or the password of the database.',
      )
    : error;
}

/** Statements are prepared once in each connection, by these names. */
const names = new Map<string, string>();

/** Sends a statement. */
export async function send(client: pg.ClientBase, sql: string, values: readonly Value[]): Promise<pg.QueryResult> {
  let name = names.get(sql);
  if (name === undefined) names.set(sql, (name = `updraft${names.size}`));
  return client.query({ name, text: sql, values: values.map(bound) });
}

/** Statements of a connection. */
export class ClientRows implements Rows {
  protected readonly client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.client = client;
  }

  protected send(sql: string, values: readonly Value[]): Promise<pg.QueryResult> {
    return send(this.client, sql, values);
  }

  async all(sql: string, ...values: Value[]): Promise<Row[]> {
    return (await this.send(sql, values)).rows;
  }

  async one(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.send(sql, values)).rows[0];
  }

  async run(sql: string, ...values: Value[]): Promise<number> {
    return (await this.send(sql, values)).rowCount ?? 0;
  }
}

function bound(value: Value): unknown {
  if (typeof value === 'string') return toDatabase(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.isArray(value) ? value.map(bound) : value;
}

/** Whether the connection is lost, or the server does not take any at the moment: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function isAway(error: unknown): boolean {
  const { code, message, syscall } = error as { code?: string; message?: string; syscall?: string };
  if (syscall === 'connect') return true;
  if (code !== undefined && /^(08|57P0|53300)/.test(code)) return true;
  if (code !== undefined && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/.test(code)) return true;
  return /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/.test(
    message ?? '',
  );
}

/** Whether the server took a transaction back because of another one, so that it may be tried again: a deadlock, or an order that it could not keep. */
export const isCrossed = (error: unknown): boolean => ['40P01', '40001'].includes((error as { code?: string }).code ?? '');
