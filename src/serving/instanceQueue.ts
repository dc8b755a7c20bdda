/** A server that can take requests. */
export interface Instance {
  /** Requests that it works on. */
  running: number;
}

interface Waiting<I> {
  take: (instance: I) => void;
  concurrency: number;
}

/** Gives the requests of one deployment to its instances: the one with the fewest first, the others in the order in which they came. */
export class InstanceQueue<I extends Instance> {
  private readonly instances: () => readonly I[];
  private readonly waiting: Waiting<I>[] = [];

  constructor(instances: () => readonly I[]) {
    this.instances = instances;
  }

  get length(): number {
    return this.waiting.length;
  }

  /** An instance that has room, which counts the request from now on; undefined when there is none now. */
  takeNow(concurrency: number, other?: I): I | undefined {
    let best: I | undefined;
    for (const each of this.instances())
      if (each !== other && each.running < concurrency && (!best || each.running < best.running)) best = each;
    if (best) best.running++;
    return best;
  }

  /** Waits for an instance; undefined when none has had room for so long, or the signal aborts. */
  take(concurrency: number, ms: number, signal?: AbortSignal): Promise<I | undefined> {
    const now = this.waiting.length === 0 ? this.takeNow(concurrency) : undefined;
    if (now || ms <= 0 || signal?.aborted) return Promise.resolve(now);
    return new Promise((resolve) => {
      const settle = (instance: I | undefined) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', leave);
        const place = this.waiting.indexOf(mine);
        if (place >= 0) this.waiting.splice(place, 1);
        resolve(instance);
      };
      const leave = () => settle(undefined);
      const mine: Waiting<I> = { concurrency, take: settle };
      const timer = setTimeout(leave, ms);
      signal?.addEventListener('abort', leave);
      this.waiting.push(mine);
    });
  }

  /** A request has ended. */
  leave(instance: I): void {
    instance.running--;
    this.pump();
  }

  /** An instance may have become ready. */
  pump(): void {
    for (let first = this.waiting[0]; first; first = this.waiting[0]) {
      const instance = this.takeNow(first.concurrency);
      if (!instance) return;
      first.take(instance);
    }
  }
}
