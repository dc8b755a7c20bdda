import { aside } from '../../../src/base/aside.ts';
import { type BackOff, growing } from '../../../src/base/backOff.ts';
import type { Disposable } from '../../../src/base/disposable.ts';
import { systemTimers, type Timers } from '../../../src/base/timers.ts';
import type { UserError } from '../../../src/base/userError.ts';
import type { ChangeFeed } from '../../../src/client/feed/changeStream.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { type Change, mayConcern } from '../../../src/protocol/change.ts';
import { mostSeriesJobs, type SeriesRequest } from '../../../src/protocol/runTable.ts';
import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { asUserError } from '../live/useLive.ts';
import { type SeriesWindow, thinned, withDetail, withNews } from './mergeSeries.ts';

/** What a chart in view shows: series of these runs, of about `points` points each. `window`: a part of them in detail as well. */
export interface Want {
  jobs: readonly string[];
  keys: readonly string[];
  points: number;
  window?: SeriesWindow | undefined;
}

interface Watch {
  want: Want;
  jobs: ReadonlySet<string>;
  onChange(): void;
}

/** The series of one key: those of a window, or whole ones. `asked` has the number of points that were asked for of each run. */
interface Kept {
  key: string;
  window: SeriesWindow | undefined;
  series: Map<string, SeriesPart>;
  asked: Map<string, number>;
}

interface Asking {
  keys: readonly string[];
  window: SeriesWindow | undefined;
  jobs: readonly string[];
  control: AbortController;
}

/** Charts whose series one request asks for: few enough that the first is there soon. */
const keysAtOnce = 6;
const requestsAtOnce = 2;
/** Points that are kept of charts that are out of view. */
const keptPoints = 1_500_000;
/** Bytes a second that a page reads of runs that log, whatever their number; the feed takes some too. */
const liveBytes = 6000;
/** Runs whose last points are further apart than this, in ms, are asked for what is new in different requests. */
const apartMs = 20_000;
const newsAtOnce = 4;
/** A chart that is out of view for so long, in ms, is not waited for. */
const goneMs = 100;
/** A series grows to so many times the points it was asked for before it is thinned. */
const grown = 2;

/**
 * The metric series that the charts in view show. Charts that ask within a moment share requests; a request that nobody waits for any more is ended. Series are told
 * as they arrive, and kept for when the chart comes into view again. Of runs that log, only what is new is asked for.
 */
export class SeriesSource implements Disposable {
  private readonly client: Pick<PlaneClient, 'series'>;
  private readonly timers: Timers;
  private readonly backOff: BackOff;
  private readonly watches = new Set<Watch>();
  private readonly kept = new Map<string, Kept>();
  private readonly askings = new Set<Asking>();
  /** Runs that logged since they were read, by key. */
  private readonly due = new Map<string, Set<string>>();
  private pump: Disposable | undefined;
  private live: Disposable | undefined;
  private tidy: Disposable | undefined;
  private restUntil = 0;
  private failures = 0;
  private readonly subscriptions: Disposable[];
  error: UserError | undefined;

  constructor(
    client: Pick<PlaneClient, 'series'>,
    feed: ChangeFeed,
    timers: Timers = systemTimers,
    backOff: BackOff = growing(500, 30_000),
  ) {
    this.client = client;
    this.timers = timers;
    this.backOff = backOff;
    this.subscriptions = [
      feed.onDidChange((change) => this.changed(change)),
      feed.onDidReset(() => this.readAnew()),
      feed.onDidChangeState((state) => {
        if (state === 'live' && this.failures > 0) this.pumpIn(0);
      }),
    ];
  }

  /** Reads what the chart needs and keeps it up to date, until it is disposed of. */
  watch(want: Want, onChange: () => void): Disposable {
    const watch: Watch = { want, jobs: new Set(want.jobs), onChange };
    this.watches.add(watch);
    for (const key of want.keys) this.touch(key, want.window);
    this.pumpIn(0);
    this.followIn();
    return {
      dispose: () => {
        this.watches.delete(watch);
        this.tidyIn();
      },
    };
  }

  /** The series as far as it is known; with the detail of the window. */
  series(job: string, key: string, window?: SeriesWindow): SeriesPart | undefined {
    const whole = this.kept.get(key)?.series.get(job);
    if (!whole || !window) return whole;
    const detail = this.kept.get(idOf(key, window))?.series.get(job);
    return detail ? detailed(whole, detail, window) : whole;
  }

  /** Whether all that was asked for has come. */
  isSettled({ keys, jobs, points }: Want): boolean {
    return keys.every((key) => {
      const kept = this.kept.get(key);
      return (
        kept !== undefined &&
        jobs.every((job) => this.has(kept, job, points)) &&
        ![...this.askings].some((each) => each.keys.includes(key) && !each.window)
      );
    });
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
    this.pump?.dispose();
    this.live?.dispose();
    this.tidy?.dispose();
    this.watches.clear();
    for (const asking of this.askings) asking.control.abort();
    this.kept.clear();
  }

