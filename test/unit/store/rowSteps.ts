import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type JobProperties, jobProperty } from '../../../src/protocol/job.ts';
import { writtenBy } from '../../../src/protocol/jobPlaces.ts';
import { thePlane } from '../../../src/protocol/principal.ts';
import { rankOf } from '../../../src/protocol/queue.ts';
import type { QueuePlace } from '../../../src/store/queue.ts';
import type { Claim, Store, StoreReader, StoreWriter } from '../../../src/store/store.ts';
import { byBytes, type NaiveBlob, type NaiveJob, type NaivePlane, type NaiveRows } from './naiveRows.ts';
import { newJob } from './stores.ts';

export const names = ['a', 'A', 'ab', 'a%_', "o'x\\", 'é', 'e\u0301', '日本 𝄞'] as const;
/** Of one store. Most names and paths are used in both. */
export const workspaces = ['ws', 'WS'] as const;
export const kinds = ['models', 'data', 'codes'] as const;
export const versions = ['', '1', '2', '10', 'v3'] as const;
export const runners = ['me', ''] as const;
export const computes = ['', 'gpu', 'GPU'] as const;
export const containers = ['azureml', 'c'] as const;
export const paths = [
  'a',
  'a/b',
  'a/b/c',
  'a0',
  'a-b',
  'a/é',
  '日本/𝄞/x',
  'ExperimentRun/dcid.a/out',
  'ExperimentRun/dcid.ab',
  '%/_',
] as const;
export const prefixes = ['', 'a', 'a/', 'a/b', '日本', 'ExperimentRun/dcid.a', '%'] as const;
export const statuses = ['Queued', 'Running', 'Completed', 'Failed'] as const;
export const entityKinds = ['trace', 'assessment', 'loggedModel'] as const;
export const keys = ['k', 'K', 'ключ'] as const;
export const values = ['', 'x', 'X%', '\u{1F600}'] as const;

const oneOf = <T>(list: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...list);
type Values<F> = { [N in keyof F]: F[N] extends fc.Arbitrary<infer T> ? T : never };
const op = <K extends string, F extends Record<string, fc.Arbitrary<any>>>(kind: K, fields: F): fc.Arbitrary<Values<F> & { do: K }> =>
  fc.record(fields).map((given) => ({ ...(given as Values<F>), do: kind }));
const tags = fc.dictionary(oneOf(keys), oneOf(values), { maxKeys: 2, noNullPrototype: true });

