import { type BackOff, growing } from '../../base/backOff.ts';
import type { Disposable } from '../../base/disposable.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { UserError } from '../../base/userError.ts';

export interface LookUpsOptions<K> {
  /** Reads one thing and puts what it found where it belongs. */
  read(key: K): Promise<void>;
  /** Told of the first failure of a look-up, not of those that follow it. */
  onError?: (error: unknown, key: K) => void;
  /** Most at the same time. */
  parallel?: number;
  /** Milliseconds from the wish to the look-up: wishes that come meanwhile are the same one. */
  gatherMs?: number;
  /** Least milliseconds from one look-up of a thing to its next. */
  restMs?: number;
  backOff?: BackOff;
  timers?: Timers;
}

interface LookUp {
  /** Something may be new since it was last begun. */
  isWanted: boolean;
  isRunning: boolean;
  startedAt: number;
  failures: number;
  /** Runs until it is due, unless it runs or waits for its turn. */
  timer: Disposable | undefined;
}

export const isNotFound = (error: unknown): boolean =>
  error instanceof UserError && (error.code === 'NotFound' || error.code === 'AssetNotFound');

/**
 * Reads things that are said to have changed. Each is read one at a time, and again when it was asked for meanwhile. A look-up that fails is tried again, after
 * waits that grow, until it succeeds or the plane says that there is no such thing (`NotFound`).
 */
export class LookUps<K> implements Disposable {
  private readonly all = new Map<K, LookUp>();
  private readonly due: K[] = [];
  /** Of each list that is being read, what was looked up meanwhile. */
  private readonly beside = new Set<Set<K>>();
  private running = 0;
  private isDisposed = false;
  private readonly options: LookUpsOptions<K>;
  private readonly timers: Timers;
  private readonly backOff: BackOff;

  constructor(options: LookUpsOptions<K>) {
    this.options = options;
    this.timers = options.timers ?? systemTimers;
    this.backOff = options.backOff ?? growing(100, 30_000);
  }

  /** Whether something is being looked up or is going to be. */
  get isBusy(): boolean {
    return [...this.all.values()].some(({ isWanted, isRunning }) => isWanted || isRunning);
  }

  ask(key: K, gatherMs = this.options.gatherMs ?? 0): void {
    if (this.isDisposed) return;
    const known = this.all.get(key);
    if (known) known.isWanted = true;
    else {
      const lookUp = { isWanted: true, isRunning: false, startedAt: Number.NEGATIVE_INFINITY, failures: 0, timer: undefined };
      this.all.set(key, lookUp);
      this.wait(key, lookUp, gatherMs);
    }
  }

  /** Takes a wish back; false when it is too late, as the thing is being read. */
  forget(key: K): boolean {
    const known = this.all.get(key);
    if (!known) return true;
    known.isWanted = false;
    if (known.isRunning) return false;
    known.timer?.dispose();
    this.all.delete(key);
    return true;
  }

  /** What failed is tried again now: the plane is back. */
  retryNow(): void {
    for (const [key, lookUp] of this.all) {
      if (lookUp.failures === 0 || !lookUp.timer) continue;
      lookUp.failures = 0;
      this.wait(key, lookUp, 0);
    }
  }

  /**
   * Reads a list of things that are also looked up one by one. A thing that is looked up meanwhile may be older in the list than in its own answer, or
   * the other way round: it is looked up once more afterwards.
   */
  async besideList<T>(read: () => Promise<T>): Promise<T> {
    const keys = new Set([...this.all].filter(([, { isRunning }]) => isRunning).map(([key]) => key));
    this.beside.add(keys);
    try {
      const list = await read();
      for (const key of keys) this.ask(key);
      return list;
    } finally {
      this.beside.delete(keys);
    }
  }

  /** Something was learned of a thing just now: a list that is being read may not know it yet. */
  learned(key: K): void {
    for (const keys of this.beside) keys.add(key);
  }

  dispose(): void {
    this.isDisposed = true;
    for (const { timer } of this.all.values()) timer?.dispose();
    this.all.clear();
    this.due.length = 0;
  }

  private wait(key: K, lookUp: LookUp, ms: number): void {
    lookUp.timer?.dispose();
    const onDue = () => {
      lookUp.timer = undefined;
      if (!lookUp.isWanted) {
        this.all.delete(key);
        return;
      }
      this.due.push(key);
      this.begin();
    };
    lookUp.timer = undefined;
    if (ms > 0) lookUp.timer = this.timers.after(ms, onDue);
    else onDue();
  }

  private begin(): void {
    while (this.due.length > 0 && this.running < (this.options.parallel ?? 8)) {
      const key = this.due.shift() as K;
      const lookUp = this.all.get(key);
      if (lookUp?.isWanted && !lookUp.isRunning) this.run(key, lookUp).catch((error) => this.report(error, key));
    }
  }

  private async run(key: K, lookUp: LookUp): Promise<void> {
    this.running++;
    lookUp.isRunning = true;
    lookUp.isWanted = false;
    lookUp.startedAt = this.timers.now();
    this.learned(key);
    let error: unknown;
    try {
      await this.options.read(key);
    } catch (reason) {
      error = reason ?? new Error('no reason');
    }
    this.running--;
    lookUp.isRunning = false;
    if (this.isDisposed) return;
    if (error === undefined || isNotFound(error)) {
      lookUp.failures = 0;
      const rest = lookUp.startedAt + (this.options.restMs ?? 0) - this.timers.now();
      if (rest > 0) this.wait(key, lookUp, rest);
      else if (lookUp.isWanted) this.wait(key, lookUp, this.options.gatherMs ?? 0);
      else this.all.delete(key);
    } else {
      lookUp.isWanted = true;
      this.wait(key, lookUp, this.backOff(lookUp.failures++));
      if (lookUp.failures === 1) this.report(error, key);
    }
    this.begin();
  }

  private report(error: unknown, key: K): void {
    try {
      this.options.onError?.(error, key);
    } catch {
      // Whoever keeps the log has a problem of his own; the look-ups go on.
    }
  }
}