  private has(kept: Kept, job: string, points: number): boolean {
    const asked = kept.asked.get(job);
    if (asked === undefined) return false;
    const series = kept.series.get(job);
    // A series that has all its points is as fine as it can be.
    return asked * 2 > points || !series || series.steps.length >= series.total;
  }

  /** Makes it the one that was used last. */
  private touch(key: string, window: SeriesWindow | undefined): void {
    const wholeId = idOf(key, undefined);
    const whole = this.kept.get(wholeId) ?? { key, window: undefined, series: new Map(), asked: new Map() };
    this.kept.delete(wholeId);
    this.kept.set(wholeId, whole);
    if (!window) return;
    const id = idOf(key, window);
    if (!this.kept.has(id)) this.kept.set(id, { key, window, series: new Map(), asked: new Map() });
  }

  private isWatched(key: string, window: SeriesWindow | undefined): boolean {
    for (const { want } of this.watches)
      if (want.keys.includes(key) && (window === undefined || (want.window && idOf(key, want.window) === idOf(key, window)))) return true;
    return false;
  }

  private isWanted({ keys, window }: Asking): boolean {
    return keys.some((key) => this.isWatched(key, window));
  }

  /** A chart that is asked for in another way lets go first: what it waits for is ended only when it does not come back. */
  private tidyIn(): void {
    this.tidy ??= this.timers.after(goneMs, () => {
      this.tidy = undefined;
      for (const asking of this.askings) if (!this.isWanted(asking)) asking.control.abort();
      this.forget();
    });
  }

  /** Forgets windows that nobody looks at, and the oldest of what is out of view. */
  private forget(): void {
    let points = 0;
    const away: string[] = [];
    for (const [id, each] of this.kept) {
      if (this.isWatched(each.key, each.window)) continue;
      if (each.window) this.kept.delete(id);
      else {
        away.push(id);
        for (const series of each.series.values()) points += series.steps.length;
      }
    }
    for (const id of away) {
      if (points <= keptPoints) return;
      for (const series of this.kept.get(id)!.series.values()) points -= series.steps.length;
      this.kept.delete(id);
    }
  }

  private pumpIn(ms: number): void {
    this.pump?.dispose();
    this.pump = this.timers.after(ms, () => {
      while (this.askings.size < requestsAtOnce) {
        const request = this.nextRequest();
        if (!request) return;
        aside('series', this.ask(request), console);
      }
    });
  }

  /** What charts in view lack, of the chart that waits longest and those that lack the same. */
  private nextRequest(): (Omit<SeriesRequest, 'keys' | 'jobs'> & Pick<Asking, 'keys' | 'jobs' | 'window'>) | undefined {
    let found: { jobs: readonly string[]; keys: string[]; points: number; window: SeriesWindow | undefined } | undefined;
    // Whole series first: a detail without them draws nothing.
    for (const isWindow of [false, true]) {
      for (const { want } of this.watches) {
        if (isWindow && !want.window) continue;
        const window = isWindow ? want.window : undefined;
        for (const key of want.keys) {
          const kept = this.kept.get(idOf(key, window));
          if (!kept || found?.keys.includes(key)) continue;
          if (found && (found.window !== window || found.points !== want.points)) continue;
          const lacking = want.jobs.filter((job) => !this.has(kept, job, want.points)).slice(0, mostSeriesJobs);
          if (lacking.length === 0) continue;
          if (!found) found = { jobs: lacking, keys: [key], points: want.points, window };
          else if (lacking.length === found.jobs.length && lacking.every((job, at) => job === found!.jobs[at])) found.keys.push(key);
          if (found.keys.length === keysAtOnce) return found;
        }
      }
      if (found) return found;
    }
    return undefined;
  }

  private async ask({ jobs, keys, points, window }: NonNullable<ReturnType<SeriesSource['nextRequest']>>): Promise<void> {
    const asking: Asking = { keys, jobs, window, control: new AbortController() };
    this.askings.add(asking);
    const kepts = keys.map((key) => this.kept.get(idOf(key, window))!);
    // What is logged from now on may be in the answer or not: the feed names it again.
    for (const kept of kepts) for (const job of jobs) kept.asked.set(job, points);
    for (const key of keys) if (!window) for (const job of jobs) this.due.get(key)?.delete(job);
    const missing = new Map(keys.map((key) => [key, new Set(jobs)]));
    try {
      for await (const part of this.client.series({ jobs: [...jobs], keys: [...keys], points, ...window }, asking.control.signal)) {
        const kept = this.kept.get(idOf(part.key, window));
        if (!kept) continue;
        kept.series.set(part.job, part);
        missing.get(part.key)?.delete(part.job);
        this.tell(part.key, part.job);
      }
      this.failures = 0;
      this.error = undefined;
    } catch (error) {
      // What has come stays; the rest is asked for again, as soon as somebody wants it.
      for (const kept of kepts) for (const job of missing.get(kept.key) ?? []) kept.asked.delete(job);
      if (!asking.control.signal.aborted) {
        this.error = asUserError(error);
        this.askings.delete(asking);
        for (const key of keys) this.tell(key);
        return this.pumpIn(this.backOff(this.failures++));
      }
    } finally {
      this.askings.delete(asking);
    }
    for (const key of keys) this.tell(key);
    this.pumpIn(0);
    this.followIn();
  }

