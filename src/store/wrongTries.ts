/** Wrong tries of one kind in the present window, and when that ends, in milliseconds since 1970. */
export interface Tries {
  count: number;
  until: number;
}

/**
 * How often each key was tried with a wrong token, counted by all servers of a plane together. A count begins with the first try, and begins anew after `windowMs` milliseconds. Some counts may be lost:
 * when the database crashes, or when there are more keys than are kept. These writes leave no line in the change log.
 */
export interface WrongTries {
  /** Counts one more for each key; answers the counts by then. `now`: milliseconds since 1970. */
  add(keys: readonly string[], now: number, windowMs: number): Promise<ReadonlyMap<string, Tries>>;
  /** The keys that have at least `count`, in windows that are not over. */
  reached(count: number, now: number): Promise<ReadonlyMap<string, Tries>>;
  close(): Promise<void>;
}
