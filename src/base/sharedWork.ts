interface Work<T> {
  result: Promise<T>;
  stop: AbortController;
  waiting: number;
}

/**
 * Work that several ask for at the same time and that is done once, by key. Who no longer wants it leaves without harm to the others;
 * when the last one leaves, the work is stopped.
 */
export class SharedWork<T> {
  private readonly works = new Map<string, Work<T>>();

  /** Joins the work of that key, or begins it. Rejects with the reason of `signal` as soon as that aborts. */
  async run(key: string, signal: AbortSignal | undefined, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const work = this.works.get(key) ?? this.begin(key, begin);
    work.waiting++;
    let leave = () => {};
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(signal?.reason);
      signal?.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([work.result, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      work.waiting--;
      if (work.waiting === 0) {
        // Who comes from now on begins anew, also while this one is still being stopped.
        this.forget(key, work);
        work.stop.abort(signal?.reason);
      }
    }
  }

  /** Whether such work is under way. */
  has(key: string): boolean {
    return this.works.has(key);
  }

  private begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Work<T> {
    const stop = new AbortController();
    const work: Work<T> = { result: begin(stop.signal), stop, waiting: 0 };
    this.works.set(key, work);
    // Nobody waits any more for work that was stopped.
    work.result.catch(() => {}).finally(() => this.forget(key, work));
    return work;
  }

  private forget(key: string, work: Work<T>): void {
    if (this.works.get(key) === work) this.works.delete(key);
  }
}
