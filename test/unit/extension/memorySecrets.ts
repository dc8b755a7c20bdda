import { Emitter } from '../../../src/base/event.ts';

/** The editor's store of secrets, as several windows have it: each is told of what another writes. */
export class MemorySecrets {
  readonly kept = new Map<string, string>();
  reads = 0;
  private readonly changes = new Emitter<{ key: string }>();
  readonly onDidChange = this.changes.event;

  async get(key: string): Promise<string | undefined> {
    this.reads++;
    return this.kept.get(key);
  }

  async store(key: string, value: string): Promise<void> {
    this.kept.set(key, value);
    this.changes.fire({ key });
  }
}
