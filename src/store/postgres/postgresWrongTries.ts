import type { Tries, WrongTries } from '../wrongTries.ts';
import type { PostgresPlace } from './connection.ts';
import { OwnConnection } from './ownConnection.ts';

/** Most keys that are kept; more than that, and those whose windows end first are forgotten. */
const mostKept = 10_000;
/** Counted tries after which this process looks whether there are more. */
const lookEvery = 500;
/** Most keys that are removed with one try. */
const removedAtOnce = 100;

/** Counts of wrong tries as rows of a table that is not kept through a crash of the database, over a connection of their own. Each try also removes some of those that are over. */
export class PostgresWrongTries implements WrongTries {
  private readonly connection: OwnConnection;
  private readonly most: number;
  private readonly every: number;
  private sinceLook = 0;

  constructor(place: PostgresPlace, most = mostKept, every = lookEvery) {
    this.connection = new OwnConnection(place);
    this.most = most;
    this.every = every;
  }

  async add(keys: readonly string[], now: number, windowMs: number): Promise<ReadonlyMap<string, Tries>> {
    // In one order, so that no two servers wait for each other; rows that another one has in hand are left to it.
    const rows = await this.connection.rows(
      `WITH over AS (
         DELETE FROM wrong_tries WHERE key IN (
           SELECT key FROM wrong_tries WHERE until <= $2 AND NOT key = ANY($1::text[]) LIMIT ${removedAtOnce} FOR UPDATE SKIP LOCKED))
       INSERT INTO wrong_tries AS w (key, count, until) SELECT key, 1, $2::bigint + $3::bigint FROM unnest($1::text[]) AS key ORDER BY key
       ON CONFLICT (key) DO UPDATE SET count = CASE WHEN w.until <= $2 THEN 1 ELSE w.count + 1 END, until = CASE WHEN w.until <= $2 THEN excluded.until ELSE w.until END
       RETURNING key, count, until`,
      [[...new Set(keys)].sort(), now, windowMs],
    );
    this.sinceLook++;
    if (this.sinceLook >= this.every) {
      this.sinceLook = 0;
      await this.forgetFirst();
    }
    return triesOf(rows);
  }

  async reached(count: number, now: number): Promise<ReadonlyMap<string, Tries>> {
    return triesOf(await this.connection.rows('SELECT key, count, until FROM wrong_tries WHERE count >= $1 AND until > $2', [count, now]));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async forgetFirst(): Promise<void> {
    await this.connection.rows(
      `DELETE FROM wrong_tries WHERE key IN (
         SELECT key FROM wrong_tries ORDER BY until DESC, key OFFSET $1 FOR UPDATE SKIP LOCKED)`,
      [this.most],
    );
  }
}

const triesOf = (rows: Record<string, unknown>[]): ReadonlyMap<string, Tries> =>
  new Map(rows.map(({ key, count, until }) => [key as string, { count: Number(count), until: Number(until) }]));
