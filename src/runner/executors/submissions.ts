import type { Handle } from './executor.ts';

/** The tasks that are being started. Who submits one of them again waits for the same start. */
export class Submissions {
  private readonly starting = new Map<string, Promise<Handle>>();

  once(id: string, start: () => Promise<Handle>): Promise<Handle> {
    let started = this.starting.get(id);
    if (!started) {
      started = start();
      this.starting.set(id, started);
      started.catch(() => {}).finally(() => this.starting.delete(id));
    }
    return started;
  }
}
