import { useCallback, useSyncExternalStore } from 'react';
import { Emitter } from '../../../src/base/event.ts';
import { useHost } from './host.ts';

/** JSON values by name; a value that is undefined is forgotten. */
export interface StateKeeper {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

/** What begins so is for nobody else: no link has it. */
export const privateKeys = 'private.';

/** What a page keeps through a reload of its window: tab, filters, smoothing. Where it is kept is the host's affair. */
export class PageState {
  private readonly keeper: StateKeeper;
  private readonly changed = new Emitter<void>();
  private readonly cache = new Map<string, { raw: string; value: unknown }>();
  readonly onDidChange = this.changed.event;

  constructor(keeper: StateKeeper) {
    this.keeper = keeper;
  }

  /** The kept value when it has the shape of `like`: what was kept may come from another version, or from an address that somebody wrote. */
  get<T>(key: string, fallback: T, like: T = fallback): T {
    const kept = this.keeper.read(key);
    if (!sameShape(kept, like)) return fallback;
    // The same value stays the same object, so that a page is not painted for nothing.
    const raw = JSON.stringify(kept);
    const cached = this.cache.get(key);
    if (cached?.raw === raw) return cached.value as T;
    this.cache.set(key, { raw, value: kept });
    return kept as T;
  }

  set<T>(key: string, value: T, fallback: T): void {
    this.keeper.write(key, JSON.stringify(value) === JSON.stringify(fallback) ? undefined : value);
    this.changed.fire();
  }

  /** The place where values are kept has other ones now, such as after the browser's Back. */
  replaced(): void {
    this.changed.fire();
  }
}

/**
 * Whether a value may stand where `like` stands. A list is one of items like the first, of texts where `like` is empty. An object has the fields of `like`, no
 * others; where that is `{ '': item }` it has any names, each with something like the item. An empty one takes any object: whoever asks looks at what is in it.
 */
export function sameShape(value: unknown, like: unknown): boolean {
  if (Array.isArray(like)) return Array.isArray(value) && value.every((each) => sameShape(each, like[0] ?? ''));
  if (typeof like !== 'object' || like === null) return typeof value === typeof like;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (Object.hasOwn(like, '')) return Object.values(value).every((each) => sameShape(each, (like as { '': unknown })['']));
  const names = Object.keys(like);
  if (names.length === 0) return true;
  return (
    names.length === Object.keys(value).length &&
    names.every((name) => sameShape((value as Record<string, unknown>)[name], (like as Record<string, unknown>)[name]))
  );
}

/** A value of a page that survives a reload; as `useState`. `like` is an example of what is accepted where the fallback is none (see `sameShape`). */
export function usePageState<T>(key: string, fallback: T, like: T = fallback): [T, (value: T) => void] {
  const { state } = useHost();
  const value = useSyncExternalStore(
    useCallback(
      (listener) => {
        const subscription = state.onDidChange(listener);
        return () => subscription.dispose();
      },
      [state],
    ),
    () => state.get(key, fallback, like),
  );
  return [value, (next) => state.set(key, next, fallback)];
}
