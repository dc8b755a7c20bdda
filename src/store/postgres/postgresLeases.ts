import type { Lease, Leases } from '../leases.ts';
import type { PostgresPlace } from './connection.ts';
import { OwnConnection } from './ownConnection.ts';

/** Leases as rows, over a connection of their own. What fails is for the caller to try again. */
export class PostgresLeases implements Leases {
  private readonly connection: OwnConnection;

  constructor(place: PostgresPlace) {
    this.connection = new OwnConnection(place);
  }

  async take(name: string, holder: string, ms: number, address?: string): Promise<Lease | { freeInMs: number }> {
    const taken = await this.query(
      `INSERT INTO leases AS l (name, holder, term, until, address) VALUES ($1, $2, 1, now() + $3 * interval '1 ms', $4)
       ON CONFLICT (name) DO UPDATE SET holder = $2, term = l.term + 1, until = excluded.until, address = $4 WHERE l.until <= now() OR l.holder = $2
       RETURNING term`,
      [name, holder, ms, address ?? null],
    );
    if (taken) return { name, term: Number(taken.term) };
    const found = await this.query('SELECT extract(epoch FROM until - now()) * 1000 AS ms FROM leases WHERE name = $1', [name]);
    return { freeInMs: Math.max(0, Number(found?.ms ?? 0)) };
  }

  async renew({ name, term }: Lease, ms: number): Promise<boolean> {
    const renewed = await this.query(
      "UPDATE leases SET until = now() + $3 * interval '1 ms' WHERE name = $1 AND term = $2 RETURNING term",
      [name, term, ms],
    );
    return renewed !== undefined;
  }

  async giveBack({ name, term }: Lease): Promise<void> {
    await this.query('UPDATE leases SET until = now() WHERE name = $1 AND term = $2', [name, term]);
  }

  async addressOf(name: string): Promise<string | undefined> {
    const found = await this.query('SELECT address FROM leases WHERE name = $1 AND until > now()', [name]);
    return (found?.address as string | null | undefined) ?? undefined;
  }

  async now(): Promise<number> {
    return Number((await this.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms', []))!.ms);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async query(sql: string, values: (string | number | null)[]): Promise<Record<string, unknown> | undefined> {
    return (await this.connection.rows(sql, values))[0];
  }
}
