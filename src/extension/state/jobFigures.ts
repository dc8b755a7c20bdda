import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { ChangeStream } from '../../client/feed/changeStream.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import type { Change } from '../../protocol/change.ts';
import { keyMetrics } from '../../protocol/keyMetrics.ts';
import { mostScopeIds, mostTableColumns, type RunColumn, type RunKeys } from '../../protocol/runTable.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** What a job has logged, of what its experiment's jobs log. A metric that is not finite is its word: NaN, Infinity, -Infinity. */
export interface Figures {
  /** The most telling first. */
  readonly metrics: readonly (readonly [key: string, value: number | string])[];
  readonly params: Readonly<Record<string, string>>;
}

export interface JobWithFigures {
  name: string;
  experiment: string;
  /** The metric that its sweep searches by. */
  primary?: string;
}

const nothing: Figures = { metrics: [], params: {} };
/** Metrics of a job that are kept. */
export const mostFigures = 8;
/** Keys of an experiment that are asked for; the others are on the jobs' pages. */
const mostMetrics = 120;
const mostParams = mostTableColumns - mostMetrics;
/** Least milliseconds between two readings while jobs log. */
const restMs = 2000;

/**
 * The last values of key metrics, and the parameters, of the jobs that a view shows. A list of jobs takes two requests, however long it is. While the view is
 * visible, new values are followed: at most one request in two seconds, however often the jobs log.
 */
export class JobFigures implements Disposable {
  private readonly changes = new Emitter<string>();
  /** The name of a job that has others now. */
  readonly onDidChange = this.changes.event;
  private readonly shown = new Map<string, JobWithFigures>();
  private readonly figures = new Map<string, Figures>();
  /** By experiments: what their jobs have logged, as it was last read. */
  private keys = new Map<string, RunKeys>();
  private readonly wanted = new Set<string>();
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly onError: (error: unknown) => void;
  private readonly lookUps: LookUps<'wanted'>;
  private isWatching = false;
  private stream: ChangeStream | undefined;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void = () => {}, timers?: Timers) {
    this.plane = plane;
    this.onError = onError;
    this.lookUps = this.subscriptions.add(
      new LookUps({ read: () => this.readWanted(), gatherMs: 100, restMs, onError, ...(timers ? { timers } : {}) }),
    );
    this.subscriptions.add(plane.onDidChangeState((state) => state === 'live' && this.lookUps.retryNow()));
    this.subscriptions.add(
      plane.onDidMove(() => {
        const wasWatching = this.isWatching;
        this.watch(false);
        this.watch(wasWatching);
      }),
    );
  }

  of(name: string): Figures | undefined {
    return this.figures.get(name);
  }

  /** Reads those of a list that is about to be shown. Where that fails they are shown without, and it is tried again. */
  async read(jobs: readonly JobWithFigures[]): Promise<void> {
    for (const job of jobs) this.note(job);
    await this.load(jobs).catch((error) => {
      this.onError(error);
      for (const job of jobs) this.ask(job);
    });
  }

  /** A job has changed, and may have logged something. */
  ask(job: JobWithFigures): void {
    this.note(job);
    this.wanted.add(job.name);
    this.lookUps.ask('wanted');
  }

  /** Follows what the jobs log, or does so no longer. */
  watch(isWatching: boolean): void {
    if (isWatching === this.isWatching) return;
    this.isWatching = isWatching;
    if (!isWatching) {
      this.stream?.dispose();
      this.stream = undefined;
      return;
    }
    this.follow().catch(this.onError);
  }

  forget(): void {
    for (const each of [this.shown, this.figures, this.keys, this.wanted]) each.clear();
  }

  dispose(): void {
    this.isWatching = false;
    this.stream?.dispose();
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private async follow(): Promise<void> {
    const client = () => this.plane.client();
    const { http } = await client();
    if (!this.isWatching || this.stream) return;
    const stream = new ChangeStream(http, { kinds: ['metric'], every: restMs, reconnect: async () => (await client()).http });
    this.stream = stream;
    const askAll = () => {
      for (const job of this.shown.values()) this.ask(job);
    };
    stream.onDidChange((change) => this.onLogged(change));
    stream.onDidReset(askAll);
    // First it is live, then is read what was logged before: what comes in between is seen twice, never missed.
    await stream.settled;
    askAll();
  }

  /** A job is shown, which may have logged what no other has. */
  private note(job: JobWithFigures): void {
    this.shown.set(job.name, job);
    this.keys = new Map();
  }

  private onLogged({ id, keys }: Change): void {
    if (!this.shown.has(id)) return;
    const isKnown = (key: string) => [...this.keys.values()].every(({ metrics }) => metrics.includes(key));
    if (!keys?.every(isKnown)) this.keys = new Map();
    this.wanted.add(id);
    this.lookUps.ask('wanted');
  }

  private async readWanted(): Promise<void> {
    const jobs = [...this.wanted].flatMap((name) => this.shown.get(name) ?? []);
    this.wanted.clear();
    try {
      for (const name of await this.load(jobs)) this.changes.fire(name);
    } catch (error) {
      for (const { name } of jobs) this.wanted.add(name);
      throw error;
    }
  }

  /** Answers the jobs whose figures are others than before. */
  private async load(jobs: readonly JobWithFigures[]): Promise<string[]> {
    const changed: string[] = [];
    for (let at = 0; at < jobs.length; at += mostScopeIds) changed.push(...(await this.loadPart(jobs.slice(at, at + mostScopeIds))));
    return changed;
  }

  private async loadPart(jobs: readonly JobWithFigures[]): Promise<string[]> {
    const experiments = [...new Set(jobs.map(({ experiment }) => experiment))].sort();
    const scope = JSON.stringify(experiments);
    // Where another key is heard of meanwhile, what is read here is not kept.
    const known = this.keys;
    const keys = known.get(scope) ?? (await this.plane.ask((client) => client.runKeys(experiments)));
    known.set(scope, keys);
    const primaries = new Set(jobs.flatMap(({ primary }) => primary ?? []));
    const metrics = [...primaries.union(new Set(keyMetrics(keys.metrics)))].slice(0, mostMetrics);
    const params = keys.params.slice(0, mostParams);
    const columns: RunColumn[] = [
      ...metrics.map((key) => ({ of: 'metric' as const, key })),
      ...params.map((key) => ({ of: 'param' as const, key })),
    ];
    const table =
      columns.length === 0
        ? { runs: [], columns: [] }
        : await this.plane.ask((client) =>
            client.runTable({ experiments, ids: jobs.map(({ name }) => name), view: 'ALL', columns, offset: 0, limit: jobs.length }),
          );
    const rows = new Map(table.runs.map((name, row) => [name, row]));
    return jobs.flatMap(({ name, primary }) => {
      const row = rows.get(name);
      const cell = (column: number) => (row === undefined ? null : (table.columns[column]![row] ?? null));
      const logged = new Map(metrics.flatMap((key, index) => (cell(index) === null ? [] : [[key, cell(index)!]])));
      const now: Figures = {
        metrics: keyMetrics(logged.keys(), primary)
          .slice(0, mostFigures)
          .map((key) => [key, logged.get(key)!]),
        params: Object.fromEntries(
          params.flatMap((key, index) => (cell(metrics.length + index) === null ? [] : [[key, String(cell(metrics.length + index))]])),
        ),
      };
      // That a job has logged nothing is no news: a row is not painted anew for it, which may close it in the editor.
      if (!this.shown.has(name) || JSON.stringify(now) === JSON.stringify(this.figures.get(name) ?? nothing)) return [];
      this.figures.set(name, now);
      return [name];
    });
  }
}
