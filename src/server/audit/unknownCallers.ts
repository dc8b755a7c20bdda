const minuteMs = 60_000;
/** Lines that requests of unknown callers get in a minute: they must not fill the disk. */
const mostPerMinute = 30;

/** How many requests come from callers that nobody knows. */
export class UnknownCallers {
  private since = 0;
  private noted = 0;
  private missed = 0;

  /** Whether a request at `now` (ms) gets a line: how many before it got none, or undefined for no line. */
  count(now: number): number | undefined {
    if (now - this.since >= minuteMs || now < this.since) [this.since, this.noted] = [now, 0];
    if (this.noted >= mostPerMinute) {
      this.missed++;
      return undefined;
    }
    this.noted++;
    const { missed } = this;
    this.missed = 0;
    return missed;
  }
}
