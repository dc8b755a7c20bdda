import type { Logger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import type { Tries, WrongTries } from '../../store/wrongTries.ts';
import { callerAt } from './callerAt.ts';

/** Wrong tries that are let pass, and in how long. */
const mostWrong = 20;
const windowMs = 60_000;
/** Most callers and secrets that are remembered here. */
const mostKept = 10_000;
/** Milliseconds between two looks at what other servers have counted. */
const lookEvery = 1000;
/** Most tries in a second that this server lets others know of: a flood of wrong tokens is no flood of writes. */
const mostShared = 50;

/**
 * Counts wrong tokens of the last minute: by the address that they came from, by the secret that they claimed to be, and by both. After too many tries of one secret from an address, that secret is refused from there
 * for a minute, even if it is right. After too many wrong tokens from an address, or of a secret from anywhere, further wrong ones are told to wait; right ones are still let in. So nobody is locked out by what
 * others try elsewhere. Servers of one plane count together; what is right is never written down, and costs a look a second.
 */
export class Attempts {
  private readonly now: () => number;
  private readonly shared: WrongTries | undefined;
  private readonly logger: Logger;
  private readonly wrong = new Map<string, Tries>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> = Promise.resolve();
  private second = 0;
  private sharedInSecond = 0;

  constructor({ now, shared, logger }: { now: () => number; shared: WrongTries | undefined; logger: Logger }) {
    this.now = now;
    this.shared = shared;
    this.logger = logger;
  }

  /** Seconds until the next try with this secret is looked at; undefined: now. */
  async wait(address: string, secret: string): Promise<number | undefined> {
    const which = claimed(secret);
    if (which === undefined) return undefined;
    await this.look();
    return this.left(both(callerAt(address), which));
  }

  /** A wrong one has come; answers in how many seconds to come again, where there were too many. */
  async failed(address: string, secret: string): Promise<number | undefined> {
    const caller = callerAt(address);
    const which = claimed(secret);
    const keys = which === undefined ? [caller] : [caller, which, both(caller, which)];
    // What is over the limit need not be counted further, by nobody.
    const over = keys.flatMap((key) => this.left(key) ?? []);
    const open = keys.filter((key) => this.left(key) === undefined);
    const counted = open.length > 0 ? await this.count(open) : [];
    const waits = [...over, ...counted.flatMap((tries) => this.leftOf(tries) ?? [])];
    return waits.length > 0 ? Math.max(...waits) : undefined;
  }

  private left(of: string): number | undefined {
    const found = this.wrong.get(of);
    return found && this.leftOf(found);
  }

  private leftOf({ count, until }: Tries): number | undefined {
    return until > this.now() && count >= mostWrong ? Math.ceil((until - this.now()) / 1000) : undefined;
  }

  /** Counts one more for each key; answers the counts of this very try, whatever others have added since. */
  private async count(keys: readonly string[]): Promise<Tries[]> {
    if (this.shared && this.mayShare())
      try {
        const counted = await this.shared.add(keys, this.now(), windowMs);
        this.learn(counted);
        return [...counted.values()];
      } catch (error) {
        this.logger.warn(`wrong tries are counted on this server alone: ${messageOf(error)}`);
      }
    return keys.map((key) => {
      const found = this.wrong.get(key);
      const tries = found && found.until > this.now() ? { ...found, count: found.count + 1 } : { count: 1, until: this.now() + windowMs };
      this.keep(key, tries);
      return tries;
    });
  }

  private mayShare(): boolean {
    const second = Math.floor(this.now() / 1000);
    if (second !== this.second) this.sharedInSecond = 0;
    this.second = second;
    return this.sharedInSecond++ < mostShared;
  }

  /** Settles when what other servers had counted a moment ago is known here. */
  private look(): Promise<void> {
    if (!this.shared || this.now() - this.lookedAt < lookEvery) return this.looking;
    this.lookedAt = this.now();
    this.looking = this.shared.reached(mostWrong, this.now()).then(
      (found) => this.learn(found),
      // Where the database is away, the request fails by itself.
      () => {},
    );
    return this.looking;
  }

  private learn(found: ReadonlyMap<string, Tries>): void {
    // The clock of another server may be ahead.
    const latest = this.now() + windowMs;
    for (const [key, { count, until }] of found) {
      const own = this.wrong.get(key);
      // Some were counted here alone.
      const most = own && own.until > this.now() ? Math.max(own.count, count) : count;
      this.keep(key, { count: most, until: Math.min(until, latest) });
    }
  }

  private keep(key: string, tries: Tries): void {
    if (this.wrong.size >= mostKept && !this.wrong.has(key)) this.forgetOld();
    this.wrong.set(key, tries);
  }

  private forgetOld(): void {
    for (const [key, { until }] of this.wrong) if (until <= this.now()) this.wrong.delete(key);
    if (this.wrong.size >= mostKept) this.wrong.clear();
  }
}

const both = (caller: string, which: string): string => `${caller} ${which}`;

/** Which of all secrets a text claims to be, without what proves it. */
const claimed = (secret: string): string | undefined => /^(?:updraft|session|secret|runner|invitation)_[0-9a-f]{16}_/.exec(secret)?.[0];
