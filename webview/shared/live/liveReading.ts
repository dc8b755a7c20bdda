import type { Disposable } from '../../../src/base/disposable.ts';
import type { ChangeStream } from '../../../src/client/feed/changeStream.ts';
import { LookUps } from '../../../src/client/feed/lookUps.ts';
import type { Change } from '../../../src/protocol/change.ts';

export interface LiveReading {
  /** Reads. What it throws has been shown by then; it is tried again. */
  read(): Promise<void>;
  /** Whether a change is a reason to read again. */
  concerns(change: Change): boolean;
  /** Called when changes may have been missed, before everything is read again. */
  onReset?(): void;
  /** Least milliseconds from one start to the next: a storm of changes costs a few requests a second. */
  restMs: number;
}

export interface Reading extends Disposable {
  /** Reads once more. */
  again(): void;
}

/**
 * What a page shows, read now and whenever it may have changed, one at a time: what is asked for meanwhile leads to one more reading. First the feed, then the
 * reading: what comes in between is seen twice, never missed.
 */
export function liveReading(feed: ChangeStream, { read, concerns, onReset, restMs }: LiveReading): Reading {
  const lookUps = new LookUps<'it'>({
    restMs,
    read: async () => {
      await feed.settled;
      await read();
    },
  });
  const subscriptions = [
    feed.onDidChange((change) => concerns(change) && lookUps.ask('it')),
    feed.onDidReset(() => {
      onReset?.();
      lookUps.ask('it');
    }),
    // What who looks may read may be other than before.
    feed.onDidChangePermissions(() => lookUps.ask('it')),
    feed.onDidChangeState((state) => state === 'live' && lookUps.retryNow()),
    lookUps,
  ];
  lookUps.ask('it');
  return {
    again: () => lookUps.ask('it'),
    dispose() {
      for (const each of subscriptions) each.dispose();
    },
  };
}
