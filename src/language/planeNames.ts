import { growing } from '../base/backOff.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { systemTimers, type Timers } from '../base/timers.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/feed/changeStream.ts';
import { isNotFound } from '../client/feed/lookUps.ts';
import { allPages, type PlaneClient } from '../client/planeClient.ts';
import type { ChangeKind } from '../protocol/change.ts';
import type { AssetNames, NamedAsset } from '../spec/checkAssets.ts';
import type { NamedKind, PlaneName, PlaneNames } from './workspace.ts';

/** Milliseconds for which an answer is good while no change feed tells when it no longer is, and after which one waits no longer for it. */
const freshMs = 15_000;
const waitMs = 300;
/** Most names of a kind, and most answers, that are kept. */
const nameLimit = 2000;
const answerLimit = 5000;
/** Answers about registries are good for a while alone: the feed of a workspace tells which registries there are, and not what changes in them. */
const ofRegistries = 'registries/';
/** Milliseconds between two looks for a plane while there is none. */
const lookMs = 1000;
/** Questions that a plane is asked at the same time. */
const parallel = 8;
/** Milliseconds until questions that failed are asked again. */
const backOff = growing(100, 30_000);

/** An answer. `isStale`: something changed since; it stands until the next answer is there. */
interface Kept {
  at: number;
  value: unknown;
  isStale: boolean;
}

/** What a plane said of one reference. */
interface Found {
  exists: boolean;
  versions: string[];
  names: string[];
  /** Of a component: what it declares. */
  declares?: Record<string, unknown>;
}

/** Kinds of names by what the change feed calls their things. */
const kindOfChange: Partial<Record<ChangeKind, NamedKind>> = {
  environment: 'environments',
  data: 'data',
  model: 'models',
  component: 'components',
  compute: 'computes',
  datastore: 'datastores',
  experiment: 'experiments',
  job: 'jobs',
  endpoint: 'endpoints',
};

/**
 * Names from a plane through its client. Completion and hover wait 300 ms for them at most; what takes longer is there for the next question.
 * Checks read `assets`, which answers at once with what is known, asks for the rest, and knows nothing while the plane's change feed is not being
 * heard: so nothing is concluded from a plane that is away, or from what it was before. The feed says which answers to ask for anew.
 */
export class ClientNames implements PlaneNames, Disposable {
  private readonly client: () => PlaneClient | undefined;
  private readonly kept = new Map<string, Kept>();
  private readonly asked = new Map<string, Promise<unknown>>();
  private readonly changes = new Emitter<void>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private stream: ChangeStream | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private failure: unknown;
  private failures = 0;
  private again: Disposable | undefined;
  private readonly logger: Logger;
  private readonly timers: Timers;
  /** `assets` may say something else than before. */
  readonly onDidChange = this.changes.event;

  /** `client` answers none while no plane is connected. */
  constructor(client: () => PlaneClient | undefined, logger: Logger = silentLogger, timers: Timers = systemTimers) {
    this.client = client;
    this.logger = logger;
    this.timers = timers;
  }

  list = (kind: NamedKind): Promise<PlaneName[] | undefined> => this.within(kind, (client) => listOf(client, kind));

  versions = (kind: NamedKind, name: string): Promise<{ version: string; description?: string }[] | undefined> =>
    this.within(`${kind}/${name}`, async (client) => {
      if (kind !== 'environments' && kind !== 'data' && kind !== 'models' && kind !== 'components') return [];
      const { value } = await client.listVersions(kind, name);
      return value.map(({ name: version, properties }) => ({ version, ...describe(properties) }));
    });

  shared = (kind: NamedAsset): Promise<(PlaneName & { registry: string })[] | undefined> =>
    this.within(`${ofRegistries}${kind}`, async (client) => {
      const names: (PlaneName & { registry: string })[] = [];
      for await (const { name: registry } of allPages(client.listRegistries)) {
        // Who may see a registry may not always read what is in it.
        const found = await listOf(client.inRegistry(registry), kind).catch(() => []);
        names.push(...found.map((each) => ({ ...each, registry })));
        if (names.length >= nameLimit) break;
      }
      return names;
    });

