import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { UserError } from '../../base/userError.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import type { Lease } from '../leases.ts';
import { commitStatements, isLeaseLost } from './changeLog.ts';
import { connect, isAway, isCrossed, type PostgresPlace } from './connection.ts';
import { lockKey } from './locks.ts';
import { migrate } from './migrations.ts';
import { toDatabase } from './text.ts';
import { Transaction } from './transaction.ts';
import { away, whileAway } from './whileAway.ts';

/** A write that waits for its turn. */
interface Waiting {
  /** Whose rows it reads and writes: no other process writes them meanwhile. undefined: it takes care of that itself. */
  workspace: string | undefined;
  work: (transaction: Transaction) => Promise<unknown>;
  /** Throws before its first write or never, so it needs no savepoint. */
  isSimple: boolean;
  /** It is refused unless this process has the lease still. */
  lease: Lease | undefined;
  resolve: (written: Written<unknown>) => void;
  reject: (error: unknown) => void;
}

/** What a write answered, and the newest change that it knows of: its own last one, or the newest that there was when it began. */
export interface Written<T> {
  answer: T;
  seq: number;
}

export interface GroupHooks {
  /** Last writes of the transaction. */
  beforeCommit(transaction: Transaction): Promise<void>;
  /** Changes were committed; `seq` is the newest of them. */
  committed(seq: number, kinds: ReadonlySet<ChangeKind>): void;
}

/** Times that a group is done anew because of another process, or because the connection was lost. */
const mostTries = { crossed: 20, away: 5 };
/** How long the writes of other processes are waited for, in seconds. */
const longestWait = 30;

/** The write whose work is running. Before Node 24 knowing it would slow down every promise of the process. */
const current =
  Number.parseInt(process.versions.node, 10) >= 24 ? new AsyncLocalStorage<{ groups: WriteGroups; isOver: boolean }>() : undefined;

/**
 * The writes of this process, over a connection of their own. Those that arrive while a transaction is open make up the next one together, so that one flush to disk serves them all. They run one after
 * the other, each with a savepoint of its own: one that throws is undone alone. Simple writes have none, since they throw before they write, or never. A transaction that is lost, as the database was restarted or another process was in its way, is done anew as a whole.
 */
export class WriteGroups {
  /** Tells apart what this process wrote. */
  readonly id: string = randomBytes(6).toString('hex');
  private readonly place: PostgresPlace;
  private readonly hooks: GroupHooks;
  private waiting: Waiting[] = [];
  private client: Promise<pg.Client> | undefined;
  private running: Promise<void> | undefined;
  private isEnding = false;
  private hasBegunEpoch = false;

  constructor(place: PostgresPlace, hooks: GroupHooks) {
    this.place = place;
    this.hooks = hooks;
  }

  /** Connects, and brings the schema up to date. */
  open(): Promise<void> {
    return whileAway(
      this.place,
      async () => {
        await this.connection();
      },
      () => this.isEnding,
    );
  }

  run<T>(
    workspace: string | undefined,
    work: (transaction: Transaction) => Promise<T>,
    { isSimple = false, lease }: { isSimple?: boolean; lease?: Lease | undefined } = {},
  ): Promise<Written<T>> {
    if (this.isEnding)
      return Promise.reject(new UserError('PlaneUnreachable', 'The control plane is ending; nothing of this request was kept.'));
    const around = current?.getStore();
    if (around?.groups === this && !around.isOver)
      return Promise.reject(new Error('A write inside a write would wait for itself: use the writer that the outer one was given.'));
    return new Promise<Written<T>>((resolve, reject) => {
      this.waiting.push({ workspace, work, isSimple, lease, resolve: resolve as Waiting['resolve'], reject });
      this.running ??= this.serve();
    });
  }

  /** Takes no more; settles when nothing waits. */
  async end(): Promise<void> {
    this.isEnding = true;
    while (this.running) await this.running;
    const client = await this.client?.catch(() => undefined);
    this.client = undefined;
    await client?.end().catch(() => {});
  }

