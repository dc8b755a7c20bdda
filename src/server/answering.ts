import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** The requests that are being answered. */
export class Answering {
  private readonly open = new Set<ServerResponse>();
  private isEnding = false;
  private settle: () => void = () => {};

  begin(response: ServerResponse): void {
    this.open.add(response);
    if (this.isEnding) response.shouldKeepAlive = false;
    response.once('close', () => {
      this.open.delete(response);
      if (this.open.size === 0) this.settle();
    });
  }

  /** Settles when all are answered, or after so many milliseconds. Who keeps a connection is told not to ask over it again. */
  async over(ms: number): Promise<void> {
    this.isEnding = true;
    if (this.open.size === 0) return;
    for (const response of this.open) response.shouldKeepAlive = false;
    const all = new Promise<void>((resolve) => {
      this.settle = resolve;
    });
    const answered = new AbortController();
    await Promise.race([all, pause(ms, undefined, { signal: answered.signal, ref: false }).catch(() => {})]);
    answered.abort();
  }
}
