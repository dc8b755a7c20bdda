/** How it stands with somebody who waits for a place. */
export interface Turn {
  /** Those that have a place. */
  running: number;
  /** Those that wait, and come first. */
  ahead: number;
}

/** Who wants a place: the smaller rank comes first, and of one rank who came first. */
export interface Wish {
  name: string;
  rank: number;
}

/** The places as one job sees them. */
export interface JobSlots {
  take(signal: AbortSignal, tell?: (turn: Turn) => void): Promise<() => void>;
  occupy(): () => void;
}

interface Waiting extends Wish {
  go: () => void;
  tell: ((turn: Turn) => void) | undefined;
}

/** Places for a number of things at a time; who finds none waits its turn. */
export class Slots {
  private free: number;
  private readonly waiting: Waiting[] = [];
  private running = 0;

  constructor(count: number) {
    this.free = count;
  }

  /** Settles with the call that gives the place back; rejects with the signal's reason when that comes first. `tell` hears how it stands, at once and whenever that changes. */
  take(signal: AbortSignal, { name, rank }: Wish, tell?: (turn: Turn) => void): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free > 0) return Promise.resolve(this.occupy());
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve(this.occupy());
      };
      const stop = () => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        this.tellAll();
        reject(signal.reason);
      };
      const entry: Waiting = { name, rank, go, tell };
      signal.addEventListener('abort', stop, { once: true });
      const behind = this.waiting.findIndex((each) => each.rank > rank);
      this.waiting.splice(behind < 0 ? this.waiting.length : behind, 0, entry);
      if (behind < 0) tell?.({ running: this.running, ahead: this.waiting.length - 1 });
      else this.tellAll();
    });
  }

  /** Names of those that wait for a place, in their order. */
  ready(): string[] {
    return this.waiting.map(({ name }) => name);
  }

  /** A place at once, even when all are taken: for what runs already. */
  occupy(): () => void {
    this.free--;
    this.running++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.free++;
      this.running--;
      if (this.free > 0) this.waiting.shift()?.go();
      this.tellAll();
    };
  }

  private tellAll(): void {
    for (const [ahead, { tell }] of this.waiting.entries()) tell?.({ running: this.running, ahead });
  }
}
