import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { connect, type PostgresPlace } from '../../src/store/postgres/connection.ts';
import { placeOf } from '../unit/store/postgresServer.ts';

/** A log of that many bytes: the two texts, and zeros in between. */
export interface LongLog {
  job: string;
  file: string;
  size: number;
  first?: string;
  last?: string;
}

/** Where logs are kept: in a folder, or in PostgreSQL. */
type Place = string | PostgresPlace;

/** The one of a plane's data folder, as `startPlane` chooses it. */
export const logPlaceOf = (dataFolder: string): Place =>
  process.env.UPDRAFT_TEST_STORE === 'postgres' ? placeOf(dataFolder) : path.join(dataFolder, 'logs');

/** Makes a long log without sending its bytes one by one. */
export async function makeLongLog(place: Place, { job, file, size, first = '', last = '' }: LongLog): Promise<void> {
  if (typeof place === 'string') {
    const name = path.join(place, job, file);
    mkdirSync(path.dirname(name), { recursive: true });
    writeFileSync(name, first);
    truncateSync(name, size - last.length);
    return appendFileSync(name, last);
  }
  await overConnection(place, async (client) => {
    const piece = 2 ** 20;
    const lastPiece = Math.floor((size - 1) / piece);
    const put = (index: number, data: Buffer) => client.query('INSERT INTO logs VALUES ($1, $2, $3, $4)', [job, file, index * piece, data]);
    const zeros = (length: number) => Buffer.alloc(length);
    await put(0, Buffer.concat([Buffer.from(first), zeros(piece - first.length)]));
    await put(1, zeros(piece));
    // As it is compressed already, it is not compressed again.
    await client.query(
      `INSERT INTO logs SELECT job, file, i * ${piece}, data FROM logs, generate_series(2::bigint, ${lastPiece - 1}) AS i WHERE job = $1 AND file = $2 AND start = ${piece}`,
      [job, file],
    );
    await put(lastPiece, Buffer.concat([zeros(size - lastPiece * piece - last.length), Buffer.from(last)]));
  });
}

/** Takes away what a log has behind `size`. */
export async function cutLog(place: Place, { job, file, size }: LongLog): Promise<void> {
  if (typeof place === 'string') return truncateSync(path.join(place, job, file), size);
  await overConnection(place, async (client) => {
    await client.query('DELETE FROM logs WHERE job = $1 AND file = $2 AND start >= $3', [job, file, size]);
    await client.query(
      'UPDATE logs SET data = substr(data, 1, ($3 - start)::int) WHERE job = $1 AND file = $2 AND start + octet_length(data) > $3',
      [job, file, size],
    );
  });
}

async function overConnection(place: PostgresPlace, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await connect(place);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