  readonly assets: AssetNames = {
    has: (kind, name, version) => this.find(kind, name, version)?.exists,
    versions: (kind, name) => this.foundOf(kind, name)?.versions ?? [],
    names: (kind) => this.foundOf(kind)?.names ?? [],
    component: (name, version) => this.find('components', name, version)?.declares,
  };

  /** Listens to the plane's changes from now on, when there is one and it is not listened to yet. Settles when it is heard; throws when it does not answer. */
  async connect(): Promise<void> {
    this.lookedAt = Number.NEGATIVE_INFINITY;
    const stream = this.listen();
    if (!stream || stream.state === 'live') return;
    stream.retryNow();
    await new Promise<void>((resolve, reject) => {
      const heard = stream.onDidChangeState((state) => {
        heard.dispose();
        if (state === 'live') resolve();
        else reject(new UserError('PlaneUnreachable', 'The control plane does not answer.', 'Look at "updraft status".'));
      });
    });
  }

  /** Waits until everything that `assets` was asked for is known. Throws what kept it from being known. */
  async settled(): Promise<void> {
    while (this.asked.size) await Promise.all(this.asked.values());
    if (this.failure !== undefined) throw this.failure;
  }

  /** Another plane, or none, from now on. */
  reset(): void {
    this.stream?.dispose();
    this.stream = undefined;
    this.lookedAt = Number.NEGATIVE_INFINITY;
    this.forget();
  }

  dispose(): void {
    this.again?.dispose();
    this.stream?.dispose();
    this.changes.dispose();
  }

  private listen(): ChangeStream | undefined {
    if (this.stream || performance.now() - this.lookedAt < lookMs) return this.stream;
    const client = this.client();
    this.lookedAt = performance.now();
    if (!client) return undefined;
    const reconnect = async () => (this.client() ?? client).http;
    const { logger, timers } = this;
    const kinds = [...(Object.keys(kindOfChange) as ChangeKind[]), 'registry' as const];
    const stream = new ChangeStream(client.http, { kinds, reconnect, logger, timers });
    this.stream = stream;
    stream.onDidChangeState(() => this.forget());
    stream.onDidReset(() => this.outdate());
    // The person may see other registries than before.
    stream.onDidChangePermissions(() => this.outdate(ofRegistries));
    stream.onDidChange(({ kind }) => {
      const named = kind === 'registry' ? ofRegistries : kindOfChange[kind];
      if (named) this.outdate(named);
    });
    return stream;
  }

  private forget(): void {
    this.kept.clear();
    this.asked.clear();
    this.changes.fire();
  }

  /** What is known of a kind, or of all, is asked for anew when next wanted. */
  private outdate(kind = ''): void {
    let isUsed = false;
    for (const [key, kept] of this.kept)
      if (key.startsWith(kind)) {
        kept.isStale = true;
        isUsed ||= key.includes('?');
      }
    // What is on its way may be from before the change, and is not kept: whoever waits for it asks again.
    for (const key of this.asked.keys())
      if (key.startsWith(kind)) {
        this.asked.delete(key);
        isUsed ||= key.includes('?');
      }
    if (isUsed) this.changes.fire();
  }

  private find(kind: NamedAsset, name: string, version?: string): Found | undefined {
    if (this.listen()?.state !== 'live') return undefined;
    const key = `${kind}?${name}:${version ?? ''}`;
    const kept = this.kept.get(key);
    if (!kept || kept.isStale)
      this.ask(key, (client) => this.inTurn(() => findOn(client, kind, name, version)))?.catch((error) => {
        this.failure ??= error;
      });
    return kept?.value as Found | undefined;
  }

  /** Whoever checks asks again for what is still of interest. */
  private askAgainLater(): void {
    this.again ??= this.timers.after(backOff(this.failures++), () => {
      this.again = undefined;
      this.changes.fire();
    });
  }

  /** Any answer about a name, or about a kind, that lists what there is. */
  private foundOf(kind: NamedAsset, name?: string): Found | undefined {
    const prefix = name === undefined ? `${kind}?` : `${kind}?${name}:`;
    for (const [key, { value }] of this.kept) {
      const found = value as Found;
      if (key.startsWith(prefix) && (name === undefined ? found.names.length : found.versions.length)) return found;
    }
    return undefined;
  }

