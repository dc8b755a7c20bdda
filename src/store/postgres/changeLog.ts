import pg from 'pg';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import { changeOf, keysToTell, type NewChange } from '../changes.ts';
import type { Lease } from '../leases.ts';
import { lockKey } from './locks.ts';
import type { Rows } from './rows.ts';
import { toDatabase } from './text.ts';

/** Epochs that are remembered: a reader who missed more of them begins anew. */
const epochsKept = 100;

/** Where the newest change of each commit is told to all processes. */
export const channelOf = (schema: string): string => `updraft_${schema}`;

/**
 * The statements that end a transaction, sent to the server in one message. They number the changes, notify all processes, and commit. A lock keeps other processes from numbering changes until the commit is
 * done. So the numbers have no gaps and follow the order of the commits, and a reader that has read up to a number misses no later change. The server runs the message to its end even if this process dies.
 */
export function commitStatements(
  schema: string,
  changes: readonly NewChange[],
  by: string,
  epoch: string | undefined,
  leases: readonly Lease[],
): string {
  // Whoever takes a lease waits for this commit from here on.
  const held = leases.map(
    ({ name, term }) =>
      `SELECT 1 / count(*) FROM (SELECT 1 FROM leases WHERE name = ${literal(name)} AND term = ${term} FOR SHARE) AS held`,
  );
  if (changes.length === 0) return [...held, 'COMMIT'].join(';\n');
  const at = new Date().toISOString();
  const lines = changes.map(({ kind, id, op, workspace, principal, parent, keys, run }, index) => {
    const texts = [kind, id, op, at, workspace, principal, parent ?? null, keysToTell(keys)].map(literal);
    return `(${index + 1}, ${texts.join(', ')}, ${run ?? 'NULL'}::bigint)`;
  });
  const kinds = [...new Set(changes.map(({ kind }) => kind))].join(',');
  return [
    ...held,
    `SELECT pg_advisory_xact_lock(${lockKey(schema, 'changes')})`,
    ...(epoch === undefined
      ? []
      : [
          `INSERT INTO epochs (id, since) SELECT '${epoch}', coalesce(max(seq), 0) FROM changes`,
          `DELETE FROM epochs WHERE serial <= (SELECT max(serial) FROM epochs) - ${epochsKept}`,
        ]),
    `INSERT INTO changes (seq, kind, id, op, at, workspace, principal, parent, keys, run)
     SELECT (SELECT coalesce(max(seq), 0) FROM changes) + n, kind, id, op, at, workspace, principal, parent, keys, run
     FROM (VALUES ${lines.join(', ')}) AS new (n, kind, id, op, at, workspace, principal, parent, keys, run)`,
    `SELECT seq, pg_notify('${channelOf(schema)}', '${by} ' || seq || ' ${kinds}') FROM (SELECT max(seq) AS seq FROM changes) AS newest`,
    'COMMIT',
  ].join(';\n');
}

/** Whether a commit was refused since another process had taken a lease: there was nothing to divide by. */
export const isLeaseLost = (error: unknown): boolean => (error as { code?: string }).code === '22012';

const literal = (text: string | null): string => (text === null ? 'NULL::text' : `${pg.escapeLiteral(toDatabase(text))}::text`);

/** Reads the change log. */
export class ChangeLog {
  private readonly rows: Rows;

  constructor(rows: Rows) {
    this.rows = rows;
  }

  async seq(): Promise<number> {
    return (await this.rows.one('SELECT coalesce(max(seq), 0) AS seq FROM changes'))!.seq;
  }

  async changedSince(since: number, kinds: readonly ChangeKind[]): Promise<{ seq: number; isChanged: boolean }> {
    // In the order of numbers: the index leads to those after `since`, however many there are.
    const { seq, told } = (await this.rows.one(
      `SELECT (SELECT coalesce(max(seq), 0) FROM changes) AS seq, (SELECT seq FROM changes WHERE seq > $1 AND kind = ANY($2) ORDER BY seq LIMIT 1) AS told`,
      since,
      kinds,
    ))!;
    return { seq, isChanged: told !== null };
  }

  async oldestSeq(): Promise<number> {
    return (await this.rows.one('SELECT coalesce(min(seq), 0) AS seq FROM changes'))!.seq;
  }

  async changes(since: number, limit: number, kinds?: readonly ChangeKind[]): Promise<Change[]> {
    const rows = kinds
      ? await this.rows.all('SELECT * FROM changes WHERE seq > $1 AND kind = ANY($3) ORDER BY seq LIMIT $2', since, limit, kinds)
      : await this.rows.all('SELECT * FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2', since, limit);
    return rows.map(changeOf);
  }

  async epoch(): Promise<string> {
    return (await this.rows.one('SELECT id FROM epochs ORDER BY serial DESC LIMIT 1'))!.id;
  }

  /** Whether the place after the change `seq` (0: before the first one), read in this epoch, is in this log. */
  async hasPlace(epoch: string, seq: number): Promise<boolean> {
    const last = await this.rows.one(
      `SELECT coalesce((SELECT since FROM epochs n WHERE n.serial > e.serial ORDER BY n.serial LIMIT 1), (SELECT max(seq) FROM changes), 0) AS seq
       FROM epochs e WHERE id = $1`,
      epoch,
    );
    return last !== undefined && seq <= last.seq;
  }
}
