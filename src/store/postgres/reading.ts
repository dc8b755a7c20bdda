import pg from 'pg';
import { ClientRows, connectionConfig, isAway, type PostgresPlace, send } from './connection.ts';
import type { Row, Rows, Value } from './rows.ts';
import { whileAway } from './whileAway.ts';

/** Connections that read, besides the one that writes and the one that listens. */
const mostConnections = 8;

/** Reads what is committed, over connections that are made when they are needed. While the database is away, reading waits for it. */
export class Reading implements Rows {
  private readonly place: PostgresPlace;
  private readonly pool: pg.Pool;
  private readonly ready: () => Promise<void>;
  private isOver = false;

  /** `ready` settles when the schema is there and up to date. */
  constructor(place: PostgresPlace, ready: () => Promise<void>) {
    this.place = place;
    this.ready = ready;
    this.pool = new pg.Pool({ ...connectionConfig(place), max: mostConnections, idleTimeoutMillis: 60_000, allowExitOnIdle: true });
    // A connection that is lost while nobody uses it is made anew.
    this.pool.on('error', () => {});
  }

  async all(sql: string, ...values: Value[]): Promise<Row[]> {
    return this.reading(async (client) => (await send(client, sql, values)).rows);
  }

  async one(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0];
  }

  async run(): Promise<number> {
    throw new Error('Nothing is written here.');
  }

  /** Runs reads that belong together over one state of the database, whoever writes meanwhile. */
  look<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.reading(async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      try {
        return await work(new ClientRows(client));
      } finally {
        await client.query('COMMIT').catch(() => {});
      }
    });
  }

  async close(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.pool.end();
  }

  private async reading<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    await this.ready();
    return whileAway(
      this.place,
      async () => {
        const client = await this.pool.connect();
        let lost = false;
        // While it is in use, its errors are nobody else's.
        const ignore = () => {};
        client.on('error', ignore);
        try {
          return await work(client);
        } catch (error) {
          lost = isAway(error);
          throw error;
        } finally {
          client.off('error', ignore);
          client.release(lost);
        }
      },
      () => this.isOver,
    );
  }
}
