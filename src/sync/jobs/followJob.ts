import { mapParallel } from '../../base/parallel.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { type ChangeFeed, ChangeStream } from '../../client/feed/changeStream.ts';
import { isNotFound } from '../../client/feed/lookUps.ts';
import { copyHeartbeatMs } from '../../protocol/copiedJob.ts';
import { isTerminal, type JobStatus } from '../../protocol/job.ts';
import type { Pair } from '../pair.ts';
import { copyJob, partsOf, wholeJob } from './copyJob.ts';
import { JobCopy, type Part } from './jobCopy.ts';
import { JobNews, kindsOfJobs, type News } from './jobNews.ts';
import { passed } from './passed.ts';
import { addTo, isNothing, nothing, type Sent } from './sent.ts';

/** How far a job that is followed has come: `sent` is all that was sent of it and its steps so far. */
export interface Followed {
  job: string;
  status: JobStatus;
  sent: Sent;
}

export interface FollowOptions {
  /** Ends it: the signal's reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called at first, and whenever something of it was sent. */
  onProgress?: (followed: Followed) => void;
  /** A feed of `from` with `kindsOfJobs`, for whoever follows several jobs; one of its own when absent. */
  feed?: ChangeFeed;
  /** Milliseconds from one look at a job to the next, at least. */
  restMs?: number;
  timers?: Timers;
}

/** Milliseconds of a usual rest: what is new comes about as quickly as people look. */
const usualRestMs = 1000;
/** Jobs of one tree that are sent at the same time. */
const parallel = 4;

/**
 * Sends a job that runs, and what comes of it, until it has ended and the copy is the same: status, steps, log, metrics, artifacts, outputs. While nothing is new
 * it is told once a minute that the job is well. Answers what was sent. Throws as `copyJob` does, and what a network or a plane in trouble did not let through for a while: whoever calls it
 * again goes on where it was.
 */
export async function followJob({ from, to }: Pair, name: string, options: FollowOptions = {}): Promise<Sent> {
  const { signal, onProgress, restMs = usualRestMs, timers = systemTimers } = options;
  const pair = { from, to, signal };
  // What can not be sent is refused before anything is begun.
  const { status } = (await wholeJob(pair, name)).properties;
  if (status && isTerminal(status)) return copyJob(pair, name);
  const total = nothing();
  const own = options.feed ? undefined : new ChangeStream(from.http, { kinds: kindsOfJobs, every: restMs });
  const feed = options.feed ?? own!;
  const news = new JobNews(feed, name);
  const following = new Following(pair, name, news);
  let [told, heard] = [false, timers.now()];
  try {
    await firstState(feed, signal);
    for (;;) {
      signal?.throwIfAborted();
      const found = news.take() ?? new Map<string, Set<Part>>();
      const begun = timers.now();
      // Whatever else is new, once a minute it is told that the job itself is well.
      if (found !== 'all' && begun - heard >= copyHeartbeatMs) found.set(name, new Set([...(found.get(name) ?? []), 'job']));
      const isHeard = found === 'all' || found.get(name)?.has('job');
      const sent = await following.send(found);
      addTo(total, sent);
      // Sending much takes its time: that the job is well was told at its beginning.
      if (isHeard) heard = begun;
      const { status: now } = following.root!.properties;
      if (!told || !isNothing(sent)) onProgress?.({ job: name, status: now!, sent: { ...total } });
      told = true;
      if (isTerminal(now!)) break;
      await passed(restMs, timers, signal);
      await news.next(heard + copyHeartbeatMs - timers.now(), timers, signal);
    }
  } finally {
    news.dispose();
    own?.dispose();
  }
  addTo(total, await copyJob(pair, name));
  return total;
}

/** Settles when a feed is live for the first time, or has failed to be. */
function firstState(feed: ChangeFeed, signal: AbortSignal | undefined): Promise<void> {
  if (feed.state !== 'connecting') return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = feed.onDidChangeState(done);
    signal?.addEventListener('abort', done);
    function done(): void {
      subscription.dispose();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** A job and its steps, each with its copy there. */
class Following {
  private readonly pair: Pair;
  private readonly name: string;
  private readonly news: JobNews;
  private readonly copies = new Map<string, JobCopy>();
  private readonly assets = new Set<string>();

  constructor(pair: Pair, name: string, news: JobNews) {
    this.pair = pair;
    this.name = name;
    this.news = news;
  }

  /** The whole job as it was sent last. */
  get root() {
    return this.copies.get(this.name)?.job;
  }

  async send(news: News): Promise<Sent> {
    return news === 'all' ? this.sendAll() : this.sendNews(news);
  }

  private async sendAll(): Promise<Sent> {
    const root = await wholeJob(this.pair, this.name);
    const names = [root, ...(await partsOf(this.pair, root))].map(({ name }) => name);
    for (const each of names) this.news.know(each);
    return this.each(names, (copy) => copy.sendAll());
  }

  private sendNews(news: Exclude<News, 'all'>): Promise<Sent> {
    return this.each([...news.keys()], (copy, isNew) => (isNew ? copy.sendAll() : copy.send(news.get(copy.name)!)));
  }

  /** Those that are there already at the same time; new ones one after the other, since a step comes after what it is a step of. */
  private async each(names: string[], send: (copy: JobCopy, isNew: boolean) => Promise<Sent>): Promise<Sent> {
    const total = nothing();
    const sendOne = async (name: string, isNew: boolean) => {
      const copy = this.copies.get(name) ?? new JobCopy(this.pair, name, this.assets);
      try {
        addTo(total, await send(copy, isNew));
        this.copies.set(name, copy);
      } catch (error) {
        // A step may be deleted meanwhile; what goes on without it is seen here.
        if (name === this.name || !isNotFound(error)) throw error;
      }
    };
    const [known, unknown] = [names.filter((name) => this.copies.has(name)), names.filter((name) => !this.copies.has(name))];
    for (const name of unknown) await sendOne(name, true);
    await mapParallel(known, parallel, (name) => sendOne(name, false));
    return total;
  }
}