  private async serve(): Promise<void> {
    // Whatever the input that is ready now asks for joins the same transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      // What fails is told to those whose writes they are.
      await this.write(group);
    }
    this.running = undefined;
  }

  private connection(): Promise<pg.Client> {
    if (this.client) return this.client;
    const made = this.connect();
    this.client = made;
    const forget = () => {
      if (this.client === made) this.client = undefined;
    };
    made.then((client) => client.once('end', forget), forget);
    return made;
  }

  private async connect(): Promise<pg.Client> {
    const client = await connect(this.place);
    try {
      await migrate(client, this.place.schema);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  }

  /** Commits a group and settles its writes. */
  private async write(group: Waiting[]): Promise<void> {
    try {
      for (let tries = 1; ; tries++) {
        const client = await whileAway(
          this.place,
          () => this.connection(),
          () => this.isEnding && tries > 1,
        );
        const outcome = await this.attempt(client, group);
        if (outcome === 'done') return;
        if (isAway(outcome)) await this.drop(client);
        if (tries >= mostTries[isAway(outcome) ? 'away' : 'crossed']) throw isAway(outcome) ? away(outcome) : outcome;
        // Two processes that are in each other's way must not meet again at once.
        if (isCrossed(outcome)) await pause(Math.random() * 10 * tries);
      }
    } catch (error) {
      for (const { reject } of group) reject(lost(error));
    }
  }

  private async drop(client: pg.Client): Promise<void> {
    this.client = undefined;
    client.end().catch(() => {});
  }

  /** One transaction; answers why it has to be done anew. */
  private async attempt(client: pg.Client, group: Waiting[]): Promise<'done' | unknown> {
    const transaction = new Transaction(client);
    let begun: { xid: string; seq: number; deleted: string[]; purged: string[] };
    try {
      begun = await this.begin(client, group);
    } catch (error) {
      if (isAway(error) || isCrossed(error)) return error;
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    }
    transaction.deleted = new Set(begun.deleted);
    transaction.purged = new Set(begun.purged);
    const settle: ((seqBefore?: number) => void)[] = [];
    let isTaken = false;
    for (const together of turns(group)) {
      const outcomes = await Promise.all(together.map((each) => this.runOne(transaction, each, group.length === 1, begun.seq)));
      if (transaction.isLost) {
        if (!isAway(transaction.failure)) await client.query('ROLLBACK').catch(() => {});
        return transaction.failure;
      }
      settle.push(...outcomes.map((outcome) => outcome.settle));
      isTaken ||= outcomes.some((outcome) => outcome.isTaken);
    }
    if (!isTaken) {
      // Nothing of any write is to be kept.
      await client.query('ROLLBACK').catch(() => {});
      for (const each of settle) each();
      return 'done';
    }
    let seq: number;
    let isNumberKnown = true;
    try {
      await this.hooks.beforeCommit(transaction);
      const { changes } = transaction;
      const statements = commitStatements(
        this.place.schema,
        changes,
        this.id,
        this.hasBegunEpoch ? undefined : randomBytes(8).toString('hex'),
        transaction.leases,
      );
      const results = (await client.query(statements)) as unknown as pg.QueryResult[];
      const last = [results].flat().at(-1)!;
      // https://www.postgresql.org/docs/current/sql-commit.html: the commit of a transaction in which something failed takes it back, and is no error.
      if (last.command !== 'COMMIT') throw transaction.failure ?? new Error('The database took a write back, and did not say why.');
      seq = [results].flat().find(({ rows }) => rows[0]?.seq !== undefined)?.rows[0].seq ?? begun.seq;
    } catch (error) {
      if (isCrossed(error) || isLeaseLost(error)) {
        await client.query('ROLLBACK').catch(() => {});
        return error;
      }
      if (!isAway(error)) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
      // The answer to the commit is lost: whether it was done is asked.
      await this.drop(client);
      try {
        if (!(await this.isCommitted(begun.xid))) return error;
        seq = await this.newest();
        isNumberKnown = false;
      } catch {
        throw new UserError(
          'PlaneUnreachable',
          "The control plane's database went away while it wrote; whether this request was kept is not known.",
          'Look before you try again.',
        );
      }
    }
    this.hasBegunEpoch ||= transaction.changes.length > 0;
    for (const each of transaction.afterwards) each();
    for (const each of settle) each(isNumberKnown ? seq - transaction.changes.length : undefined);
    if (transaction.changes.length > 0) this.hooks.committed(seq, new Set(transaction.changes.map(({ kind }) => kind)));
    return 'done';
  }

  /** One round trip: the transaction begins when no other process writes in the same workspaces. Processes lock them in the same order, so that no two wait for each other. */
  private async begin(client: pg.Client, group: Waiting[]): Promise<{ xid: string; seq: number; deleted: string[]; purged: string[] }> {
    const workspaces = [...new Set(group.flatMap(({ workspace }) => (workspace === undefined ? [] : [workspace])))].sort();
    const locks = workspaces.map((workspace) => `SELECT pg_advisory_xact_lock(${lockKey(this.place.schema, `workspace ${workspace}`)});`);
    const results = (await client.query(
      `BEGIN; SET LOCAL lock_timeout = '${longestWait}s'; ${locks.join(' ')}
       SELECT pg_current_xact_id()::text AS xid, (SELECT coalesce(max(seq), 0) FROM changes) AS seq,
         ${amongThese('deletedWorkspaces', workspaces)} AS deleted, ${amongThese('purgedWorkspaces', workspaces)} AS purged`,
    )) as unknown as pg.QueryResult[];
    return results.at(-1)!.rows[0];
  }

  private async runOne(
    transaction: Transaction,
    { work, isSimple, lease, resolve, reject }: Waiting,
    isAlone: boolean,
    seqAtBegin: number,
  ): Promise<{ settle: (seqBefore?: number) => void; isTaken: boolean }> {
    // A write that is alone is taken back with its transaction.
    const isMarked = !isSimple && !isAlone;
    const { changes, afterwards } = transaction;
    const marks = [changes.length, afterwards.length] as const;
    const write = { groups: this, isOver: false };
    try {
      if (!isSimple) transaction.writes++;
      if (isMarked) await transaction.mark();
      if (lease) await transaction.mustHave(lease);
      const answer = await (current ? current.run(write, () => work(transaction)) : work(transaction));
      if (transaction.failure !== undefined) throw transaction.failure;
      const count = changes.length;
      // `seqBefore` is that of the last change before those of this transaction.
      const settle = (seqBefore?: number) =>
        resolve({ answer, seq: seqBefore !== undefined && count > marks[0] ? seqBefore + count : seqAtBegin });
      return { settle, isTaken: true };
    } catch (error) {
      // A simple one has left nothing, and others run beside it.
      if (!isSimple) [changes.length, afterwards.length] = marks;
      if (isMarked && !transaction.isLost) await transaction.undo();
      return { settle: () => reject(lost(error)), isTaken: false };
    } finally {
      write.isOver = true;
    }
  }

  /** Whether the transaction whose end nobody saw was committed. */
  private isCommitted(xid: string): Promise<boolean> {
    return whileAway(this.place, async () => {
      for (;;) {
        const { rows } = await (await this.connection()).query('SELECT pg_xact_status($1::xid8) AS status', [xid]);
        if (rows[0].status !== 'in progress') return rows[0].status === 'committed';
        await pause(20);
      }
    });
  }

  private newest(): Promise<number> {
    return whileAway(
      this.place,
      async () => (await (await this.connection()).query('SELECT coalesce(max(seq), 0) AS seq FROM changes')).rows[0].seq,
    );
  }
}