  private async inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.running >= parallel) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
    try {
      return await run();
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  /** The answer that is kept, else the plane's if it comes in time, else one that was good before. */
  private async within<T>(key: string, question: (client: PlaneClient) => Promise<T>): Promise<T | undefined> {
    const kept = this.kept.get(key);
    if (kept && !kept.isStale && ((this.stream?.state === 'live' && !key.startsWith(ofRegistries)) || Date.now() - kept.at < freshMs))
      return kept.value as T;
    const asked = this.ask(key, question);
    if (!asked) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), waitMs);
    });
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer ?? (kept?.value as T | undefined);
  }

  private ask<T>(key: string, question: (client: PlaneClient) => Promise<T>): Promise<T | undefined> | undefined {
    const before = this.asked.get(key) as Promise<T | undefined> | undefined;
    const client = before ? undefined : this.client();
    if (!client) return before;
    const isCurrent = () => this.asked.get(key) === asked;
    const asked: Promise<T | undefined> = question(client)
      .then(
        (value) => {
          if (!isCurrent()) return value;
          this.failures = 0;
          const isNews = JSON.stringify(this.kept.get(key)?.value) !== JSON.stringify(value);
          if (this.kept.size >= answerLimit) this.kept.clear();
          this.kept.set(key, { at: Date.now(), value, isStale: false });
          if (isNews && key.includes('?')) this.changes.fire();
          return value;
        },
        // A plane that does not answer says nothing about what exists.
        (error) => {
          this.failure ??= error;
          if (isCurrent() && key.includes('?')) this.askAgainLater();
          return undefined;
        },
      )
      .finally(() => {
        if (isCurrent()) this.asked.delete(key);
      });
    this.asked.set(key, asked);
    return asked;
  }
}

/** Whether a plane has what a reference names, and if not, what it has instead. */
async function findOn(client: PlaneClient, kind: NamedAsset, name: string, version: string | undefined): Promise<Found> {
  const orNothing = <T>(answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  if (kind === 'computes') {
    const exists = (await orNothing(client.getCompute(name))) !== undefined;
    return { exists, versions: [], names: exists ? [] : (await client.listComputes()).value.map((each) => each.name) };
  }
  const asked = version === undefined ? undefined : await orNothing(client.getAsset(kind, name, version));
  if (asked) return { exists: true, versions: [], names: [], ...declaredBy(asked.properties) };
  const listed = (await orNothing(client.listVersions(kind, name)))?.value ?? [];
  const names = listed.length ? [] : (await listOf(client, kind)).map((each) => each.name);
  const exists = version === undefined && listed.length > 0;
  return { exists, versions: listed.map((each) => each.name), names, ...(exists ? declaredBy(listed[0]!.properties) : {}) };
}

const declaredBy = (properties: object): Pick<Found, 'declares'> =>
  'componentSpec' in properties ? { declares: properties.componentSpec as Record<string, unknown> } : {};

async function listOf(client: PlaneClient, kind: NamedKind): Promise<PlaneName[]> {
  switch (kind) {
    case 'environments':
    case 'data':
    case 'models':
    case 'components': {
      const names: PlaneName[] = [];
      for await (const { name, properties } of allPages((next) => client.listContainers(kind, {}, next))) {
        names.push({ name, ...(properties.latestVersion ? { latestVersion: properties.latestVersion } : {}), ...describe(properties) });
        if (names.length >= nameLimit) break;
      }
      return names;
    }
    case 'computes':
      return (await client.listComputes()).value.map(({ name }) => ({ name }));
    case 'datastores':
      return (await client.listDatastores()).value.map(({ name }) => ({ name }));
    case 'experiments':
      return ((await client.searchExperiments()).experiments ?? []).map(({ name }) => ({ name }));
    case 'jobs':
      return (await client.listJobs({ top: 100 })).value.map(({ name, properties }) => ({
        name,
        ...(properties.displayName ? { description: properties.displayName } : {}),
      }));
    default:
      return [];
  }
}

const describe = (properties: {
  description?: string | null | undefined;
  tags?: Record<string, string> | undefined;
}): Omit<PlaneName, 'name'> => ({
  ...(properties.description ? { description: properties.description } : {}),
  ...(properties.tags && Object.keys(properties.tags).length ? { tags: properties.tags } : {}),
});
