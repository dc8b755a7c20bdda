/** A lease as one process has it. Each time that another process takes it, its term grows by one: so a process that was away for a while can be told apart from the one that has it now. */
export interface Lease {
  readonly name: string;
  readonly term: number;
}

/**
 * What one of several processes of a plane has at a time. The database's clock alone says until when. A write that is made under a lease (`Store.in`) is refused once another process has taken it, so
 * that a process which has slept meanwhile does no harm.
 */
export interface Leases {
  /**
   * Takes a lease that is free, or that this very holder had, for `ms`; else answers in how many ms it is free unless its holder renews it. `address` is where other processes reach the holder, as an
   * origin.
   */
  take(name: string, holder: string, ms: number, address?: string): Promise<Lease | { freeInMs: number }>;
  /** The address of who has a lease now; undefined where nobody has it, or the holder has said none. */
  addressOf(name: string): Promise<string | undefined>;
  /** Renews it for `ms` from now; false where another process has it. */
  renew(lease: Lease, ms: number): Promise<boolean>;
  /** Lets others take it at once. */
  giveBack(lease: Lease): Promise<void>;
  /** The time of the database, in ms since 1970. */
  now(): Promise<number>;
  close(): Promise<void>;
}
