import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { Change } from '../../protocol/change.ts';
import type { ChangeFeed } from './changeStream.ts';
import { LookUps, type LookUpsOptions } from './lookUps.ts';

export interface FollowOptions extends Omit<LookUpsOptions<string>, 'read'> {
  /** Reads all there is. */
  readAll(): Promise<void>;
  /** What a change makes worth reading; undefined: nothing. Without it only the list is read. */
  keyOf?(change: Change): string | undefined;
  read?(key: string): Promise<void>;
}

const all = 'all';

/**
 * The rule of everyone who keeps a copy of what a plane has. First the feed is live, then the list is read: what comes in between is seen twice, never
 * missed. The list is read again after each reset, and what fails is tried again (see `LookUps`), at once when the feed is live again.
 */
export function follow(feed: ChangeFeed, { readAll, keyOf, read, ...options }: FollowOptions): Disposable {
  const items = new LookUps<string>({ ...options, read: (key) => read?.(key) ?? Promise.resolve() });
  const list = new LookUps<string>({ ...options, gatherMs: 0, read: () => items.besideList(readAll) });
  let hasBegun = false;
  const onState = (state: string) => {
    if (state !== 'live') return;
    if (!hasBegun) list.ask(all);
    hasBegun = true;
    list.retryNow();
    items.retryNow();
  };
  const subscriptions = new DisposableStore();
  for (const each of [
    items,
    list,
    feed.onDidChange((change) => {
      const key = keyOf?.(change);
      if (key !== undefined) items.ask(key);
    }),
    feed.onDidReset(() => list.ask(all)),
    feed.onDidChangeState(onState),
  ])
    subscriptions.add(each);
  onState(feed.state);
  return subscriptions;
}
