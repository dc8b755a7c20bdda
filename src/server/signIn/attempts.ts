/** Wrong tries that are let pass, and in how long. */
const mostWrong = 20;
const windowMs = 60_000;
/** Most places that are remembered. */
const mostKept = 10_000;

/**
 * Counts wrong tokens of the last minute, by the address that they came from. After too many tries of one secret from an address, that secret is refused from there for a minute, even if it is right. After too many
 * wrong tokens of any kind, wrong ones from that address are told to wait; right ones are still let in.
 */
export class Attempts {
  private readonly now: () => number;
  private readonly wrong = new Map<string, { count: number; until: number }>();

  constructor(now: () => number) {
    this.now = now;
  }

  /** Seconds until the next try with this secret is looked at; undefined: now. */
  wait(address: string, secret: string): number | undefined {
    const which = claimed(secret);
    return which === undefined ? undefined : this.left(`${address} ${which}`);
  }

  /** A wrong one has come; answers as `wait` what to tell. */
  failed(address: string, secret: string): number | undefined {
    const which = claimed(secret);
    this.count(address);
    if (which !== undefined) this.count(`${address} ${which}`);
    return this.left(address) ?? this.wait(address, secret);
  }

  private left(of: string): number | undefined {
    const found = this.wrong.get(of);
    if (!found || found.until <= this.now() || found.count < mostWrong) return undefined;
    return Math.ceil((found.until - this.now()) / 1000);
  }

  private count(of: string): void {
    const found = this.wrong.get(of);
    if (found && found.until > this.now()) {
      found.count++;
      return;
    }
    if (this.wrong.size >= mostKept) this.forgetOld();
    this.wrong.set(of, { count: 1, until: this.now() + windowMs });
  }

  private forgetOld(): void {
    for (const [of, { until }] of this.wrong) if (until <= this.now()) this.wrong.delete(of);
    if (this.wrong.size >= mostKept) this.wrong.clear();
  }
}

/** Which of all secrets a text claims to be, without what proves it. */
const claimed = (secret: string): string | undefined => /^(?:updraft|session|secret)_[0-9a-f]{16}_/.exec(secret)?.[0];
