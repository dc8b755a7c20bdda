/** Wrong tries of one kind in the present window, and when that ends, in milliseconds since 1970. */
export interface Tries {
  count: number;
  until: number;
}

/**
 * Counts of wrong tries that the servers of a plane share. A window begins with the first try and lasts for `windowMs`; then the count begins anew. Counts are not kept for good: a few get lost when the database
 * breaks off, or when there are more keys than it has room for. Nobody is told of them: they leave no change.
 */
export interface WrongTries {
  /** Counts one more for each key; answers the counts by then. `now`: milliseconds since 1970. */
  add(keys: readonly string[], now: number, windowMs: number): Promise<ReadonlyMap<string, Tries>>;
  /** The keys that have at least `count`, in windows that are not over. */
  reached(count: number, now: number): Promise<ReadonlyMap<string, Tries>>;
  close(): Promise<void>;
}
