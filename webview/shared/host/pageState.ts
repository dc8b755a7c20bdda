import { useCallback, useSyncExternalStore } from 'react';
import { Emitter } from '../../../src/base/event.ts';
import { useHost } from './host.ts';

/** JSON values by name; a value that is undefined is forgotten. */
export interface StateKeeper {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

/** What a page keeps through a reload of its window: tab, filters, smoothing. Where it is kept is the host's affair. */
export class PageState {
  private readonly keeper: StateKeeper;
  private readonly changed = new Emitter<void>();
  private readonly cache = new Map<string, { raw: string; value: unknown }>();
  readonly onDidChange = this.changed.event;

  constructor(keeper: StateKeeper) {
    this.keeper = keeper;
  }

  /** The kept value when it has the fallback's shape: what was kept may come from another version, or from an address that somebody wrote. */
  get<T>(key: string, fallback: T): T {
    const kept = this.keeper.read(key);
    if (!sameShape(kept, fallback)) return fallback;
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

function sameShape(value: unknown, like: unknown): boolean {
  if (Array.isArray(like)) return Array.isArray(value) && value.every((each) => typeof each === 'string');
  return typeof value === typeof like && value !== null;
}

/** A value of a page that survives a reload; as `useState`. */
export function usePageState<T>(key: string, fallback: T): [T, (value: T) => void] {
  const { state } = useHost();
  const value = useSyncExternalStore(
    useCallback(
      (listener) => {
        const subscription = state.onDidChange(listener);
        return () => subscription.dispose();
      },
      [state],
    ),
    () => state.get(key, fallback),
  );
  return [value, (next) => state.set(key, next, fallback)];
}
