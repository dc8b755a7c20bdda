import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { isUnreachable } from '../../src/client/isPassing.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { artifactContainer } from '../../src/protocol/asset.ts';
import { beforeAll } from '../../src/protocol/hybridClock.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import type { WrittenValue } from '../../src/protocol/sharedFields.ts';
import { Journal } from '../../src/sync/folder/journal.ts';
import { push } from '../../src/sync/push.ts';
import { everythingOf } from './everythingOf.ts';
import { type BadFetch, badFetch } from './faults/badFetch.ts';
import type { KilledPlane } from './faults/killedPlane.ts';
import { seeded } from './faults/random.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** One thing that a person or their machine does. `job` counts the jobs of the history; `on`: on the laptop where the job ran, on the plane of the team, or another value on each. */
export type Step =
  | { do: 'run'; laptop: number }
  | { do: 'points' | 'param' | 'artifact' | 'end'; job: number; value: number }
  | { do: 'write'; job: number; on: 'laptop' | 'team' | 'both'; field: Field; value: string | null }
  | { do: 'delete'; job: number; on: 'laptop' | 'team' }
  | { do: 'sync'; laptop: number; network: 'good' | 'bad' | 'away' | 'killed'; seed: number };

type Field = 'displayName' | 'description' | 'isArchived' | 'tags/x' | 'tags/y';

const job = fc.nat(2);
const on = fc.constantFrom('laptop' as const, 'team' as const);
const laptop = fc.nat(1);

export const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constant('run' as const), laptop }) },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constantFrom('points' as const, 'param' as const, 'artifact' as const, 'end' as const),
          job,
          value: fc.nat(1000),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('write' as const),
          job,
          on: fc.constantFrom('laptop' as const, 'team' as const, 'both' as const),
          field: fc.constantFrom<Field>('displayName', 'description', 'isArchived', 'tags/x', 'tags/y'),
          value: fc.constantFrom('p', 'q', 'r', null),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), job, on }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('sync' as const),
          laptop,
          network: fc.constantFrom(
            'good' as const,
            'good' as const,
            'bad' as const,
            'bad' as const,
            'bad' as const,
            'away' as const,
            'killed' as const,
          ),
          seed: fc.nat(2 ** 30),
        }),
      },
    ),
    { minLength: 6, maxLength: 16 },
  )
  // Every history begins with work on both laptops, of which that on the first is there already.
  .map((some) => [{ do: 'run', laptop: 0 }, { do: 'sync', laptop: 0, network: 'good', seed: 0 }, { do: 'run', laptop: 1 }, ...some]);

/** Two laptops and the plane of their team, for any number of histories: each has jobs of its own. */
export interface World {
  laptops: TestPlane[];
  team: Pick<TestPlane, 'client' | 'url' | 'token'>;
  folder: string;
  /** Settles when the plane of the team is there, which may be killed now and then. */
  whenUp(): Promise<void>;
  remove(): Promise<void>;
}

