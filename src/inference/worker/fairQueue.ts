/** Lends a few things to many callers. Who waits gets one in turn: a caller with many requests does not keep others waiting. */
export class FairQueue<T> {
  private readonly free: T[];
  private readonly waiting = new Map<string, ((thing: T) => void)[]>();

  constructor(things: readonly T[]) {
    this.free = [...things];
  }

  /** A thing for this caller: `prefer` picks among those that are free. Rejects with the signal's reason. */
  take(caller: string, prefer: (free: readonly T[]) => T, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.free.length) {
      const thing = prefer(this.free);
      this.free.splice(this.free.indexOf(thing), 1);
      return Promise.resolve(thing);
    }
    return new Promise((resolve, reject) => {
      const line = this.waiting.get(caller) ?? [];
      this.waiting.set(caller, line);
      line.push(got);
      signal.addEventListener('abort', gone);
      function got(thing: T): void {
        signal.removeEventListener('abort', gone);
        resolve(thing);
      }
      function gone(): void {
        line.splice(line.indexOf(got), 1);
        reject(signal.reason);
      }
    });
  }

  give(thing: T): void {
    for (const [caller, line] of this.waiting) {
      // The caller goes to the end of the round.
      this.waiting.delete(caller);
      const next = line.shift();
      if (!next) continue;
      if (line.length) this.waiting.set(caller, line);
      return next(thing);
    }
    this.free.push(thing);
  }
}
