import { growing } from '../base/backOff.ts';
import { systemTimers } from '../base/timers.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/feed/changeStream.ts';
import { isPassing } from '../client/isPassing.ts';
import { isTerminal } from '../protocol/job.ts';
import type { Intent, Journal } from './folder/journal.ts';
import { copyJob, wholeJob } from './jobs/copyJob.ts';
import { type Followed, followJob } from './jobs/followJob.ts';
import { kindsOfJobs } from './jobs/jobNews.ts';
import { passed } from './jobs/passed.ts';
import type { Sent } from './jobs/sent.ts';
import type { Pair } from './pair.ts';

export interface Pushed {
  job: string;
  sent?: Sent;
  /** Why it was not sent, and whether it waits to be tried again. */
  failure?: { error: UserError; waits: boolean };
}

export interface PushOptions {
  /** A job was sent, or was not. */
  onJob?: (pushed: Pushed) => void;
  /** Something of a job was sent that still runs, or could not be sent for the moment (`trouble`). */
  onFollowed?: (followed: Followed | { job: string; trouble: UserError }) => void;
}

/** Somebody may sign in, and a plane may have room and its contents again. What the planes hold does not change by itself: trying again would bring the same answer. */
const alsoPassing: ReadonlySet<string> = new Set(['Unauthorized', 'TooManyRequests', 'StoreUnreachable']);
const waitsFor = (error: UserError): boolean => isPassing(error) || alsoPassing.has(error.code);

const backOff = growing(1000, 30_000);

/**
 * Sends jobs: those that have ended one after the other, and beside them those that run, together, each until it has ended. Each is in the journal before it is tried
 * (`Journal.want`), and marked when all of it is there. What a network or a plane in trouble does not let through waits; after that nothing further is begun, since
 * it would wait as well. A job that is being followed is tried again and again. Where the pair's signal aborts, what has not ended is left in the journal.
 */
export async function push(pair: Pair, journal: Journal, intents: readonly Intent[], options: PushOptions = {}): Promise<Pushed[]> {
  const { onJob = () => {} } = options;
  const all: Pushed[] = [];
  const done = (pushed: Pushed) => {
    all.push(pushed);
    onJob(pushed);
  };
  let feed: ChangeStream | undefined;
  const followed: Promise<void>[] = [];
  try {
    for (const intent of intents) {
      if (pair.signal?.aborted) break;
      const pushed = await outcomeOf(pair, journal, intent, async () => {
        const { status } = (await wholeJob(pair, intent.job)).properties;
        return status && isTerminal(status) ? copyJob(pair, intent.job) : undefined;
      });
      if (pushed) done(pushed);
      if (pushed?.failure?.waits || pair.signal?.aborted) break;
      if (pushed) continue;
      journal.note(intent, 'following');
      const live = (feed ??= new ChangeStream(pair.from.http, { kinds: kindsOfJobs, every: 1000 }));
      const following = outcomeOf(pair, journal, intent, () => followOn(pair, intent.job, live, options)).then(
        (each) => each && done(each),
      );
      // What goes wrong with it is told below.
      following.catch(() => {});
      followed.push(following);
    }
    await Promise.all(followed);
  } finally {
    feed?.dispose();
  }
  return all;
}

/** What became of a job, as the journal has it then; undefined where that is not known yet. */
async function outcomeOf(pair: Pair, journal: Journal, intent: Intent, send: () => Promise<Sent | undefined>): Promise<Pushed | undefined> {
  const { job } = intent;
  try {
    const sent = await send();
    if (!sent) return undefined;
    journal.note(intent, 'sent');
    return { job, sent };
  } catch (error) {
    if (pair.signal?.aborted) return undefined;
    if (!(error instanceof UserError)) throw error;
    const waits = waitsFor(error);
    if (!waits) journal.note(intent, 'refused', error.message);
    return { job, failure: { error, waits } };
  }
}

/** Follows a job to its end through whatever passes; undefined where the signal has ended it. */
async function followOn(pair: Pair, job: string, feed: ChangeStream, { onFollowed = () => {} }: PushOptions): Promise<Sent | undefined> {
  const { signal } = pair;
  for (let failures = 0; ; failures++) {
    try {
      return await followJob(pair, job, {
        signal,
        feed,
        onProgress: (followed) => {
          failures = 0;
          onFollowed(followed);
        },
      });
    } catch (error) {
      if (signal?.aborted) return undefined;
      if (!(error instanceof UserError && waitsFor(error))) throw error;
      onFollowed({ job, trouble: error });
      await passed(backOff(failures), systemTimers, signal);
      if (signal?.aborted) return undefined;
    }
  }
}