/** Writes in their order; neighbours that are simple run together, so that what they read takes one statement. */
function turns(group: Waiting[]): Waiting[][] {
  const all: Waiting[][] = [];
  for (const each of group) {
    if (each.isSimple && all.at(-1)?.[0]?.isSimple) all.at(-1)!.push(each);
    else all.push([each]);
  }
  return all;
}
/** Which of these workspaces the list of workspaces has as this kind. */
const amongThese = (kind: string, workspaces: readonly string[]): string =>
  `ARRAY(SELECT name FROM resources WHERE workspace = '' AND kind = '${kind}' AND version = '' AND name IN (${['', ...workspaces].map((each) => pg.escapeLiteral(toDatabase(each))).join(', ')}))`;

const inUse = `Another process of the control plane has been writing for ${longestWait} s; nothing of this request was kept.`;

/** A full disk (53100), and a lock that was waited for too long (55P03): https://www.postgresql.org/docs/current/errcodes-appendix.html */
function lost(error: unknown): unknown {
  const { code } = error as { code?: string };
  if (code === '55P03') return new UserError('DataFolderInUse', inUse, 'Try again.');
  if (code !== '53100') return error;
  return new UserError(
    'DiskFull',
    "The disk of the control plane's database is full; nothing of this request was kept.",
    'Free some space there and try again.',
  );
}