/** `killed`: the plane of the team; one that nobody kills when absent. */
export async function openWorld(killed?: KilledPlane): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  const planes = await Promise.all(Array.from({ length: killed ? 2 : 3 }, () => startPlane()));
  return {
    laptops: planes.slice(0, 2),
    team: killed ?? planes[2]!,
    folder,
    whenUp: killed ? killed.whenUp : () => Promise.resolve(),
    async remove() {
      await Promise.all([...planes.map((plane) => plane.remove()), killed?.end()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A write that a plane has acknowledged, as it keeps it. */
type Acknowledged = WrittenValue;

/** What is known of a job: all that was acknowledged. */
interface KnownJob {
  name: string;
  laptop: number;
  points: number;
  params: Record<string, string>;
  files: Set<string>;
  isDeleted: boolean;
  hasEnded: boolean;
  /** It was deleted at the team's plane: what was written there alone is gone. */
  hasLost: boolean;
  writes: Map<string, Acknowledged[]>;
  /** The newest write of each plane since the last time that both were surely the same. */
  since: Map<string, Map<string, Acknowledged>>;
  /** A sync since then may have got halfway. */
  isUnsure: boolean;
}

const isGreater = (a: Acknowledged, b: Acknowledged): boolean => (a.clock === b.clock ? a.plane > b.plane : a.clock > b.clock);

/** Runs one history, then lets the network be good, and checks that nothing that was acknowledged is missing, nothing is there twice, and every conflict is told. */
export async function runHistory(world: World, id: string, history: readonly Step[]): Promise<void> {
  const jobs: KnownJob[] = [];
  const networks: BadFetch[] = [];
  const pick = (index: number): KnownJob | undefined => jobs[index % jobs.length];
  const home = ({ laptop: index }: KnownJob): PlaneClient => world.laptops[index]!.client;
  const team = world.team.client;
  /** What a person does again until it is done: a plane that was killed starts anew. */
  async function surely<T>(work: () => Promise<T>): Promise<T> {
    for (;;)
      try {
        return await work();
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        await world.whenUp();
      }
  }
  const isThere = async ({ name }: KnownJob) => (await team.getJobs([name])).length > 0;

  async function begin(index: number): Promise<void> {
    const { client } = world.laptops[index]!;
    const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      run_name: id,
    });
    jobs.push({
      name: run.info.run_id,
      laptop: index,
      points: 0,
      params: {},
      files: new Set(),
      isDeleted: false,
      hasEnded: false,
      hasLost: false,
      writes: new Map(),
      since: new Map(),
      isUnsure: false,
    });
  }

  async function write(known: KnownJob, client: PlaneClient, field: Field, value: string | null): Promise<void> {
    const { name } = known;
    if (field === 'displayName') await client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: name, run_name: value ?? 'none' });
    else if (field === 'description') await client.patchJob(name, { description: value ?? '' });
    else if (field === 'isArchived') await client.patchJob(name, { isArchived: value !== null });
    else await client.patchJob(name, { tags: { [field.slice('tags/'.length)]: value } });
    const kept = (await client.getShared(name)).fields[field];
    // What was removed before the job was on two planes leaves nothing.
    if (!kept) known.writes.delete(field);
    if (!kept) return;
    const all = known.writes.get(field) ?? [];
    // What was written before the job was on two planes has no time: the last of it is what counts.
    known.writes.set(field, [...(kept.clock === beforeAll ? [] : all), kept]);
    if (kept.clock === beforeAll) return;
    const since = known.since.get(field) ?? new Map<string, Acknowledged>();
    known.since.set(field, since.set(kept.plane, kept));
  }

  async function sync(index: number, network: 'good' | 'bad' | 'away' | 'killed', seed: number): Promise<void> {
    const mine = jobs.filter((known) => known.laptop === index && !known.isDeleted);
    const random = seeded(seed);
    const bad = badFetch(random);
    if (network === 'good') await bad.heal();
    if (network === 'away') bad.cut();
    const most = network === 'killed' ? 1 + Math.floor(random() * 80) : network === 'away' ? 2 : Number.POSITIVE_INFINITY;
    const through = ({ url, token }: World['team']) => new PlaneClient({ url, token, fetch: bad.fetch });
    const running = mine.filter((known) => !known.hasEnded).map(({ name }) => name);
    const journal = new Journal(path.join(world.folder, `${id}-${index}.jsonl`));
    const intents = mine.map(({ name }) => ({
      job: name,
      from: { plane: `${index}`, workspace: '' },
      to: { plane: 'team', workspace: '' },
    }));

    /** Answers whether all that there was is there. */
    async function once(): Promise<boolean> {
      const stop = new AbortController();
      // A process that is gone asks for nothing any more.
      bad.onRequest = (count) => count >= most && stop.abort();
      const left = new Set(mine.map(({ name }) => name));
      // What runs is followed until it ends: here, until all of it is there.
      const done = (name: string) => {
        left.delete(name);
        if (left.size === 0) stop.abort();
      };
      const pair = { from: through(world.laptops[index]!), to: through(world.team), signal: stop.signal };
      const pushed = await push(pair, journal, intents, {
        onJob: ({ job: name, failure }) => (failure?.waits ? stop.abort() : done(name)),
        onFollowed: (followed) => ('trouble' in followed ? stop.abort() : running.includes(followed.job) && done(followed.job)),
      });
      const refused = pushed.flatMap(({ failure }) => (failure && !failure.waits ? failure.error.message : []));
      assert.deepEqual(refused, [], 'nothing is refused');
      return left.size === 0;
    }

    try {
      journal.want(intents);
      while (!(await once()) && network === 'good') await world.whenUp();
      if (network === 'good') for (const known of mine) await checkConflicts(known);
      else for (const known of mine) known.isUnsure = true;
    } finally {
      journal.close();
    }
    networks.push(bad);
  }

  /** After a sync that went well both planes have the same, and know the conflicts since the last one. */
  async function checkConflicts(known: KnownJob): Promise<void> {
    const reports = await Promise.all(
      [home(known), team].map(async (client) => (await surely(() => client.listConflicts())).filter((each) => each.job === known.name)),
    );
    assert.deepEqual(reports[1], reports[0], 'both planes report the same conflicts');
    for (const [field, writes] of known.writes) {
      const since = [...(known.since.get(field)?.values() ?? [])];
      const told = reports[0]!.filter((each) => each.field === field);
      if (new Set(writes.map(({ plane }) => plane)).size < 2) assert.deepEqual(told, [], `${field} was written on one plane only`);
      if (since.length < 2 || known.isUnsure || known.hasLost) continue;
      const [won, lost] = isGreater(since[0]!, since[1]!) ? since : since.toReversed();
      if (won!.value === lost!.value) continue;
      assert.ok(
        told.some((each) => each.won.clock === won!.clock && each.lost.clock === lost!.clock && each.lost.value === lost!.value),
        `the conflict over ${field} of ${known.name} is not in the report: ${JSON.stringify({ won, lost, told })}`,
      );
    }
    known.since.clear();
    known.isUnsure = false;
  }

  async function take(step: Step): Promise<void> {
    if (step.do === 'run') return begin(step.laptop);
    if (step.do === 'sync') return sync(step.laptop, step.network, step.seed);
    const known = pick(step.job)!;
    if (known.isDeleted) return;
    const client = home(known);
    if (step.do === 'write') {
      if (step.on !== 'team') await write(known, client, step.field, step.on === 'both' ? 'mine' : step.value);
      if (step.on !== 'laptop' && (await isThere(known))) await write(known, team, step.field, step.value);
    } else if (step.do === 'delete') {
      if (step.on === 'team') {
        known.hasLost ||= await isThere(known);
        await team.deleteJob(known.name);
      } else {
        await client.deleteJob(known.name);
        known.isDeleted = true;
      }
    } else if (step.do === 'end') {
      if (!known.hasEnded) await client.endRun(known.name, 'FINISHED');
      known.hasEnded = true;
    } else if (step.do === 'points') {
      const count = 1 + (step.value % 5);
      const metrics = Array.from({ length: count }, (_, at) => ({
        key: 'loss',
        value: known.points + at,
        step: step.value % 7,
        timestamp: 1_700_000_000_000 + known.points + at,
      }));
      await client.logBatch(known.name, { metrics });
      known.points += count;
    } else if (step.do === 'param') {
      const key = `p${step.value % 3}`;
      if (key in known.params) return;
      await client.logBatch(known.name, { params: [{ key, value: `${step.value}` }] });
      known.params[key] = `${step.value}`;
    } else {
      const file = `f${step.value % 4}.txt`;
      if (known.files.has(file)) return;
      await client.writeBlob(artifactContainer, `${artifactFolder(known.name)}/${file}`, `${id} ${step.value}`);
      known.files.add(file);
    }
  }

  for (const step of history) await surely(() => take(step));
  for (const index of [0, 1]) await sync(index, 'good', 0);
  // What is still under way arrives only now, and changes nothing.
  for (const network of networks) await network.heal();
  for (const known of jobs) {
    if (known.isDeleted) continue;
    const [here] = await everythingOf(home(known), known.name);
    const [there] = await surely(() => everythingOf(team, known.name));
    assert.deepEqual(there, here, 'both planes have the same');
    const { metrics, params, artifacts } = here as { metrics: { total: number }[]; params: unknown[]; artifacts: unknown[] };
    assert.equal(metrics[0]?.total ?? 0, known.points, 'every point is there, once');
    assert.equal(params.length, Object.keys(known.params).length);
    assert.equal(artifacts.length, known.files.size);
    const { fields } = await home(known).getShared(known.name);
    for (const [field, writes] of known.writes) {
      if (known.hasLost) continue;
      const newest = writes.reduce((best, each) => (isGreater(each, best) ? each : best));
      assert.equal(fields[field]?.value, newest.value, `${field} has the value that was written last`);
    }
  }
}
