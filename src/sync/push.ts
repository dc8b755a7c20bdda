import { UserError } from '../base/userError.ts';
import { copyJob, type Sent } from './copyJob.ts';
import type { Intent, Journal } from './journal.ts';
import type { Pair } from './pair.ts';

export interface Pushed {
  job: string;
  sent?: Sent;
  /** Why it was not sent, and whether it waits to be tried again. */
  failure?: { error: UserError; waits: boolean };
}

/** What the planes hold does not change by itself: trying again would bring the same answer. */
const passing: ReadonlySet<string> = new Set([
  'PlaneUnreachable',
  'RemoteError',
  'Unauthorized',
  'TooManyRequests',
  'DiskFull',
  'StoreUnreachable',
]);

/**
 * Sends jobs one after the other. Each is in the journal before it is tried (`Journal.want`), and marked when all of it is there. What a network or a plane in
 * trouble does not let through waits; after that nothing further is tried, since it would wait as well.
 */
export async function push(
  pair: Pair,
  journal: Journal,
  intents: readonly Intent[],
  onJob: (pushed: Pushed) => void = () => {},
): Promise<Pushed[]> {
  const all: Pushed[] = [];
  for (const intent of intents) {
    const pushed = await pushOne(pair, journal, intent);
    all.push(pushed);
    onJob(pushed);
    if (pushed.failure?.waits) break;
  }
  return all;
}

async function pushOne(pair: Pair, journal: Journal, intent: Intent): Promise<Pushed> {
  const { job } = intent;
  try {
    const sent = await copyJob(pair, job);
    journal.note(intent, 'sent');
    return { job, sent };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const waits = passing.has(error.code);
    if (!waits) journal.note(intent, 'refused', error.message);
    return { job, failure: { error, waits } };
  }
}
