import type pg from 'pg';
import { connect, type PostgresPlace } from './connection.ts';

/** Milliseconds after which a database that says nothing counts as away. */
const patienceMs = 3000;

/** A connection for short statements that wait for no other request of this process. It is opened when it is first needed. What fails is for the caller to try again: then it begins anew. */
export class OwnConnection {
  private readonly place: PostgresPlace;
  private client: Promise<pg.Client> | undefined;
  /** A connection takes one statement at a time. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(place: PostgresPlace) {
    this.place = place;
  }

  rows(sql: string, values: readonly (string | number | null | readonly string[])[]): Promise<Record<string, unknown>[]> {
    const asked = this.last.then(() => this.ask(sql, values));
    this.last = asked.catch(() => {});
    return asked;
  }

  private async ask(sql: string, values: readonly (string | number | null | readonly string[])[]): Promise<Record<string, unknown>[]> {
    this.client ??= connect(this.place, { connectionTimeoutMillis: patienceMs, query_timeout: patienceMs });
    const own = this.client;
    try {
      return (await (await own).query(sql, [...values])).rows;
    } catch (error) {
      if (this.client === own) this.client = undefined;
      own.then((client) => client.end()).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = await this.client?.catch(() => undefined);
    this.client = undefined;
    await client?.end().catch(() => {});
  }
}
