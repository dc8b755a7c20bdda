import type { Logger } from '../base/logger.ts';
import type { Blobs } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './schedules/clock.ts';
import { removeGivenUpUploads } from './unfinishedUploads.ts';

/** Milliseconds between two rounds. */
const every = 6 * 3_600_000;

/** Removes what nobody needs any more, uploads that were given up and contents without a name: soon after the start, and every few hours until `ending` aborts. */
export function startTidyUp({
  store,
  blobs,
  clock,
  logger,
  ending,
}: {
  store: Store;
  blobs: Blobs;
  clock: Clock;
  logger: Logger;
  ending: AbortSignal;
}): void {
  let forget = () => {};
  const round = async () => {
    try {
      if (ending.aborted) return;
      await removeGivenUpUploads(store, clock.now());
      await blobs.sweep((sha256) => ending.aborted || store.hasContent(sha256));
    } catch (error) {
      // What is left is found by the next round.
      if (!ending.aborted) logger.error('blobs that nobody needs', error);
    }
    if (!ending.aborted) forget = clock.at(clock.now() + every, () => void round());
  };
  ending.addEventListener('abort', () => forget());
  setImmediate(() => void round());
}