/** One call of one writer method. */
export const rowStep = fc.oneof(
  {
    weight: 4,
    arbitrary: op('putJob', {
      user: oneOf(['ann', 'bob', 'Ç']),
      tier: fc.option(oneOf(['Spot', 'premium'])),
      name: oneOf(names),
      experiment: oneOf(names.slice(0, 3)),
      parent: fc.option(oneOf(names)),
      status: oneOf(statuses),
      type: oneOf(['command', 'run', 'pipeline'] as const),
      compute: oneOf(computes),
      display: fc.option(oneOf(['My a', 'É', '50%_'])),
      reuse: fc.option(oneOf(['r', 's'])),
      archived: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: op('updateJob', {
      name: oneOf(names),
      status: fc.option(oneOf(statuses)),
      deleted: fc.option(fc.boolean()),
      claimed: fc.option(fc.option(oneOf(runners)), { nil: undefined }),
      lease: fc.option(fc.option(fc.nat(9)), { nil: undefined }),
      started: fc.option(fc.nat(9)),
      display: fc.option(oneOf(['My b', 'a'])),
    }),
  },
  {
    weight: 2,
    arbitrary: op('claimJobs', {
      runner: oneOf(runners),
      jobs: fc.uniqueArray(oneOf([...names, 'absent']), { maxLength: 4 }),
      until: fc.nat(9),
    }),
  },
  { weight: 2, arbitrary: op('deleteJob', { name: oneOf(names) }) },
  { weight: 4, arbitrary: op('setTag', { name: oneOf(names), key: oneOf(keys), value: fc.option(oneOf(values)) }) },
  { weight: 3, arbitrary: op('setParam', { name: oneOf(names), key: oneOf(keys), value: oneOf(values) }) },
  {
    weight: 2,
    arbitrary: op('createExperiment', { name: oneOf(names), tags, location: fc.option(fc.constant('s3://x')) }),
  },
  {
    weight: 2,
    arbitrary: op('updateExperiment', {
      index: fc.nat(9),
      name: fc.option(oneOf(names)),
      deleted: fc.option(fc.boolean()),
      tag: fc.option(fc.tuple(oneOf(keys), fc.option(oneOf(values)))),
    }),
  },
  {
    weight: 4,
    arbitrary: op('putResource', {
      kind: oneOf(kinds),
      name: oneOf(names.slice(0, 5)),
      version: oneOf(versions),
      hash: oneOf(['h1', 'h2']),
    }),
  },
  {
    weight: 1,
    arbitrary: op('renameResource', {
      kind: oneOf(kinds),
      name: oneOf(names.slice(0, 5)),
      to: oneOf(names.slice(0, 5)),
    }),
  },
  {
    weight: 2,
    arbitrary: op('deleteResource', {
      kind: oneOf(kinds),
      name: oneOf(names.slice(0, 5)),
      version: oneOf(versions),
    }),
  },
  {
    weight: 4,
    arbitrary: op('putBlob', {
      container: oneOf(containers),
      path: oneOf(paths),
      sha: oneOf(['s1', 's2']),
      size: oneOf([0, 7, 2 ** 40]),
      metadata: tags,
    }),
  },
  { weight: 1, arbitrary: op('setBlobMetadata', { container: oneOf(containers), path: oneOf(paths), metadata: tags }) },
  { weight: 1, arbitrary: op('deleteBlobs', { container: oneOf(containers), prefix: oneOf(prefixes.slice(1)) }) },
  {
    weight: 3,
    arbitrary: op('putEntity', { kind: oneOf(entityKinds), id: oneOf(names), scope: oneOf(['', 's', 'S']), at: fc.nat(3), body: tags }),
  },
  { weight: 1, arbitrary: op('deleteEntity', { kind: oneOf(entityKinds), id: oneOf(names) }) },
  { weight: 1, arbitrary: op('deleteEntities', { kind: oneOf(entityKinds), scope: oneOf(['', 's']) }) },
  {
    weight: 2,
    arbitrary: op('putSpans', {
      trace: oneOf(['t', 'T']),
      spans: fc.array(
        fc.record(
          { id: oneOf(names.slice(0, 4)), start: oneOf(['1700000000000000001', '1700000000000000002']), body: tags },
          { noNullPrototype: true },
        ),
        { maxLength: 3 },
      ),
    }),
  },
  { weight: 1, arbitrary: op('removeSpans', { trace: oneOf(['t', 'T']) }) },
  {
    weight: 2,
    arbitrary: op('addDataset', {
      name: oneOf(names),
      dataset: oneOf(['d', 'D']),
      digest: oneOf(['1', '2']),
      context: fc.option(oneOf(['training', 'eval'])),
    }),
  },
  {
    weight: 2,
    arbitrary: op('addModel', {
      name: oneOf(names),
      direction: oneOf(['input', 'output'] as const),
      id: oneOf(['z', 'm', 'a']),
      step: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: op('logModelMetric', {
      model: oneOf(['m', 'n']),
      run: oneOf(names),
      key: oneOf(keys),
      step: fc.nat(1),
      value: oneOf([0, -1.5, Number.NaN, 1e308]),
      dataset: fc.option(fc.constant('d')),
    }),
  },
);
export type RowStep = typeof rowStep extends fc.Arbitrary<infer T> ? T : never;

/** A list of what `work` throws, or of nothing. */
const code = async (work: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    const found = (error as { code?: string }).code;
    // Whatever has no code of ours is a defect.
    if (found !== 'NotFound' && found !== 'Conflict') throw error;
    return found;
  }
};

/** Does one step to a workspace of a store and to the naive rows, and compares what it answered. */
export async function doStep(writer: StoreWriter, plane: NaivePlane, step: RowStep): Promise<void> {
  const { workspace, principal } = writer;
  const rows = plane.in(workspace);
  const job = 'name' in step ? rows.job(step.name) : undefined;
  switch (step.do) {
    case 'putJob': {
      const named = () => rows.experiments.find((each) => each.name === step.experiment);
      if (!named()) await doStep(writer, plane, { do: 'createExperiment', name: step.experiment, tags: {}, location: null });
      const { id } = named()!;
      const properties: JobProperties =
        step.type === 'pipeline'
          ? { jobType: 'Pipeline', jobs: {}, isArchived: step.archived }
          : { jobType: 'Command', command: step.type === 'run' ? '' : 'é', environmentId: '', isArchived: step.archived };
      if (step.compute) properties.computeId = `azureml:/x/computes/${step.compute}`;
      if (step.display !== null) properties.displayName = step.display;
      if (step.reuse !== null) properties.properties = { [jobProperty.reuseKey]: step.reuse };
      if (step.tier !== null) Object.assign(properties, { queueSettings: { jobTier: step.tier } });
      const made = newJob(step.name, id, {
        properties,
        user: step.user,
        status: step.status,
        parent: step.parent === step.name ? null : step.parent,
      });
      // Jobs are named plane-wide.
      const isTaken = plane.jobs().some(({ name }) => name === step.name);
      assert.equal(await code(() => writer.putJob(made)), isTaken ? 'Conflict' : undefined);
      if (isTaken) return;
      const claimant = ({ command: 'runner', run: undefined, pipeline: 'orchestrator' } as const)[step.type];
      const more = {
        workspace,
        claimant,
        compute: step.compute,
        rank: rankOf(properties),
        claim: 0,
        leaseUntil: null,
        definition: undefined,
      };
      rows.jobs.push({ ...structuredClone(made), ...more, tags: {}, params: {}, datasets: [], models: { input: [], output: [] } });
      return;
    }
    case 'updateJob': {
      if (!job) return;
      const fields = {
        ...(step.status === null ? {} : { status: step.status }),
        ...(step.deleted === null ? {} : { isDeleted: step.deleted }),
        ...(step.claimed === undefined ? {} : { claimedBy: step.claimed }),
        ...(step.lease === undefined ? {} : { leaseUntil: step.lease }),
        ...(step.started === null ? {} : { startedAt: step.started, endedAt: step.started + 1 }),
      };
      const properties = step.display === null ? undefined : { ...job.properties, displayName: step.display };
      rows.updateJob(job, { ...fields, ...(properties && { properties }) });
      compareJob(await writer.updateJob((await writer.job(step.name))!, properties, fields), job, rows);
      return;
    }
    case 'claimJobs': {
      const its = await writer.claimJobs(step.runner, step.jobs, step.until);
      same([...its].sort(), rows.claimJobs(step.runner, step.jobs, step.until).sort());
      return;
    }
    case 'deleteJob':
      same((await writer.deleteJob(step.name)).sort(byBytes), rows.deleteJob(step.name).sort(byBytes));
      return;
    case 'setTag':
      assert.equal(await code(() => writer.setTag(step.name, step.key, step.value)), job ? undefined : 'NotFound');
      if (job && step.value === null) delete job.tags[step.key];
      else if (job) job.tags[step.key] = step.value!;
      return;
    case 'setParam': {
      let isKept: boolean | undefined;
      assert.equal(await code(async () => (isKept = await writer.setParam(step.name, step.key, step.value))), job ? undefined : 'NotFound');
      if (!job) return;
      job.params[step.key] ??= step.value;
      assert.equal(isKept, job.params[step.key] === step.value);
      return;
    }
    case 'createExperiment': {
      const present = rows.experiments.some((each) => each.name === step.name);
      let id = '';
      const found = await code(async () => ({ id } = await writer.createExperiment(step.name, step.tags, step.location ?? undefined)));
      assert.equal(found, present ? 'Conflict' : undefined);
      if (present) return;
      if (plane.experiments().length === 0) assert.equal(id, '0');
      assert.ok(!plane.experiments().some((each) => each.id === id));
      rows.experiments.push({
        id,
        workspace,
        name: step.name,
        isDeleted: false,
        tags: { ...step.tags },
        artifactLocation: step.location,
      });
      return;
    }
    case 'updateExperiment': {
      const all = plane.experiments();
      const experiment = all[step.index % Math.max(1, all.length)];
      const isThere = experiment !== undefined && experiment.workspace === workspace;
      const twin = isThere && rows.experiments.some((each) => each !== experiment && each.name === step.name);
      const fields = {
        ...(step.name === null ? {} : { name: step.name }),
        ...(step.deleted === null ? {} : { isDeleted: step.deleted }),
        ...(step.tag === null ? {} : { tags: { [step.tag[0]]: step.tag[1] } }),
      };
      const found = await code(() => writer.updateExperiment(experiment?.id ?? '99', fields));
      assert.equal(found, !isThere ? 'NotFound' : twin ? 'Conflict' : undefined);
      if (!experiment || !isThere || twin) return;
      if (step.name !== null) experiment.name = step.name;
      if (step.deleted !== null) experiment.isDeleted = step.deleted;
      if (step.tag) {
        if (step.tag[1] === null) delete experiment.tags[step.tag[0]];
        else experiment.tags[step.tag[0]] = step.tag[1];
      }
      return;
    }
    case 'putResource': {
      const { kind, name, version } = step;
      const resource = { kind, name, version, properties: { properties: { hash_sha256: step.hash }, n: 1 } };
      const { serial: _serial, ...expected } = rows.putResource(structuredClone(resource), principal.name);
      const { createdAt, modifiedAt, ...stored } = await writer.putResource(resource);
      assert.ok(createdAt > 0 && modifiedAt >= createdAt);
      same(stored, { workspace, ...expected });
      return;
    }
    case 'renameResource': {
      const { kind, name, to } = step;
      const of = rows.resources.filter((each) => each.kind === kind && each.name === name);
      const others = rows.resources.filter((each) => each.kind === kind && each.name === to);
      const twin = name !== to && of.some(({ version }) => others.some((other) => other.version === version));
      // Which version is the newest of two names that become one is nobody's business.
      if (name !== to && others.length && !twin) return;
      assert.equal(await code(() => writer.renameResource(kind, name, to)), twin ? 'Conflict' : undefined);
      if (!twin) for (const each of of) each.name = to;
      return;
    }
    case 'deleteResource': {
      const { kind, name, version } = step;
      await writer.deleteResource(kind, name, version);
      rows.resources = rows.resources.filter((each) => each !== rows.resource(kind, name, version));
      return;
    }
    case 'putBlob': {
      const { container, path, sha, size, metadata } = step;
      await writer.putBlob(container, path, sha, size, metadata);
      rows.putBlob({ container, path, sha256: sha, size, metadata });
      return;
    }
    case 'setBlobMetadata': {
      const blob = rows.blobs.find((each) => each.container === step.container && each.path === step.path);
      assert.equal(await writer.setBlobMetadata(step.container, step.path, step.metadata), blob !== undefined);
      if (blob) blob.metadata = step.metadata;
      return;
    }
    case 'deleteBlobs':
      await writer.deleteBlobs(step.container, step.prefix);
      rows.deleteBlobs(step.container, step.prefix);
      return;
    case 'putEntity': {
      const { kind, id, scope, at, body } = step;
      await writer.entities.put({ kind, id, scope, at, body });
      rows.entities = [...rows.entities.filter((each) => each.kind !== kind || each.id !== id), { kind, id, scope, at, body }];
      return;
    }
    case 'deleteEntity': {
      const before = rows.entities.length;
      rows.entities = rows.entities.filter((each) => each.kind !== step.kind || each.id !== step.id);
      assert.equal(await writer.entities.delete(step.kind, step.id), rows.entities.length < before);
      return;
    }
    case 'deleteEntities': {
      const before = rows.entities.length;
      rows.entities = rows.entities.filter((each) => each.kind !== step.kind || each.scope !== step.scope);
      assert.equal(await writer.entities.deleteAll(step.kind, step.scope), before - rows.entities.length);
      return;
    }
    case 'putSpans':
      await writer.spans.put(step.trace, step.spans);
      for (const span of step.spans) rows.spans[step.trace] = [...(rows.spans[step.trace] ?? []).filter(({ id }) => id !== span.id), span];
      return;
    case 'removeSpans':
      await writer.spans.remove(step.trace);
      delete rows.spans[step.trace];
      return;
    case 'addDataset': {
      const tagged: Record<string, string> = step.context === null ? {} : { 'mlflow.data.context': step.context };
      const dataset = { name: step.dataset, digest: step.digest, sourceType: 'local', source: '{}', tags: tagged };
      assert.equal(await code(() => writer.lineage.addDataset(step.name, dataset)), job ? undefined : 'NotFound');
      if (job && !job.datasets.some((each) => each.name === step.dataset && each.digest === step.digest)) job.datasets.push(dataset);
      return;
    }
    case 'addModel': {
      const model = { id: step.id, step: step.step };
      assert.equal(await code(() => writer.lineage.addModel(step.name, step.direction, model)), job ? undefined : 'NotFound');
      const present = job?.models[step.direction].find(({ id }) => id === step.id);
      if (present) present.step = step.step;
      else job?.models[step.direction].push(model);
      return;
    }
    case 'logModelMetric': {
      const metric = {
        key: step.key,
        value: step.value,
        at: 1,
        step: step.step,
        run: step.run,
        datasetName: step.dataset ?? undefined,
        datasetDigest: undefined,
      };
      await writer.lineage.logModelMetric(step.model, metric);
      const present = rows.modelMetrics.find(
        (each) => each.model === step.model && each.key === step.key && each.step === step.step && each.run === step.run,
      );
      if (present) Object.assign(present, metric);
      else rows.modelMetrics.push({ model: step.model, ...metric });
    }
  }
}

function compareJob(found: Awaited<ReturnType<StoreReader['job']>>, job: NaiveJob | undefined, rows: NaiveRows): void {
  if (!found || !job) return assert.equal(found, job);
  const { createdAt, modifiedAt, serial, experimentName, artifactLocation, ...rest } = found;
  assert.ok(serial > 0);
  assert.ok(createdAt > 0 && modifiedAt >= createdAt);
  const { tags: _tags, params: _params, datasets: _datasets, models: _models, claimant: _claimant, ...expected } = job;
  same(rest, { ...expected, definition: expected.definition ?? null });
  const experiment = rows.experiments.find(({ id }) => id === job.experimentId)!;
  same([experimentName, artifactLocation], [experiment.name, experiment.artifactLocation]);
}

async function compareQueue({ queue }: StoreReader, rows: NaiveRows): Promise<void> {
  const text = ({ compute, user }: QueuePlace) => `${compute} ${user}`;
  const places = await queue.places();
  same(places.map(text).sort(byBytes), [...new Set(rows.queued().map(text))].sort(byBytes));
  for (const place of places) {
    const line = rows.queued(place).map(({ name }) => name);
    for (const each of [1, 100])
      same(
        (await queue.heads([place], each)).map(({ name }) => name),
        line.slice(0, each),
      );
  }
  const heads = await queue.heads(places, 100);
  assert.equal(heads.length, rows.queued().length);
  for (const job of heads)
    for (const computes of [['', 'gpu'], ['gpu'], []]) {
      const line = rows.queued({ user: job.user }).filter(({ compute, name }) => computes.includes(compute) || name === job.name);
      const before = line.findIndex(({ name }) => name === job.name);
      for (const most of [1, 100]) same(await queue.ahead(job, computes, most), Math.min(before, most));
    }
  same(
    (await queue.held())
      .map(({ name, user, compute, rank, status, claimedBy, startedAt }) => ({ name, user, compute, rank, status, claimedBy, startedAt }))
      .sort(byName),
    rows.jobs
      .filter(({ leaseUntil, claimant }) => leaseUntil !== null && claimant === 'runner')
      .map(({ name, user, compute, rank, status, claimedBy, startedAt }) => ({ name, user, compute, rank, status, claimedBy, startedAt }))
      .sort(byName),
  );
  const ran = (await queue.runTime(0)).filter(({ user, day }) => day === 0 && !rows.ranUntilNow.has(user));
  same(
    Object.fromEntries(ran.map(({ user, day, ms }) => [`${user} ${day}`, ms])),
    Object.fromEntries(Object.entries(rows.ran).filter(([key]) => !rows.ranUntilNow.has(key.split(' ')[0]!))),
  );
  const bytes: Record<string, number> = {};
  for (const { owner, size } of rows.blobs) bytes[owner] = (bytes[owner] ?? 0) + size;
  const storage = await queue.storage();
  for (const user of new Set([...Object.keys(bytes), ...storage.map((each) => each.user)]))
    assert.equal(storage.find((each) => each.user === user)?.bytes ?? 0, bytes[user] ?? 0, `bytes of "${user}"`);
  const total = rows.blobs.reduce((sum, { size }) => sum + size, 0);
  for (const container of containers)
    for (const path of paths.slice(0, 4)) {
      const owner = rows.job(writtenBy(container, path) ?? '')?.user ?? null;
      const present = rows.blobs.find((blob) => blob.container === container && blob.path === path)?.size ?? 0;
      same(await queue.storageAt(container, path), { total, owner, owned: owner === null ? 0 : (bytes[owner] ?? 0), present });
    }
}

/** Filters of jobs, alone and together. */
export const jobFilter = fc.record(
  {
    parent: fc.option(oneOf(names)),
    experiment: oneOf(names.slice(0, 3)),
    status: fc.subarray([...statuses]),
    search: oneOf(['', 'a', 'A', '%', '_', "'", '\\', 'É', 'é', 'MY', '𝄞']),
    tag: fc.record({ key: oneOf(keys), value: oneOf(values) }, { requiredKeys: ['key'] }),
    archived: fc.boolean(),
    deleted: fc.boolean(),
  },
  { requiredKeys: [] },
);
export type Filters = typeof jobFilter extends fc.Arbitrary<infer T> ? T[] : never;

/** What is found is what is expected. Node's own message for two long lists can take all memory. */
function same(found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  const text = (value: unknown) => inspect(value, { depth: 8, maxArrayLength: 50, maxStringLength: 200, breakLength: 160 }).slice(0, 4000);
  assert.fail(`found\n${text(found)}\ninstead of\n${text(expected)}`);
}

/** Reads a list in pages of `size`, one page beyond its end. */
async function paged<T>(size: number, page: (offset: number, limit: number) => Promise<T[]>): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const next = await page(found.length, size);
    assert.ok(next.length <= size);
    if (next.length === 0) return found;
    found.push(...next);
    assert.ok(found.length < 10_000, 'the pages of a list do not end');
  }
}

const claimsOf = (jobs: NaiveJob[]): Claim[] =>
  jobs
    .filter(({ leaseUntil }) => leaseUntil !== null)
    .map(({ name, workspace, status, claimedBy, leaseUntil, rank, startedAt }) => ({
      name,
      workspace,
      status,
      rank,
      startedAt,
      claimedBy: claimedBy as string,
      leaseUntil: leaseUntil as number,
    }));
const byName = (a: { name: string }, b: { name: string }) => byBytes(a.name, b.name);

/** What a store knows of all workspaces against the same of the naive rows. */
export async function comparePlane(store: Store, plane: NaivePlane): Promise<void> {
  const jobs = plane.jobs();
  for (const some of [[], ['Running'], ['Queued', 'Completed']] as const) {
    const having = jobs.filter(({ status }) => (some as readonly string[]).includes(status));
    assert.equal(await store.countJobs([...some]), having.length);
    const open = having.filter(({ properties, claimedBy }) => 'command' in properties && properties.command === '' && claimedBy === null);
    assert.equal(await store.countOpenRuns([...some]), open.length);
    assert.equal(await store.countOpenRuns([...some], Date.now() + 60_000), 0);
  }
  same((await store.claims()).sort(byName), claimsOf(jobs).sort(byName));
  for (const name of [...names, 'absent']) {
    const owner = await store.ownerOfJob(name);
    const job = jobs.find((each) => each.name === name);
    const createdAt = job && (await store.in(job.workspace, thePlane).job(name))?.createdAt;
    const { workspace, user, status, claimedBy, claim } = job ?? ({} as Partial<NaiveJob>);
    same(owner && { ...owner }, job && { workspace, user, status, createdAt, claimedBy, claim });
  }
  for (const sha of ['s1', 's2', 'none']) assert.equal(await store.hasContent(sha), plane.hasContent(sha));
}

/** Every reading of a workspace against the same of the naive rows: what is in another one is not there. */
export async function compareRows(reader: StoreReader, plane: NaivePlane, filters: Filters, size: number): Promise<void> {
  const rows = plane.in(reader.workspace);
  for (const name of [...names, 'absent']) {
    const job = rows.job(name);
    compareJob(await reader.job(name), job, rows);
    same(await reader.tags(name), job?.tags ?? {});
    same(Object.fromEntries((await reader.params(name)).map(({ key, value }) => [key, value])), job?.params ?? {});
    same(await reader.lineage.datasets(name), job?.datasets ?? []);
    for (const direction of ['input', 'output'] as const) same(await reader.lineage.models(name, direction), job?.models[direction] ?? []);
  }
  const ofJobs = (jobs: { name: string }[]) => jobs.map(({ name }) => name);
  const known = await reader.jobsNamed([...names, 'absent']);
  for (const job of known) compareJob(job, rows.job(job.name), rows);
  same(ofJobs(known).sort(byBytes), ofJobs(rows.jobs).sort(byBytes));
  same(await reader.jobsNamed([]), []);
  same(
    await reader.knownJobs(['absent', ...names, names[0]]),
    names.filter((name) => rows.job(name)),
  );
  for (const runner of [...runners, 'nobody'])
    same((await reader.claims(runner)).sort(byName), claimsOf(rows.jobs.filter(({ claimedBy }) => claimedBy === runner)).sort(byName));
  const orchestrations = ofJobs(rows.orchestrations());
  for (const most of [1, 100]) same(ofJobs(await reader.waitingOrchestrations(most)), orchestrations.slice(0, most));
  await compareQueue(reader, rows);

  for (const filter of filters) {
    const expected = ofJobs(rows.found(filter));
    same(ofJobs(await paged(size, (offset, limit) => reader.jobs(filter, offset, limit))), expected);
    same(ofJobs(await reader.jobs(filter, 1, 2)), expected.slice(1, 3));
    same(await reader.jobs(filter, 0, 0), []);
  }
  for (const asked of [['r'], ['r', 's', 'none'], []])
    same(ofJobs(await reader.jobsByReuseKey(asked)).sort(byBytes), ofJobs(rows.byReuseKey(asked)).sort(byBytes));

  const labels = (of: { name: string; version: string }[]) => of.map(({ name, version }) => `${name}:${version}`).sort(byBytes);
  for (const kind of kinds) {
    const asked = [...names.slice(0, 5), 'absent'].flatMap((name) => versions.map((version) => ({ name, version })));
    const present = asked.filter(({ name, version }) => rows.resource(kind, name, version));
    same(labels(await reader.resourcesNamed(kind, asked)), labels(present));
    for (const name of [undefined, ...names.slice(0, 5), 'absent']) {
      const expected = rows.listed(kind, name).map(({ serial: _serial, ...resource }) => ({ workspace: rows.workspace, ...resource }));
      const found = await paged(size, (offset, limit) => reader.resources(kind, name, offset, limit));
      same(
        found.map(({ createdAt: _createdAt, modifiedAt: _modifiedAt, ...resource }) => resource),
        expected,
      );
      if (name === undefined) continue;
      assert.equal((await reader.latestVersion(kind, name))?.version, expected[0]?.version);
      const numbers = expected.map(({ version }) => Number(version)).filter((n) => !Number.isNaN(n));
      assert.equal(await reader.greatestVersion(kind, name), Math.max(0, ...numbers));
      for (const version of versions)
        same((await reader.resource(kind, name, version))?.properties, rows.resource(kind, name, version)?.properties);
    }
  }
  for (const hash of ['h1', 'h2', 'none']) {
    const code = await reader.codeByHash(hash);
    const all = rows.resources.filter(({ kind, properties }) => kind === 'codes' && (properties as any).properties.hash_sha256 === hash);
    assert.equal(
      all.some(({ name, version }) => name === code?.name && version === code.version),
      all.length > 0,
    );
  }

  for (const deleted of [false, true]) {
    const found = await paged(size, (offset, limit) => reader.experiments(offset, limit, deleted));
    assert.ok(
      found.every((each, i) => i === 0 || each.usedAt <= found[i - 1]!.usedAt),
      'used last, first',
    );
    const byId = (a: { id: string }, b: { id: string }) => Number(a.id) - Number(b.id);
    same(
      found.map(({ createdAt: _createdAt, modifiedAt: _modifiedAt, usedAt: _usedAt, ...experiment }) => experiment).sort(byId),
      rows.experiments.filter((each) => each.isDeleted === deleted).sort(byId),
    );
  }
  for (const each of plane.experiments()) {
    assert.equal((await reader.experiment({ id: each.id }))?.name, each.workspace === rows.workspace ? each.name : undefined);
    const named = rows.experiments.find(({ name }) => name === each.name);
    assert.equal((await reader.experiment({ name: each.name }))?.id, named?.id);
  }
  assert.equal(await reader.experiment({ id: '99' }), undefined);

  const pairs = rows.jobs.flatMap((job) =>
    job.datasets.map((each) => ({
      experimentId: job.experimentId,
      name: each.name,
      digest: each.digest,
      context: each.tags['mlflow.data.context'] ?? null,
    })),
  );
  const ids = plane.experiments().map(({ id }) => id);
  const texts = (list: object[]) => [...new Set(list.map((each) => JSON.stringify(each)))].sort();
  const summaries = await reader.lineage.datasetSummaries(ids, 1000);
  assert.equal(texts(summaries).length, summaries.length);
  same(texts(summaries), texts(pairs));
  assert.equal((await reader.lineage.datasetSummaries(ids, 1)).length, Math.min(1, summaries.length));
  for (const model of ['m', 'n', 'absent'])
    same(
      await reader.lineage.modelMetrics(model),
      rows.modelMetrics.filter((each) => each.model === model).map(({ model: _model, ...metric }) => metric),
    );

  for (const container of containers) {
    for (const path of [...paths, 'absent']) {
      const blob = rows.blobs.find((each) => each.container === container && each.path === path);
      const found = await reader.blob(container, path);
      const { owner: _owner, ...expected } = blob ?? ({} as Partial<NaiveBlob>);
      same(found && { container, path: found.path, sha256: found.sha256, size: found.size, metadata: found.metadata }, blob && expected);
    }
    for (const prefix of prefixes) {
      for (const recursive of [false, true])
        same(await reader.blobs(container, prefix, recursive), rows.folder(container, prefix, recursive));
      const expected = rows.blobsFrom(container, prefix, '').map(({ path }) => path);
      const found: string[] = [];
      for (;;) {
        const page = await reader.blobsFrom(container, prefix, found.at(-1) ?? '', size);
        if (page.length === 0) break;
        found.push(...page.map(({ path }) => path));
        assert.ok(
          found.length < 10_000,
          `the pages of blobs below ${JSON.stringify(prefix)} do not end: ${JSON.stringify(found.slice(-4))}`,
        );
      }
      same(found, expected);
    }
  }
  for (const kind of entityKinds) {
    for (const id of [...names, 'absent'])
      same(
        await reader.entities.get(kind, id),
        rows.entities.find((each) => each.kind === kind && each.id === id),
      );
    for (const scope of [undefined, '', 's', 'S', 'absent']) {
      const expected = rows.entitiesOf(kind, scope);
      same(await reader.entities.list(kind, scope), expected);
      same(await paged(size, (offset, limit) => reader.entities.list(kind, scope, offset, limit)), expected);
      if (scope !== undefined) assert.equal(await reader.entities.count(kind, scope), expected.length);
    }
  }
  for (const trace of ['t', 'T', 'absent']) {
    same(await reader.spans.of(trace), rows.spansOf(trace));
    assert.equal(await reader.spans.count(trace), rows.spansOf(trace).length);
  }
}