  private tell(key: string, job?: string): void {
    for (const { want, jobs, onChange } of this.watches) if (want.keys.includes(key) && (job === undefined || jobs.has(job))) onChange();
  }

  private changed(change: Change): void {
    const { kind, id } = change;
    if (kind !== 'metric') return;
    for (const [, kept] of this.kept) {
      if (kept.window || !kept.asked.has(id) || !mayConcern(change, kept.key)) continue;
      const jobs = this.due.get(kept.key) ?? new Set();
      this.due.set(kept.key, jobs.add(id));
    }
    this.followIn();
  }

  /** Changes may have been missed: all is read again. What is drawn stays until then. */
  private readAnew(): void {
    for (const kept of this.kept.values()) kept.asked.clear();
    this.due.clear();
    this.pumpIn(0);
  }

  private followIn(): void {
    if (this.live || ![...this.due].some(([key, jobs]) => jobs.size > 0 && this.isWatched(key, undefined))) return;
    this.live = this.timers.after(Math.max(100, this.restUntil - this.timers.now()), () => {
      aside('series', this.follow(), console);
    });
  }

  /** Reads what is new. It rests so long afterwards that live charts stay within their bytes. */
  private async follow(): Promise<void> {
    const started = this.timers.now();
    const pairs: { key: string; job: string; from: number }[] = [];
    let points = 4;
    for (const [key, jobs] of this.due) {
      const kept = this.kept.get(key);
      for (const { want, jobs: shown } of this.watches) {
        if (!kept || !want.keys.includes(key)) continue;
        points = Math.max(points, want.points);
        for (const job of jobs) {
          if (!shown.has(job)) continue;
          jobs.delete(job);
          const series = kept.series.get(job);
          pairs.push({ key, job, from: series ? latest(series) : Number.NEGATIVE_INFINITY });
        }
      }
    }
    let bytes = 0;
    try {
      for (const group of groupsOf(pairs)) {
        const from = group[0]!.from;
        const request = { jobs: [...new Set(group.map(({ job }) => job))], keys: [...new Set(group.map(({ key }) => key))], points };
        const news = this.client.series({ ...request, axis: 'time', ...(Number.isFinite(from) ? { from } : {}) });
        for await (const part of news) {
          bytes += 100 + part.steps.length * 24;
          this.take(part, from, points);
        }
        for (const pair of group) pair.from = Number.NaN;
      }
      this.failures = 0;
      this.error = undefined;
    } catch (error) {
      this.error = asUserError(error);
      for (const { key, job, from } of pairs) if (!Number.isNaN(from)) this.due.set(key, (this.due.get(key) ?? new Set()).add(job));
      this.restUntil = this.timers.now() + this.backOff(this.failures++);
    }
    this.restUntil = Math.max(this.restUntil, started + Math.max(1000, (bytes / liveBytes) * 1000));
    this.live = undefined;
    this.followIn();
  }

  private take(news: SeriesPart, from: number, points: number): void {
    const kept = this.kept.get(news.key);
    if (!kept) return;
    const known = kept.series.get(news.job);
    if (!known) {
      kept.series.set(news.job, news);
      if (news.steps.length < news.total && Number.isFinite(from)) this.lack(kept, news.job);
    } else {
      const { series, missing } = withNews(known, news, from);
      const asked = kept.asked.get(news.job) ?? points;
      kept.series.set(news.job, series.steps.length > grown * asked ? thinned(series, asked) : series);
      if (missing && news.steps.length < points / 2) this.lack(kept, news.job);
    }
    this.tell(news.key, news.job);
  }

  private lack(kept: Kept, job: string): void {
    kept.asked.delete(job);
    this.pumpIn(0);
  }
}

const idOf = (key: string, window: SeriesWindow | undefined): string =>
  window ? `${key}\n${window.axis} ${window.from} ${window.to}` : key;

const latest = ({ times }: SeriesPart): number => times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);

/** Pairs whose news begin at about the same time, few groups in all. Each begins with the earliest of its times. */
function groupsOf<T extends { from: number }>(pairs: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const pair of pairs.toSorted((a, b) => b.from - a.from)) {
    const last = groups.at(-1);
    if (last && (last[0]!.from - pair.from <= apartMs || groups.length === newsAtOnce)) last.unshift(pair);
    else groups.push([pair]);
  }
  return groups;
}

const details = new WeakMap<SeriesPart, { whole: SeriesPart; series: SeriesPart }>();
/** The same answer for the same two, so that nothing is drawn anew for it. */
function detailed(whole: SeriesPart, detail: SeriesPart, window: SeriesWindow): SeriesPart {
  const before = details.get(detail);
  if (before?.whole === whole) return before.series;
  const series = withDetail(whole, detail, window);
  details.set(detail, { whole, series });
  return series;
}
