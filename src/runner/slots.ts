/** Places for a number of things at a time; who finds none waits its turn. */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.free = count;
  }

  /** Settles with the call that gives the place back; rejects with the signal's reason when that comes first. */
  take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free > 0) return Promise.resolve(this.occupy());
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve(this.occupy());
      };
      const stop = () => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      this.waiting.push(go);
    });
  }

  /** A place at once, even when all are taken: for what runs already. */
  occupy(): () => void {
    this.free--;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.free++;
      if (this.free > 0) this.waiting.shift()?.();
    };
  }
}
