import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ChangeStream } from '../../../src/client/feed/changeStream.ts';
import { isPassing } from '../../../src/client/isPassing.ts';
import { seeded } from '../faults/random.ts';
import { first } from '../first.ts';
import { artifact, log, metric, param, type Sort, tag, written } from '../writesOfAllSorts.ts';
import { type PlaneServer, startServers } from './servers.ts';

export interface Restarts {
  seed: number;
  ms: number;
  /** Milliseconds between two kills of a server. */
  killEveryMs: number;
  /** How often PostgreSQL is restarted, in order or as after a crash. */
  databaseRestarts: number;
  readers: number;
}

export interface Outcome {
  acknowledged: number;
  lost: string[];
  doubled: string[];
  /** Changes that a reader did not get, or got twice, or that it was told to begin anew. */
  missed: string[];
  changes: number;
  kills: number;
  /** Milliseconds from the kill of the server with the duties until another had them. */
  takeovers: number[];
}

/** Three servers under 16 writers and many readers of the feed, while one after the other is killed and the database is restarted. */
export async function underRestarts({ seed, ms, killEveryMs, databaseRestarts, readers: count }: Restarts): Promise<Outcome> {
  const random = seeded(seed);
  const { plane, servers } = await startServers(['one', 'two', 'three'], { isDurable: true });
  const outcome: Outcome = { acknowledged: 0, lost: [], doubled: [], missed: [], changes: 0, kills: 0, takeovers: [] };
  const streams: ChangeStream[] = [];
  try {
    const { client } = plane;
    await client.putJob(written, { jobType: 'Command', command: 'true', environmentId: '' });
    const start = await client.status();
    const since = { plane: start.id, epoch: start.epoch, seq: start.seq };
    const readers = Array.from({ length: count }, (_, i) => {
      // Every second one hears of few kinds.
      const kinds = i % 2 ? (['job', 'artifact'] as const) : undefined;
      const stream = new ChangeStream(client.http, { since, ...(kinds ? { kinds } : {}) });
      const seen: { seq: number; kind: string }[] = [];
      stream.onDidChange(({ seq, kind }) => seen.push({ seq, kind }));
      stream.onDidReset(() => outcome.missed.push(`reader ${i} was told to begin anew`));
      streams.push(stream);
      return { stream, seen, kinds };
    });
    const sorts: Sort[] = [metric, metric, metric, metric, metric, metric, param, param, tag, tag, artifact, artifact, artifact];
    for (const name of ['a', 'b', 'c']) sorts.push(log(`logs/${name}.txt`));
    const acknowledged = sorts.map(() => [] as number[]);
    let next = 0;
    const until = performance.now() + ms;
    const isOver = () => performance.now() >= until;
    const writing = sorts.map(async (sort, writer) => {
      while (!isOver()) {
        const id = next++;
        // As a client does: again, until it is acknowledged.
        await persistently(() => sort.write(client, id));
        acknowledged[writer]!.push(id);
        outcome.acknowledged++;
      }
    });
    const killing = (async () => {
      for (;;) {
        await pause(killEveryMs);
        if (isOver()) return;
        const at = Math.floor(random() * servers.length);
        outcome.kills++;
        servers[at] = await replaced(servers, at);
      }
    })();
    const restarting = (async () => {
      for (let i = 0; i < databaseRestarts; i++) {
        await pause(ms / (databaseRestarts + 1));
        await plane.database.stop(i % 2 ? 'INT' : 'QUIT');
        plane.database.start();
      }
    })();
    await Promise.all([...writing, killing, restarting]);

    const last = readers.map(({ stream }) => first(stream.onDidChange, ({ kind, id }) => kind === 'job' && id === 'last'));
    await persistently(() => client.putJob('last', { jobType: 'Command', command: 'true', environmentId: '' }));
    const { seq } = (await Promise.all(last))[0]!;
    outcome.changes = seq - since.seq;
    await compare(plane.database.url, readers, since.seq, seq, outcome.missed);
    for (const [writer, sort] of sorts.entries()) {
      const present = await persistently(() => sort.present(client));
      const once = new Set(present);
      outcome.lost.push(...acknowledged[writer]!.filter((id) => !once.has(id)).map((id) => `writer ${writer}: ${id}`));
      if (once.size !== present.length) outcome.doubled.push(`writer ${writer}: ${present.length - once.size}`);
    }
    return outcome;
  } finally {
    for (const each of streams) each.dispose();
    await plane.remove();
  }

  /** Kills a server and starts it anew; notes how long it took until another had its duties. */
  async function replaced(all: PlaneServer[], at: number): Promise<PlaneServer> {
    const server = all[at]!;
    const had = lastTerm(server.log());
    const isHolder = had > 0 && all.every((each) => lastTerm(each.log()) <= had);
    await server.kill();
    const killed = performance.now();
    if (isHolder) {
      const others = all.filter((each) => each !== server);
      await Promise.race(others.map(({ said }) => said(new RegExp(`duties: taken, term (?:${had + 1}|${had + 2}|${had + 3})\\b`))));
      outcome.takeovers.push(performance.now() - killed);
    }
    return plane.start(server.name);
  }
}

/** Tries again what met with trouble on the way, as long as it takes. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) && !(error instanceof TypeError)) throw error;
      await pause(50);
    }
}

const lastTerm = (log: string): number => Number([...log.matchAll(/duties: taken, term (\d+)/g)].at(-1)?.[1] ?? 0);

interface Reader {
  seen: { seq: number; kind: string }[];
  kinds: readonly string[] | undefined;
}

/** Each reader has each change of its workspace and of its kinds once, in order; and the numbers of all changes have no gap. Changes that are not kept any more are not looked at. */
async function compare(url: string, readers: Reader[], since: number, end: number, missed: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=team' });
  await client.connect();
  const { rows } = await client.query('SELECT seq::int, kind, workspace FROM changes ORDER BY seq');
  await client.end();
  const kept = rows as { seq: number; kind: string; workspace: string | null }[];
  const start = Math.max(since, kept[0]!.seq - 1);
  if (kept.length !== kept.at(-1)!.seq - kept[0]!.seq + 1) missed.push('The numbers of changes have a gap.');
  const ours = kept.filter(({ seq, kind, workspace }) => seq > start && seq <= end && (workspace === 'local' || kind === 'audit'));
  for (const [i, { seen, kinds }] of readers.entries()) {
    const got = seen.filter(({ seq }) => seq > start && seq <= end).map(({ seq }) => seq);
    const expected = ours.filter(({ kind }) => kinds?.includes(kind) !== false).map(({ seq }) => seq);
    const wrong = expected.findIndex((seq, n) => got[n] !== seq);
    if (wrong >= 0 || got.length !== expected.length)
      missed.push(`reader ${i}: ${got.length} of ${expected.length} changes, otherwise from ${expected[Math.max(0, wrong)]} on`);
  }
}
